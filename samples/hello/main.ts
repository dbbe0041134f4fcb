/** A tour of what a handler can return, throw and take: start it with `npm start`. */
import {
  abort,
  bootstrap,
  Controller,
  DECLINED,
  ErrorHandler,
  Get,
  HttpState,
  Post,
  redirect,
  reply,
  Route,
  urlFor,
  type Request,
} from 'obol';

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
    const links = ['/json', '/stream', '/user/smith', '/smith/42', '/link', '/boom', '/nowhere'];
    return `<h1>Hello, world!</h1><ul>${links.map((path) => `<li><a href="${path}">${path}</a>`).join('')}</ul>`;
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

const app = await bootstrap({ controllers: [HelloController] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}\n\n${app.routes}`);
