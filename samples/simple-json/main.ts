/** JSON in and out: `npm run sample -- simple-json`. */
import {
  bootstrap,
  Controller,
  Get,
  JsonGeneratorResponse,
  METHOD_GET_POST,
  reply,
  Route,
  type Request,
} from 'obol';
import { htmlPage } from 'obol/page';
import { describeHeaders } from './headers.js';

const PATHS = [
  ['/test/json', 'JSON with the status 418; POST answers with what it gets'],
  ['/test/json-generator', 'the same, made while it is sent'],
  ['/test/headers', 'what the header fields of the request say'],
  ['/profile', 'a variable of the environment'],
  ['/timestamp', 'when the request came'],
  ['/unicode', 'text beyond ASCII'],
  ['/dict', 'an object'],
  ['/list', 'a list'],
] as const;

@Controller()
class JsonController {
  @Get('/')
  index() {
    const items = PATHS.map(([path, what]) => `<li><a href="${path}">${path}</a> ${what}</li>`);
    return htmlPage({ title: 'JSON in and out', main: `<ul>\n${items.join('\n')}\n</ul>` });
  }

  /** JSON bodies are parsed already, whether they came at once or in chunks. */
  @Route('/test/json', METHOD_GET_POST)
  json(req: Request) {
    return reply(
      { message: "I'm teapot :-)", numbers: [...range(5)], request: bodyOf(req) },
      { status: 418 },
    );
  }

  /** The same, made while it is sent: generators become arrays. */
  @Route('/test/json-generator', METHOD_GET_POST)
  jsonGenerator(req: Request) {
    return new JsonGeneratorResponse(
      { message: "I'm teapot :-)", numbers: range(5), request: bodyOf(req) },
      { status: 418 },
    );
  }

  @Get('/profile')
  profile() {
    return { PROFILE: process.env['PROFILE'] ?? null };
  }

  /** Written by hand, as JSON.stringify drops the fraction of a whole second. */
  @Get('/timestamp')
  timestamp(req: Request) {
    return reply(`{"timestamp": ${(req.startTime / 1000).toFixed(3)}}`, 'application/json');
  }

  /** JSON text of one's own is sent byte for byte. */
  @Get('/unicode')
  unicode() {
    return reply('{"name": "Ondřej Tůma"}', 'application/json');
  }

  @Get('/dict')
  dict() {
    return { route: '/dict', type: 'dict' };
  }

  @Get('/list')
  list() {
    return [
      ['key', 'value'],
      ['route', '/list'],
      ['type', 'list'],
    ];
  }

  @Get('/test/headers')
  headers(req: Request) {
    return describeHeaders(req);
  }
}

function* range(end: number) {
  for (let i = 0; i < end; i++) yield i;
}

/** The body; an empty object when there is none. */
function bodyOf({ json }: Request): unknown {
  return json === undefined ? {} : json;
}

const app = await bootstrap({ controllers: [JsonController] });
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}\n\n${app.routes}`);
