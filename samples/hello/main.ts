/** A tour of what a handler can return, throw and take: start it with `npm start`. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  abort,
  bootstrap,
  Controller,
  DECLINED,
  ErrorHandler,
  escapeHtml,
  Get,
  HttpState,
  Post,
  redirect,
  reply,
  Route,
  urlFor,
  type RouteInfo,
  type Request,
} from 'obol';
import { htmlPage } from 'obol/page';

/** The file that you are reading, as seen from where the sample was started. */
const FILE = relative(process.cwd(), fileURLToPath(import.meta.url));

/** What the routes with parameters take, to be clicked. */
const EXAMPLES: Readonly<Record<string, string>> = {
  '/user/<name>': '/user/smith',
  '/<surname:word>/<age:int>': '/smith/42',
  '/hex/<n:re:[A-F\\d]+>': '/hex/FF',
};

class Greetings {
  hello(name: string): string {
    return `Hello, ${name}!`;
  }
}

class Boom extends Error {}

@Controller('', Greetings)
class HelloController {
  constructor(private readonly greetings: Greetings) {}

  @Get('/')
  index() {
    return htmlPage({
      title: 'Hello, world!',
      main: `<p>Obol is running. Edit <code>${escapeHtml(FILE)}</code>, start it again, and load this page anew.</p>
<h2>Routes</h2>
<table>
<thead><tr><th scope="col">Path</th><th scope="col">Methods</th></tr></thead>
<tbody>
${[...app.routes].map(routeRow).join('\n')}
</tbody>
</table>
<p>And <a href="/nowhere">/nowhere</a>, where no route is.</p>`,
    });
  }

  @Get('/bytes')
  bytes() {
    return Buffer.from('Hello, bytes!');
  }

  @Get('/json')
  json() {
    return { hello: 'world' };
  }

  @Get('/list')
  list() {
    return ['hello', 'world'];
  }

  @Get('/none')
  none() {
    return null;
  }

  @Get('/stream')
  *stream() {
    for (let i = 0; i < 5; i++) yield `line ${i}\n`;
  }

  @Get('/async-stream')
  async *asyncStream() {
    for (let i = 0; i < 5; i++) yield await Promise.resolve(`line ${i}\n`);
  }

  @Get('/reply')
  reply() {
    return reply('Hello, reply!', 'text/plain', { 'X-Attribute': 'hello world' }, 201);
  }

  @Get('/user/<name>')
  user(_req: Request, name: string) {
    return reply(`Hello, ${name}!`, 'text/plain');
  }

  @Route('/<surname:word>/<age:int>')
  person(_req: Request, surname: string, age: number) {
    return { surname, age };
  }

  @Get('/hex/<n:re:[A-F\\d]+>')
  hex(_req: Request, n: string) {
    return { hex: n, decimal: parseInt(n, 16) };
  }

  // A regular expression takes the whole path; its groups are the arguments, and those with a name are in req.params, too.
  @Get(/\/archive-(?<year>\d{4})(?:-(?<month>\d\d))?/)
  archive(_req: Request, year: string, month = 'all') {
    return { year, month };
  }

  @Get('/link')
  link(): unknown {
    return reply(urlFor(HelloController, 'person', 'smith', 42), 'text/plain');
  }

  @Post('/echo')
  echo(req: Request) {
    return req.json;
  }

  @Get('/boom')
  boom() {
    throw new Boom('the handler threw this');
  }

  @ErrorHandler(Boom)
  onBoom(_req: Request, error: Boom) {
    return reply(`Boom: ${error.message}`, { contentType: 'text/plain', status: 400 });
  }

  @Get('/broken')
  broken() {
    throw new Error('no handler takes this');
  }

  @Get('/gone')
  gone() {
    abort(410);
  }

  @Get('/old')
  old() {
    redirect('/');
  }

  @Get('/teapot')
  teapot() {
    return reply("I'm a teapot", { status: 418, contentType: 'text/plain' });
  }

  @Get('/decline')
  decline() {
    return DECLINED;
  }

  @Get('/injected')
  injected() {
    return reply(this.greetings.hello('injection'), 'text/plain');
  }

  @HttpState(404)
  missing(req: Request) {
    return { missing: req.path };
  }
}

/** A route that GET answers is a link. */
function routeRow({ methods, path, isExpression }: RouteInfo): string {
  const example = EXAMPLES[path] ?? (path.includes('<') || isExpression ? undefined : path);
  const isLink = example !== undefined && methods.includes('GET');
  const text = `<code>${escapeHtml(path)}</code>`;
  return `<tr><td>${isLink ? `<a href="${example}">${text}</a>` : text}</td><td>${methods.filter((method) => method !== 'HEAD').join(' ')}</td></tr>`;
}

const app = await bootstrap({ controllers: [HelloController] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}\n\n${app.routes}`);
