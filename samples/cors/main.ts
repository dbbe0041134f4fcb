/** An API that pages of one other origin may use, and such a page: `npm run sample -- cors`. */
import 'reflect-metadata';
import { bootstrap, Controller, Get, Put, reply, type Request } from 'obol';
import { cors } from 'obol/cors';
import { htmlPage } from 'obol/page';
import { requestId } from 'obol/request-id';

let apiUrl = '';

@Controller()
class PageController {
  @Get('/')
  page(req: Request) {
    const nonce = req.cspNonce;
    const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; img-src data:; connect-src ${apiUrl}`;
    return reply(pageOf(nonce), { headers: { 'Content-Security-Policy': policy } });
  }
}

const pageOf = (nonce: string): string =>
  htmlPage({
    title: 'Notes of another origin',
    main: `<p>A script of this page asks the API at <code>${apiUrl}</code>, which is of another origin and lets this one in.</p>
<pre id="log"></pre>
<script type="module" nonce="${nonce}">
  const log = (...parts) => document.querySelector('#log').append(parts.join(' '), '\\n');
  const ask = async (path, init) => {
    const response = await fetch('${apiUrl}' + path, init);
    log(init?.method ?? 'GET', path, response.status, await response.text());
    return response.headers.get('X-Request-Id');
  };
  const headers = { 'Content-Type': 'application/json' };
  await ask('/notes/1', { method: 'PUT', headers, body: '"buy bread"' });
  await ask('/notes/1');
  log('The id of the answer was', await ask('/nowhere'));
</script>`,
  });

@Controller('/notes')
class NotesController {
  readonly #notes = new Map<number, unknown>();

  @Get('/<id:int>')
  show(_req: Request, id: number) {
    return { note: this.#notes.get(id) };
  }

  @Put('/<id:int>')
  keep(req: Request, id: number) {
    this.#notes.set(id, req.json);
    return { kept: id };
  }
}

const host = process.env['HOST'] ?? '127.0.0.1';
const page = await bootstrap({ controllers: [PageController] });
const { url } = await page.listen({ port: Number(process.env['PORT'] ?? 8080), host });
const api = await bootstrap({
  controllers: [NotesController],
  features: [requestId(), cors({ origins: [url], exposedHeaders: ['X-Request-Id'] })],
});
apiUrl = (await api.listen({ port: 0, host })).url;
console.log(`Listening on ${url}\nThe API is at ${apiUrl}`);
