/** A tour of routes, forms, answers and errors: `npm run sample -- simple`. */
import {
  abort,
  AfterResponse,
  BeforeResponse,
  bootstrap,
  Controller,
  Data,
  ErrorHandler,
  FileResponse,
  GeneratorResponse,
  Get,
  HttpState,
  Json,
  METHOD_GET_POST,
  NotModifiedResponse,
  Post,
  reply,
  Response,
  Route,
  type Request,
} from 'obol';
import { unicodes } from '../partial/unicodes.js';
import { describeHeaders } from '../simple-json/headers.js';
import { formPage, indexPage, missingPage, uploadPage, variablePage, type ShownFile } from './page.js';
import { StorageFactory } from './storage.js';

/** What the filter `email`, registered below, gives to handlers. */
declare module 'obol' {
  interface PathFilters {
    email: string;
  }
}

const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data'];
const LETTERS = 'ěščřžýáíéů'.repeat(10);

class ValueError extends Error {}
class MyValueError extends ValueError {}

function* lines() {
  for (let i = 0; i < 10; i++) yield `line ${i}\n`;
}

@Controller()
class SimpleController {
  @Get('/')
  index(req: Request) {
    return indexPage(req);
  }

  @Get('/favicon.ico')
  favicon() {
    return new FileResponse(new URL('favicon.ico', import.meta.url), {
      contentType: 'image/vnd.microsoft.icon',
    });
  }

  @Get('/style.css')
  style() {
    return new FileResponse(new URL('style.css', import.meta.url));
  }

  /** Which of the paths it was decides the most specific filter. A client that knows the ETag gets 304. */
  @Get('/test/static')
  @Get('/test/<variable:int>')
  @Get('/test/<variable:float>')
  @Get('/test/<variable:word>')
  @Get('/test/<variable:uuid>')
  @Get('/test/<variable:email>')
  variable(req: Request, variable: string | number | null = null) {
    const html = variablePage(req, variable === null ? 'Static' : 'Variable', [
      ['type', typeof variable],
      ['value', String(variable)],
      ['route', req.route?.path ?? ''],
    ]);
    return reply(html, { headers: { ETag: 'W/"0123"' } });
  }

  @Get('/test/<v0>/<v1>/<v2>')
  @Get('/test/<variable:re:.*>')
  variables(req: Request, ...values: string[]) {
    const names = Object.keys(req.params);
    return variablePage(req, 'Variables', [
      ['count', String(values.length)],
      ['route', req.route?.path ?? ''],
      ...values.map((value, i) => [names[i] ?? '', value] as const),
    ]);
  }

  @Get('/test/headers')
  headers(req: Request) {
    return describeHeaders(req);
  }

  @Get('/test/empty')
  empty() {
    return reply(null, { headers: { 'Super-Header': 'SuperValue' } });
  }

  @Get('/test/partial/unicodes')
  partialUnicodes(req: Request) {
    return unicodes(req, LETTERS);
  }

  @Get('/test/partial/empty')
  partialEmpty() {
    return new Response().makePartial();
  }

  @Get('/test/partial/generator')
  partialGenerator() {
    return new GeneratorResponse(lines(), { contentType: 'text/plain', length: 70 }).makePartial();
  }

  @Get('/yield')
  yield() {
    return reply(lines(), 'text/plain');
  }

  /** Sends back what comes, as it comes. */
  @Data(false)
  @Json(false)
  @Post('/yield')
  echo(req: Request) {
    return reply(req.stream, 'text/plain');
  }

  @Get('/simple')
  simple() {
    return new FileResponse(new URL(import.meta.url), { contentType: 'text/plain; charset=utf-8' });
  }

  @Get('/none')
  none() {
    return null;
  }

  @Get('/bad-request')
  badRequest() {
    throw new MyValueError('What was asked for has no meaning');
  }

  @Get('/forbidden')
  forbidden() {
    abort(403);
  }

  @Get('/not-modified')
  notModified() {
    abort(new NotModifiedResponse({ etag: '"012"' }));
  }

  @Get('/not-implemented')
  notImplemented() {
    abort(501);
  }

  @Get('/internal-server-error')
  internalServerError() {
    throw new Error('No handler takes this');
  }

  /** For errors of the class and those derived from it. */
  @ErrorHandler(ValueError)
  onValueError(_req: Request, error: ValueError) {
    abort(400, error.message);
  }

  @HttpState(404)
  missing(req: Request) {
    return missingPage(req);
  }

  /** Browsers show it among the timings of the request. */
  @AfterResponse()
  addTiming(req: Request, res: Response) {
    res.headers.set('Server-Timing', `app;dur=${Date.now() - req.startTime}`);
  }
}

/** Reads its forms itself, since `autoForm` is off; its hook runs for no other paths than those below its prefix. */
@Controller('/test')
class FormController {
  readonly #storage = new StorageFactory(process.env['UPLOAD'] ?? './upload');

  @BeforeResponse()
  async readForm(req: Request) {
    if (FORM_TYPES.includes(req.mimeType)) {
      await req.readForm({ fileCallback: this.#storage.fileCallback(req) });
    }
  }

  @Route('/form', METHOD_GET_POST)
  form(req: Request) {
    return formPage(req);
  }

  @Route('/upload', METHOD_GET_POST)
  async upload(req: Request) {
    const files: ShownFile[] = [];
    for (const file of req.form.files) {
      const { name, filename, type, length } = file;
      const text = await this.#storage.take(file);
      const facts = Object.entries({ field: name, type, length: `${length} bytes` });
      files.push({ filename, facts, text });
    }
    return uploadPage(req, files);
  }
}

const app = await bootstrap({
  controllers: [SimpleController, FormController],
  debug: true,
  documentRoot: '.',
  documentIndex: true,
  autoForm: false,
  filters: { email: { pattern: /[\w.-]+@[\w.-]+/ } },
});
const server = await app.listen({
  port: Number(process.env['PORT'] ?? 8080),
  host: process.env['HOST'] ?? '127.0.0.1',
});
console.log(`Listening on ${server.url}\n\n${app.routes}`);
