/** From an error to the answer: error handlers, state handlers, pages. */
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import {
  abort,
  AfterResponse,
  BeforeResponse,
  Controller,
  Data,
  DECLINED,
  ErrorFormat,
  ErrorHandler,
  Get,
  HttpError,
  HttpState,
  Post,
  METHOD_ALL,
  Put,
  redirect,
  reply,
  Response,
  Route,
  TextResponse,
  type Middleware,
  type Request,
} from 'obol';
import { ContentTooLarge, NotFound } from 'obol/errors';
import { start } from '../support/client.js';

class Boom extends Error {}
class SmallBoom extends Boom {}
class PaymentRequired extends HttpError {
  constructor() {
    super(402, 'Pay first', { headers: { 'X-Price': '5' } });
  }
}

@Controller()
class ThrowingController {
  @Get('/crash') crash() {
    throw new Error('secret');
  }
  @Get('/reject') async reject() {
    await Promise.resolve();
    throw new Error('later');
  }
  @Get('/string') string() {
    throw 'text'; // oxlint-disable-line typescript/only-throw-error -- users do
  }
  @Get('/null') none() {
    throw null; // oxlint-disable-line typescript/only-throw-error -- users do
  }
  @Get('/undefined') nothing() {
    throw undefined; // oxlint-disable-line typescript/only-throw-error -- users do
  }
  @Get('/response') response() {
    throw new TextResponse('thrown', { status: 418 }); // oxlint-disable-line typescript/only-throw-error
  }
  @Get('/abort/<status:int>') abort(_req: Request, status: number) {
    abort(status);
  }
  @Get('/abort-detail') detail() {
    abort(409, 'Somebody was faster');
  }
  @Get('/abort-response') abortResponse() {
    abort(new TextResponse('ready', { status: 206 }));
  }
  @Get('/abort-declined') abortDeclined() {
    abort(DECLINED);
  }
  @Get('/redirect') redirect() {
    redirect('/elsewhere', { status: 303, headers: { 'X-R': '1' } });
  }
  @Get('/moved') moved() {
    redirect(new URL('http://localhost/new'), { permanent: true });
  }
  @Get('/retry') retry() {
    throw new HttpError(503, 'internal detail', { headers: { 'Retry-After': '9', 'X-Two': ['a', 'b'] } });
  }
  @Get('/shown') shown() {
    throw new HttpError(500, 'may be read', { expose: true });
  }
}

class PersonMissing extends NotFound {}

describe('a crash', () => {
  test('is one log line and a plain page with 500', async () => {
    const { client, logger } = await start(ThrowingController);
    const response = await client.get('/crash');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(logger.errors).toHaveLength(1);
    expect(logger.errors[0]).toMatch(/^GET \/crash \(ThrowingController\.crash\): Error: secret \| at /);
    expect(logger.errors[0]).not.toContain('\n');
  });

  test.each([
    ['/reject', 'GET /reject (ThrowingController.reject): Error: later'],
    ['/string', "GET /string (ThrowingController.string): thrown 'text'"],
    ['/null', 'GET /null (ThrowingController.none): thrown null'],
    ['/undefined', 'GET /undefined (ThrowingController.nothing): thrown undefined'],
  ])('of %s is logged with what was thrown', async (path, line) => {
    const { client, logger } = await start(ThrowingController);
    expect((await client.get(path)).status).toBe(500);
    expect(logger.errors).toEqual([expect.stringContaining(line)]);
  });

  test('shows its stack to the client in debug mode', async () => {
    const { client } = await start(ThrowingController, { debug: true });
    const html = await (await client.get('/crash', { headers: { Accept: 'text/html' } })).text();
    expect(html).toContain('<pre>Error: secret');
    const json = await (await client.get('/crash', { headers: { Accept: 'application/json' } })).json();
    expect(json).toMatchObject({ debug: expect.stringContaining('Error: secret') });
    const text = await (await client.get('/crash', { headers: { Accept: 'text/plain' } })).text();
    expect(text).toContain('500 Internal Server Error\n\nError: secret\n    at ');
  });
});

