/** A document that people have written judges what comes and goes: `npm run sample -- openapi3`. */
import { randomBytes } from 'node:crypto';
import {
  abort,
  AfterResponse,
  bootstrap,
  Controller,
  createGuard,
  FileResponse,
  Get,
  HttpState,
  reply,
  Route,
  type HttpError,
  type Request,
  type Response,
} from 'obol';
import { cookieLogin, logIn, logins } from 'obol/auth';
import { openapiDocument } from 'obol/openapi';
import { htmlPage } from 'obol/page';

const DOCUMENT = new URL('openapi.json', import.meta.url);
const API_KEY = 'xxx';

const CheckLogin = createGuard('CheckLogin', () => (req) => {
  if (req.user === null) abort(401);
});
const CheckApiKey = createGuard('CheckApiKey', () => (req) => {
  if (req.headers.get('api-key') !== API_KEY) abort(401);
});

@Controller()
class DemoController {
  @Get('/')
  home() {
    return htmlPage({
      title: 'OpenAPI',
      head: '',
      main: `<p>A document, written by hand, judges what comes and what goes.</p>
<ul>
<li><a href="/openapi.json">The document</a></li>
<li><a href="/plain_text">Text</a></li>
<li><a href="/json/42">An argument as JSON</a></li>
<li><a href="/arg/3.14">An argument as a number</a></li>
</ul>`,
    });
  }

  @Get('/openapi.json')
  document() {
    return new FileResponse(DOCUMENT);
  }

  @Get('/plain_text')
  plainText() {
    return reply('Hello world', 'text/plain');
  }

  @Get('/response')
  response() {
    return {};
  }

  @Get('/json/<arg>')
  jsonArgument(_req: Request, arg: string) {
    return { arg };
  }

  @Route('/json', ['POST', 'PUT'])
  json(req: Request) {
    return reply({ message: 'I am a teapot', request: req.json }, { status: 418 });
  }

  @Get('/arg/<arg:int>')
  integer(_req: Request, arg: number) {
    return { arg };
  }

  @Get('/arg/<arg:float>')
  float(_req: Request, arg: number) {
    return { arg };
  }

  @Get('/arg/<arg:uuid>')
  uuid(_req: Request, arg: string) {
    return { arg };
  }

  @Get('/login')
  login(req: Request) {
    logIn(req, 'demo');
  }

  @Get('/check/login')
  @CheckLogin()
  checkLogin(req: Request) {
    return { user: req.user };
  }

  @Get('/check/api-key')
  @CheckApiKey()
  checkApiKey() {
    return { key: 'right' };
  }

  @Get('/internal-server-error')
  fail() {
    throw new Error('It fails, as it should');
  }

  @HttpState(400)
  @HttpState(401)
  @HttpState(404)
  @HttpState(405)
  @HttpState(413)
  @HttpState(415)
  @HttpState(500)
  refuse(_req: Request, error: HttpError) {
    return { error: error.expose ? error.message : 'Internal Server Error' };
  }

  @AfterResponse()
  allow(req: Request, response: Response) {
    if (req.method !== 'OPTIONS') return;
    response.headers.set('Access-Control-Allow-Origin', '*');
    response.headers.set('Access-Control-Allow-Methods', response.headers.get('allow') ?? '*');
    response.headers.set('Access-Control-Allow-Headers', 'API-Key, Content-Type');
  }
}

const app = await bootstrap({
  controllers: [DemoController],
  features: [logins(cookieLogin({ keys: [randomBytes(32)] })), openapiDocument(DOCUMENT)],
});
const { url } = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${url}`);
