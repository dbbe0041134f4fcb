/** Parts of bytes, of generators, of files, and of units of one's own: `npm run sample -- partial`. */
import {
  bootstrap,
  Controller,
  escapeHtml,
  FileResponse,
  GeneratorResponse,
  Get,
  Response,
  type Request,
} from 'obol';
import { htmlPage } from 'obol/page';
import { unicodes } from './unicodes.js';

const BYTES = Buffer.from('0123456789'.repeat(10));
const LETTERS = 'αβγδεζηθικ'.repeat(10);

/** Path, what it is, and ranges worth asking for. */
const EXAMPLES: readonly (readonly [string, string, readonly string[]])[] = [
  ['/buffer', '100 bytes', ['bytes=0-9', 'bytes=-5', 'bytes=10-', 'bytes=0-0,50-59', 'bytes=100-']],
  ['/generator', 'ten lines made while they are sent', ['bytes=0-14', 'bytes=-15']],
  ['/file', 'the source of this sample', ['bytes=0-99', 'bytes=-100']],
  ['/unicodes', '100 characters', ['unicodes=50-99', 'unicodes=-3']],
  ['/empty', 'nothing, of which there is no part', ['bytes=0-99']],
];

@Controller()
class PartialController {
  @Get('/')
  index(req: Request) {
    const sections = EXAMPLES.map(([path, what, ranges]) => {
      const lines = ranges.map((range) => `curl -i -H 'Range: ${range}' ${req.constructUrl(path)}`);
      return `<h2><a href="${path}">${path}</a></h2>\n<p>${what}</p>\n<pre>${escapeHtml(lines.join('\n'))}</pre>`;
    });
    const intro = '<p>Parts of what is at an address: what a terminal may ask for with the field Range.</p>';
    return htmlPage({ title: 'Parts', main: [intro, ...sections].join('\n') });
  }

  /** With an entity tag a client can ask for the rest of what it has: `If-Range`. */
  @Get('/buffer')
  buffer() {
    return new Response(BYTES, { contentType: 'text/plain' }).makePartial().addEtag();
  }

  /** Of a stream there are parts when its length is known. */
  @Get('/generator')
  generator() {
    return new GeneratorResponse(lines(), { contentType: 'text/plain', length: 70 }).makePartial();
  }

  /** Files need nothing more. */
  @Get('/file')
  file() {
    return new FileResponse(new URL(import.meta.url), { contentType: 'text/plain; charset=utf-8' });
  }

  @Get('/unicodes')
  unicodes(req: Request) {
    return unicodes(req, LETTERS);
  }

  @Get('/empty')
  empty() {
    return new Response().makePartial();
  }
}

function* lines() {
  for (let i = 0; i < 10; i++) yield `line ${i}\n`;
}

const app = await bootstrap({ controllers: [PartialController] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}`);