describe('a thrown answer', () => {
  test.each([
    ['/response', 418, 'thrown'],
    ['/abort-response', 206, 'ready'],
  ])('of %s is sent as it is', async (path, status, body) => {
    const { client, logger } = await start(ThrowingController);
    const response = await client.get(path);
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(logger.errors).toEqual([]);
  });

  test('redirects', async () => {
    const { client } = await start(ThrowingController);
    const response = await client.get('/redirect');
    expect([response.status, response.headers.get('location')]).toEqual([303, '/elsewhere']);
    expect(response.headers.get('x-r')).toBe('1');
    expect((await client.get('/moved')).status).toBe(301);
  });

  test('declines', async () => {
    const { client } = await start(ThrowingController);
    await expect(client.get('/abort-declined')).rejects.toThrow(
      'The connection was closed without an answer',
    );
  });

  test.each([200, 204, 205, 304, 400, 402, 409, 418, 429, 451, 499, 503, 599])(
    'of status %i has that status',
    async (status) => {
      const { client, logger } = await start(ThrowingController);
      expect((await client.get(`/abort/${status}`)).status).toBe(status);
      expect(logger.errors).toEqual([]);
    },
  );

  test.each([99, 100, 600, -1])('of status %i is a mistake of the program', async (status) => {
    const { client, logger } = await start(ThrowingController);
    expect((await client.get(`/abort/${status}`)).status).toBe(500);
    expect(logger.errors[0]).toContain(
      `ObolError [E_STATUS]: ${status} is not a status that a response can have; use 200 to 599.`,
    );
  });

  test('204 has neither content nor type', async () => {
    const { client } = await start(ThrowingController);
    const response = await client.get('/abort/204');
    expect(await response.text()).toBe('');
    expect(response.headers.has('content-type')).toBe(false);
  });

  test('carries the headers of its error', async () => {
    const { client } = await start(ThrowingController);
    const response = await client.get('/retry', { headers: { Accept: 'text/plain' } });
    expect(response.headers.get('retry-after')).toBe('9');
    expect(response.headers.getAll('x-two')).toEqual(['a', 'b']);
    expect(await response.text()).toBe('503 Service Unavailable\n');
  });

  test('shows its detail below 500, or when it may be read', async () => {
    const { client } = await start(ThrowingController);
    const accept = { headers: { Accept: 'text/plain' } };
    expect(await (await client.get('/abort-detail', accept)).text()).toBe('409 Somebody was faster\n');
    expect(await (await client.get('/shown', accept)).text()).toBe('500 may be read\n');
  });
});

const MARKED = new HttpError(401, 'Who are you?', { headers: { 'WWW-Authenticate': 'Basic' } });
let stateCalls = 0;

@Controller()
class StatesController {
  @HttpState(404) missing(req: Request) {
    return { missing: req.path };
  }
  @HttpState(410) gone() {
    return reply('found after all', { status: 200 });
  }
  @HttpState(500) crashed(_req: Request, error: HttpError) {
    return `sorry: ${(error.cause as Error).message}`;
  }
  @HttpState(409) none() {
    return null;
  }
  @HttpState(401) async who(_req: Request, error: HttpError) {
    return reply(await Promise.resolve(error.message), 'text/plain');
  }
  @HttpState(403) own() {
    return new TextResponse('own', { status: 200 });
  }
  @HttpState(501) unknown(req: Request) {
    return `no ${req.method}`;
  }
  @HttpState(400, 'POST') posted() {
    return 'bad post';
  }
  @HttpState(418) broken() {
    stateCalls++;
    throw new Error('state handler crashed');
  }
  @HttpState(420) async brokenLater() {
    await Promise.resolve();
    throw new Error('state handler crashed later');
  }
  @HttpState(421) unusable() {
    return new Map();
  }
  @HttpState(422) other() {
    abort(409);
  }
  @HttpState(423) away() {
    redirect('/login');
  }
  @Route('/abort/<status:int>', METHOD_ALL) abort(_req: Request, status: number) {
    abort(status);
  }
  @Get('/auth') auth() {
    throw MARKED;
  }
  @Get('/crash') crash() {
    throw new Error('oops');
  }
}

let calls = 0;

@Controller()
class CrashingStatesController {
  @Get('/abort/<status:int>') abort(_req: Request, status: number) {
    abort(status);
  }
  @HttpState(409) atOnce() {
    throw new Error('at once');
  }
  @HttpState(410) async later() {
    await Promise.resolve();
    throw new Error('later');
  }
  @HttpState(411) status() {
    abort(500);
  }
  @HttpState(412) unusable() {
    return new Map();
  }
  @HttpState(413) *stream() {
    yield* [];
    throw new Error('in the first chunk');
  }
  @HttpState(500) last() {
    calls++;
    throw new Error('the last one crashed');
  }
}

describe('a state handler', () => {
  test.each([
    ['/nowhere', 404, '{"missing":"/nowhere"}'],
    ['/abort/410', 200, 'found after all'],
    ['/crash', 500, 'sorry: oops'],
    ['/abort/409', 409, ''],
    ['/auth', 401, 'Who are you?'],
    ['/abort/403', 200, 'own'],
  ])('of %s gives a plain value its status unless it says otherwise', async (path, status, body) => {
    const { client } = await start(StatesController);
    const response = await client.get(path);
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test('keeps the headers of the error', async () => {
    const { client } = await start(StatesController);
    expect((await client.get('/auth')).headers.get('www-authenticate')).toBe('Basic');
  });

  test('answers methods that no route can have', async () => {
    const { client } = await start(StatesController);
    const response = await client.request('/crash', { method: 'BREW' });
    expect([response.status, await response.text()]).toEqual([501, 'no BREW']);
  });

  test('answers only its methods', async () => {
    const { client } = await start(StatesController);
    expect(await (await client.post('/abort/400')).text()).toBe('bad post');
    expect(await (await client.get('/abort/400')).text()).toContain('"title":"Bad Request"');
  });

  test('that crashes is answered by the handler of 500, and is not called again', async () => {
    const { client, logger } = await start(StatesController);
    stateCalls = 0;
    const response = await client.get('/abort/418');
    expect(await response.text()).toBe('sorry: state handler crashed');
    expect([response.status, stateCalls, logger.errors.length]).toEqual([500, 1, 1]);
  });

  test.each([
    ['at once', 409],
    ['later', 410],
    ['with a status of 500', 411],
    ['by a value that cannot be sent', 412],
    ['in the first chunk of its stream', 413],
  ])(
    'that fails %s is answered by the handler of 500, which is called once, even when it fails too',
    async (_, status) => {
      const { client, logger } = await start(CrashingStatesController);
      calls = 0;
      const response = await client.get(`/abort/${status}`);
      expect([response.status, calls]).toEqual([500, 1]);
      expect(await response.text()).toContain('"title":"Internal Server Error"');
      expect(logger.errors.at(-1)).toContain('the last one crashed');
    },
  );

  test.each([
    ['/abort/420', 500, 'state handler crashed later'],
    [
      '/abort/421',
      500,
      'What StatesController.unusable returned cannot be sent: a Map cannot become a response.',
    ],
  ])('of %s that fails is logged', async (path, status, line) => {
    const { client, logger } = await start(StatesController);
    expect((await client.get(path)).status).toBe(status);
    expect(logger.errors).toEqual([expect.stringContaining(line)]);
  });

  test('that throws a status or a response is answered with it, no other handler asked', async () => {
    const { client, logger } = await start(StatesController);
    const aborted = await client.get('/abort/422');
    expect([aborted.status, await aborted.text()]).toEqual([
      409,
      expect.stringContaining('"title":"Conflict"'),
    ]);
    expect((await client.get('/abort/423')).headers.get('location')).toBe('/login');
    expect(logger.errors).toEqual([]);
  });
});

@Controller()
class StatusClassesController {
  @Get('/<how>') fail(_req: Request, how: string) {
    if (how === 'class') throw new NotFound('by class');
    if (how === 'status') abort(404, 'by status');
    if (how === 'own') throw new PersonMissing('of its own');
    if (how === 'body') throw new ContentTooLarge(5);
    throw inRealm(how);
  }
  @ErrorHandler(PersonMissing) person(_req: Request, error: PersonMissing) {
    return `person ${error.message}`;
  }
  @ErrorHandler(NotFound) missing(_req: Request, error: NotFound) {
    return `missing ${error.message}`;
  }
  @ErrorHandler(TypeError) type(_req: Request, error: TypeError) {
    return `type ${error.message}`;
  }
  @ErrorHandler(Error) any(_req: Request, error: Error) {
    return `any ${error.message}`;
  }
}

const inRealm = (code: string): unknown => runInNewContext(`try { ${code} } catch (error) { error }`);

@Controller('/html')
@ErrorFormat('html')
class HtmlErrorsController {
  @Get('/class') ofClass() {
    abort(409);
  }
  @Get('/method') @ErrorFormat('text') ofMethod() {
    abort(409);
  }
  @Post('/body') body() {
    return 'x';
  }
}

@Controller('/html/text')
@ErrorFormat('text')
class TextErrorsController {
  @Get('/') page() {
    return 'x';
  }
}

@Controller('/html/below')
class PlainErrorsController {
  @Get('/crash') crash() {
    throw new Error('x');
  }
}

describe('what the host refuses in place of a response', () => {
  const given = (): Response =>
    new Response('0123456789', {
      headers: { ETag: '"v1"', 'Set-Cookie': 'seen=1', 'X-Own': 'yes', Vary: 'Accept-Language' },
    }).makePartial();

  @Controller()
  class Pages {
    @Get('/digits') digits() {
      return given();
    }
    @Get('/later') async digitsLater() {
      await Promise.resolve();
      return given();
    }
    @HttpState(416) unsatisfiable(req: Request, error: HttpError) {
      return { asked: req.path, status: error.status };
    }
    @HttpState(412) async changed() {
      await Promise.resolve();
      return reply('changed', 'text/plain', { 'X-Own': 'handler', 'Set-Cookie': 'state=1' });
    }
  }

  @Controller('/below')
  class Below {
    @Get('/digits') digits() {
      return given();
    }
    @HttpState(412) *stream() {
      yield 'nearest';
    }
    @HttpState(416) whole() {
      return new TextResponse('all the same', { headers: { ETag: '"v1"' } });
    }
  }

  const RANGE = { Range: 'bytes=99-' };
  const CONDITION = { 'If-Match': '"v0"' };

  test.each([
    ['a range', '/digits', RANGE, [416, '{"asked":"/digits","status":416}']],
    ['a range of what comes later', '/later', RANGE, [416, '{"asked":"/later","status":416}']],
    ['a condition, later', '/digits', CONDITION, [412, 'changed']],
    ['a condition, by a stream, nearest first', '/below/digits', CONDITION, [412, 'nearest']],
    ['both, of which the condition is first', '/digits', { ...RANGE, ...CONDITION }, [412, 'changed']],
    [
      'a range, by a status of its own',
      '/below/digits',
      { ...RANGE, ...CONDITION, 'If-Match': '*' },
      [200, 'all the same'],
    ],
  ])('is answered by the state handler of %s', async (_, path, headers, expected) => {
    const response = await (await start([Pages, Below])).client.get(path, { headers });
    expect([response.status, await response.text()]).toEqual(expected);
  });

  test('has the headers of the response that are not about its content', async () => {
    const response = await (await start([Pages])).client.get('/digits', { headers: CONDITION });
    const head = ['X-Own', 'ETag', 'Vary', 'Accept-Ranges'].map((name) => response.headers.get(name));
    expect(head).toEqual(['handler', '"v1"', 'Accept-Language', undefined]);
    expect(response.headers.getAll('Set-Cookie')).toEqual(['state=1', 'seen=1']);
  });

  test('says how long what was asked for is', async () => {
    const response = await (await start([Pages])).client.get('/digits', { headers: RANGE });
    expect(response.headers.get('Content-Range')).toBe('bytes */10');
  });

  test('is answered by the handler of the class of its error', async () => {
    @Controller()
    class Handling {
      @Get('/digits') digits() {
        return given();
      }
      @ErrorHandler(HttpError) any(_req: Request, { status }: HttpError) {
        return reply(`class ${String(status)}`, { status });
      }
    }
    const response = await (await start([Handling])).client.get('/digits', { headers: RANGE });
    expect([response.status, await response.text()]).toEqual([416, 'class 416']);
  });

  test.each([
    ['fails', () => { throw new Error('the handler fails'); }, 500], // prettier-ignore
    ['refuses', () => { throw new HttpError(403); }, 403], // prettier-ignore
  ])('is the ordinary page where a handler of it %s', async (_, handler, status) => {
    const { app, client } = await start([Pages]);
    app.table.states.add(416, handler, { prefix: '/digits' });
    expect((await client.get('/digits', { headers: RANGE })).status).toBe(status);
  });

  test('is what a feature makes of it, and a crash of that is a plain 500', async () => {
    const stamps: Middleware = async (req, next) => stamped(await next(req));
    const stamped = (response: Response): Response => {
      response.headers.set('X-Stamp', '1');
      return response;
    };
    const crashes: Middleware = () => {
      throw new Error('the feature fails');
    };
    const stamping = await start([Pages], { features: [{ refusals: [stamps] }] });
    const response = await stamping.client.get('/digits', { headers: RANGE });
    expect([response.status, response.headers.get('X-Stamp')]).toEqual([416, '1']);
    const { client, logger } = await start([Pages], { features: [{ refusals: [crashes] }] });
    expect((await client.get('/digits', { headers: RANGE })).status).toBe(500);
    expect(logger.errors).toEqual([expect.stringContaining('the feature fails')]);
  });

  test('is nothing where the handler declines', async () => {
    @Controller()
    class Declining {
      @Get('/digits') digits() {
        return given();
      }
      @HttpState(416) none() {
        return DECLINED;
      }
    }
    const asked = (await start([Declining])).client.get('/digits', { headers: RANGE });
    await expect(asked).rejects.toThrow('closed without an answer');
  });
});

describe('errors are shown', () => {
  test.each([
    ['GET', '/html/class', '*/*', 'text/html; charset=utf-8'],
    ['GET', '/html/class', 'application/json', 'application/problem+json'],
    ['GET', '/html/method', '*/*', 'text/plain; charset=utf-8'],
    ['GET', '/html/method', 'text/html', 'text/html; charset=utf-8'],
    ['POST', '/html/body', '*/*', 'text/html; charset=utf-8'],
    ['GET', '/html', '*/*', 'text/html; charset=utf-8'],
    ['GET', '/html/nothing', '*/*', 'text/html; charset=utf-8'],
    ['GET', '/html/nothing', 'text/plain', 'text/plain; charset=utf-8'],
    ['DELETE', '/html/class', '*/*', 'text/html; charset=utf-8'],
    ['GET', '/html/text/nothing', '*/*', 'text/plain; charset=utf-8'],
    ['GET', '/html/below/crash', '*/*', 'application/problem+json'],
    ['GET', '/htmlx', '*/*', 'application/problem+json'],
    ['GET', '/elsewhere', '*/*', 'application/problem+json'],
  ])('to %s %s with Accept %s as %s', async (method, path, accept, type) => {
    const { client } = await start([HtmlErrorsController, TextErrorsController, PlainErrorsController]);
    const headers = { Accept: accept, 'Content-Type': 'application/json' };
    const response = await client.request(path, { method, headers, ...(method === 'POST' && { body: '{' }) });
    expect([response.ok, response.headers.get('content-type')]).toEqual([false, type]);
  });

  test.each(['json', '', undefined])('in no format %j', (format) => {
    expect(() => ErrorFormat(format as 'html')).toThrow(expect.objectContaining({ code: 'E_SETTING' }));
  });
});

describe('an error handler answers', () => {
  test.each([
    ['class', 404, 'missing by class'],
    ['status', 404, 'missing by status'],
    ['own', 404, 'person of its own'],
    ['body', 413, 'any The body is larger than 5 bytes'],
    ["throw new Error('of Node')", 500, 'any of Node'],
    ["throw new TypeError('of Node')", 500, 'type of Node'],
    ["throw new (class Own extends TypeError {})('of Node')", 500, 'type of Node'],
    ["throw new RangeError('of Node')", 500, 'any of Node'],
    ['null.x', 500, "type Cannot read properties of null (reading 'x')"],
  ])('%s, of whatever realm and however made', async (how, status, text) => {
    const { client } = await start(StatusClassesController);
    const response = await client.get(`/${encodeURIComponent(how)}`);
    expect([response.status, await response.text()]).toEqual([status, text]);
  });

  test.each([
    ['{ name: "Error" }'],
    ['"Error"'],
    ['Object.create({ constructor: { name: "Error" } })'],
    ['null'],
  ])('no %s, which is none', async (code) => {
    const { client } = await start(StatusClassesController);
    const response = await client.get(`/${encodeURIComponent(`throw ${code}`)}`);
    expect([response.status, await response.text()]).toEqual([500, expect.not.stringMatching(/^any /)]);
  });
});

@Controller()
class ErrorsController {
  @ErrorHandler(SmallBoom) small(_req: Request, error: SmallBoom) {
    return reply(error.message, 'text/plain', {}, 400);
  }
  @ErrorHandler(Boom) big(_req: Request, error: Boom) {
    return error.message;
  }
  @ErrorHandler(PaymentRequired) pay() {
    return 'pay please';
  }
  @ErrorHandler(TypeError) async types() {
    await Promise.resolve();
    throw new PaymentRequired();
  }
  @ErrorHandler(RangeError) ranges() {
    throw new Error('handler crashed');
  }
  @ErrorHandler(SyntaxError) syntax() {
    redirect('/help');
  }
  @ErrorHandler(EvalError, 'POST') posted() {
    return 'posted';
  }
  @HttpState(402) state() {
    return 'state 402';
  }
  @HttpState(500) crashed(_req: Request, error: HttpError) {
    return `500 of ${(error.cause as Error).message}`;
  }
  @Route('/throw/<name>', ['GET', 'POST', 'PUT']) throw(_req: Request, name: string) {
    const kinds: Record<string, () => Error> = {
      small: () => new SmallBoom('small'),
      big: () => new Boom('big'),
      pay: () => new PaymentRequired(),
      type: () => new TypeError('t'),
      range: () => new RangeError('r'),
      syntax: () => new SyntaxError('s'),
      eval: () => new EvalError('e'),
    };
    throw kinds[name]?.() ?? new Error('unknown');
  }
}

describe('an error handler', () => {
  test.each([
    ['/throw/small', 400, 'small'],
    ['/throw/big', 500, 'big'],
    ['/throw/pay', 402, 'pay please'],
    ['/throw/type', 402, 'state 402'],
    ['/throw/range', 500, '500 of handler crashed'],
    ['/throw/eval', 500, '500 of e'],
    ['/throw/other', 500, '500 of unknown'],
  ])('of %s answers %i %s', async (path, status, body) => {
    const { client } = await start(ErrorsController);
    const response = await client.get(path);
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  test('answers only its methods', async () => {
    const { client } = await start(ErrorsController);
    expect(await (await client.post('/throw/eval')).text()).toBe('posted');
  });

  test('logs nothing for what it handles, and its own crash once', async () => {
    const { client, logger } = await start(ErrorsController);
    await client.get('/throw/big');
    expect(logger.errors).toEqual([]);
    await client.get('/throw/range');
    expect(logger.errors).toEqual([expect.stringContaining('Error: handler crashed')]);
  });

  test('may throw a response', async () => {
    const { client } = await start(ErrorsController);
    expect((await client.get('/throw/syntax')).headers.get('location')).toBe('/help');
  });

  test('of an HTTP error keeps its headers', async () => {
    const { client } = await start(ErrorsController);
    expect((await client.get('/throw/pay')).headers.get('x-price')).toBe('5');
  });
});

@Controller()
class CatchAllController {
  @ErrorHandler(HttpError) all(_req: Request, error: HttpError) {
    return { status: error.status };
  }
  @Get('/') index() {
    return 'index';
  }
}

test('an error handler of HttpError answers what Obol itself would, 405 with Allow', async () => {
  const { client } = await start(CatchAllController);
  const response = await client.post('/');
  expect([response.status, await response.json()]).toEqual([405, { status: 405 }]);
  expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  expect((await client.get('/nowhere')).status).toBe(404);
});

@Controller()
class BeforeController {
  @BeforeResponse() stop(req: Request) {
    if (req.args.has('stop')) throw new Boom('stopped');
  }
  @AfterResponse() mark(_req: Request, res: Response) {
    res.headers.set('X-After', String(res.status));
  }
  @ErrorHandler(Boom) boom() {
    return 'boom';
  }
  @Get('/') index() {
    return 'index';
  }
}

test('after hooks run on errors too', async () => {
  const { client } = await start(BeforeController);
  expect((await client.get('/?stop=1')).headers.get('x-after')).toBe('500');
  expect((await client.get('/nowhere')).headers.get('x-after')).toBe('404');
  expect((await client.get('/%zz')).headers.get('x-after')).toBe('400');
});

@Controller()
class StreamController {
  @Data(false)
  @Put('/stream')
  async read(req: Request) {
    let length = 0;
    for await (const chunk of req.stream) length += (chunk as Buffer).length;
    return length;
  }
}

describe('a stream that breaks while its handler reads it', () => {
  const broken = (error: Error): AsyncGenerator<string> =>
    (async function* () {
      yield await Promise.resolve('some');
      throw error;
    })();

  test("is nobody's crash when the client left", async () => {
    const { client, logger } = await start(StreamController);
    const left = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    expect((await client.put('/stream', { body: broken(left) })).status).toBe(400);
    expect(logger.errors).toEqual([]);
  });

  test('is a crash when anything else went wrong', async () => {
    const { client, logger } = await start(StreamController);
    expect((await client.put('/stream', { body: broken(new Error('odd')) })).status).toBe(500);
    expect(logger.errors).toEqual([expect.stringContaining('Error: odd')]);
  });
});

test('a page template that fails is one line in the log, and a plain 500', async () => {
  const errorTemplate = (): never => {
    throw new RangeError('template');
  };
  const { client, logger } = await start(StreamController, { errorTemplate });
  const response = await client.get('/nowhere', { headers: { Accept: 'text/html' } });
  expect([response.status, await response.text()]).toEqual([500, '500 Internal Server Error\n']);
  expect(logger.errors).toEqual([expect.stringContaining('RangeError: template')]);
});
