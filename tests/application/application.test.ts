/** The application: its middleware, the outer error position, and its life. */
import { describe, expect, test } from '@jest/globals';
import { inject } from 'tsyringe';
import {
  abort,
  AfterResponse,
  bootstrap,
  Controller,
  DECLINED,
  ErrorHandler,
  Get,
  HttpError,
  HttpState,
  makeResponse,
  reply,
  Response,
  TextResponse,
  type Feature,
  type Handler,
  type Middleware,
  type Request,
} from 'obol';
import { Application, type ApplicationParts } from '../../src/application/application.js';
import { ResponseError } from '../../src/message/abort.js';
import { request } from '../../src/hosts/testing/request.js';
import { TestClient } from '../../src/hosts/testing/test-client.js';
import { start } from '../support/client.js';
import { assemble } from '../../src/application/bootstrap.js';
import { collectingLogger } from '../support/collecting-logger.js';

@Controller()
class IndexController {
  @Get('/') index() {
    return 'index';
  }
  @Get('/async') async slow() {
    return Promise.resolve('slow');
  }
  @Get('/crash') crash() {
    throw new Error('crash');
  }
  @HttpState(403) forbidden() {
    return 'state 403';
  }
}

const seen: string[] = [];

function tracing(name: string): Middleware {
  return async (request, next) => {
    const response = await next(request);
    seen.push(`${name} ${response.status}`);
    response.headers.set('X-Seen', String(response.status));
    return response;
  };
}

describe('middleware of an application', () => {
  test.each([
    ['/', 200],
    ['/crash', 500],
    ['/nowhere', 404],
  ])('sees %s as a response of %i, the first the outermost', async (path, status) => {
    const { client } = await start(IndexController, { middleware: [tracing('outer'), tracing('inner')] });
    seen.length = 0;
    expect((await client.get(path)).headers.get('x-seen')).toBe(String(status));
    expect(seen).toEqual([`inner ${status}`, `outer ${status}`]);
  });

  test('that reads the path of a malformed target is answered with 400', async () => {
    const middleware: Middleware = (request, next) => (request.path === '' ? abort(500) : next(request));
    const { client, logger } = await start(IndexController, { middleware: [middleware] });
    expect((await client.get('/%zz')).status).toBe(400);
    expect(logger.errors).toEqual([]);
  });

  test('may answer itself', async () => {
    const { client } = await start(IndexController, { middleware: [() => makeResponse('mine')] });
    expect(await (await client.get('/crash')).text()).toBe('mine');
  });
});

class Overdrawn extends Error {}
class Unasked extends Error {
  static override [Symbol.hasInstance](): never {
    throw new Error('cannot be asked');
  }
}

const hooked: string[] = [];

@Controller()
class HandlersController {
  @HttpState(403) forbidden(req: Request, error: HttpError) {
    return { state: error.message, path: req.target };
  }
  @HttpState(409) broken() {
    throw new Error('state handler crashed');
  }
  @ErrorHandler(Overdrawn) async overdrawn(_req: Request, error: Overdrawn) {
    return reply(await Promise.resolve(error.message), 'text/plain', {}, 402);
  }
  @AfterResponse() after(_req: Request, response: Response) {
    hooked.push(`after ${response.status}`);
  }
  @Get('/') index() {
    return 'index';
  }
  @Get('/async') async slow() {
    return Promise.resolve('slow');
  }
}

@Controller('/near')
class NearController {
  @HttpState(403) forbidden() {
    return { state: 'near' };
  }
}

const throwing =
  (make: () => Error): Middleware =>
  () => {
    throw make();
  };
const rejecting =
  (make: () => Error): Middleware =>
  async () =>
    Promise.reject(make());
const throwingBehind =
  (make: () => Error): Middleware =>
  async (request, next) => {
    await next(request);
    throw make();
  };

describe.each([
  ['throws before the routes', throwing],
  ['rejects before the routes', rejecting],
  ['throws behind the routes', throwingBehind],
])('what middleware %s', (_, failing) => {
  const controllers = [HandlersController, NearController];

  test.each<[string, string, () => Error, [number, string]]>([
    [
      'an HTTP error by the state handler',
      '/',
      () => new HttpError(403, 'mine'),
      [403, '{"state":"mine","path":"/"}'],
    ],
    ['one below a prefix by the nearest', '/near/by', () => new HttpError(403), [403, '{"state":"near"}']],
    [
      'one of a malformed target by those of the whole application',
      '/%zz',
      () => new HttpError(403, 'bad'),
      [403, '{"state":"bad","path":"/%zz"}'],
    ],
    ['an error by the handler of its class', '/', () => new Overdrawn('no money'), [402, 'no money']],
    [
      'a response by itself',
      '/',
      () => new ResponseError(new TextResponse('ready', { status: 207 })),
      [207, 'ready'],
    ],
    ['a status without a handler by its page', '/', () => new HttpError(429, 'slow'), [429, '429 slow\n']],
  ])('is answered, %s, without a log line', async (_what, path, make, answer) => {
    const { client, logger } = await start(controllers, { middleware: [failing(make)] });
    const response = await client.get(path, { headers: { Accept: 'text/plain' } });
    expect([response.status, await response.text()]).toEqual(answer);
    expect(logger.errors).toEqual([]);
  });

  test('keeps its headers', async () => {
    const error = new HttpError(403, 'mine', { headers: { 'Retry-After': '7' } });
    const { client } = await start(controllers, { middleware: [failing(() => error)] });
    expect((await client.get('/')).headers.get('retry-after')).toBe('7');
  });

  test('is one log line and the page of 500 when nobody handles it', async () => {
    const { client, logger } = await start(controllers, { middleware: [failing(() => new Error('secret'))] });
    const response = await client.get('/', { headers: { Accept: 'text/plain' } });
    expect([response.status, await response.text()]).toEqual([500, '500 Internal Server Error\n']);
    expect(logger.errors).toEqual([expect.stringMatching(/^GET \/[^:]*: Error: secret \| at /)]);
  });

  test('is given to a handler once, whose own crash is one log line and a page', async () => {
    const { client, logger } = await start(controllers, { middleware: [failing(() => new HttpError(409))] });
    expect((await client.get('/')).status).toBe(500);
    expect(logger.errors).toEqual([expect.stringContaining('Error: state handler crashed')]);
  });

  test('is a response for the middleware around it', async () => {
    seen.length = 0;
    const middleware = [tracing('outer'), failing(() => new HttpError(403)), tracing('inner')];
    const { client } = await start(controllers, { middleware });
    expect((await client.get('/')).headers.get('x-seen')).toBe('403');
    expect(seen.at(-1)).toBe('outer 403');
  });

  test('runs no after hook', async () => {
    const { client } = await start(controllers, { middleware: [failing(() => new HttpError(403))] });
    hooked.length = 0;
    await client.get('/');
    expect(hooked).not.toContain('after 403');
  });
});

test('what the middleware of a feature throws is answered as that of the application', async () => {
  const features = [{ middleware: [throwing(() => new HttpError(403, 'featured'))] }];
  const { client } = await start(HandlersController, { features });
  expect(await (await client.get('/')).json()).toEqual({ state: 'featured', path: '/' });
});

test('middleware may decline by throwing', async () => {
  const { client } = await start(HandlersController, { middleware: [() => abort(DECLINED)] });
  await expect(client.get('/')).rejects.toThrow('The connection was closed without an answer');
});

describe('middleware that returns no response', () => {
  test.each<[string, string, unknown]>([
    ['text', 'string', 'text'],
    ['null', 'null', null],
    ['a promise of nothing', 'undefined', Promise.resolve(undefined)],
    [
      'a thenable',
      'number',
      {
        then: (resolve: (value: number) => void) => {
          resolve(5);
        },
      },
    ],
  ])('but %s is a mistake that the log names, and 500', async (_, type, value) => {
    const { client, logger } = await start(HandlersController, { middleware: [() => value as Response] });
    expect((await client.get('/')).status).toBe(500);
    expect(logger.errors).toEqual([
      expect.stringContaining(`[E_MIDDLEWARE]: A middleware returned ${type} instead of a response.`),
    ]);
  });
});

describe('the outer error position', () => {
  @Controller()
  class UnaskedController {
    @ErrorHandler(Unasked) never() {
      return 'never';
    }
    @Get('/') index() {
      throw new Error('crash');
    }
    @Get('/async') async slow() {
      return Promise.reject(new Error('crash'));
    }
  }

  const failingPage = (): never => {
    throw new HttpError(418);
  };

  test.each(['/', '/async'])('answers %s plainly when no handler can be asked', async (path) => {
    const { client, logger } = await start(UnaskedController, { middleware: [tracing('any')] });
    const response = await client.get(path);
    expect([response.status, await response.text()]).toEqual([500, '500 Internal Server Error\n']);
    expect(logger.errors).toEqual([expect.stringContaining('Error: cannot be asked')]);
  });

  test.each<[string, Middleware]>([
    ['throws', throwing(() => new HttpError(404))],
    ['rejects', rejecting(() => new HttpError(404))],
  ])('answers plainly, with one log line, when middleware %s and no page can be made', async (_, layer) => {
    const { client, logger } = await start(IndexController, {
      middleware: [tracing('outer'), layer],
      errorTemplate: failingPage,
    });
    const response = await client.get('/', { headers: { Accept: 'text/html' } });
    expect([response.status, await response.text()]).toEqual([500, '500 Internal Server Error\n']);
    expect(logger.errors).toEqual([expect.stringMatching(/^GET \/: HttpError: I'm a Teapot/)]);
  });

  test.each<[string, Handler]>([
    ['throws', throwing(() => new Error('escaped')) as Handler],
    ['rejects', rejecting(() => new Error('escaped')) as Handler],
  ])('is one log line and a plain 500 when everything else %s', async (_, handler) => {
    const logger = collectingLogger();
    const parts = {
      handler,
      recover: () => {
        throw new Error('not recovered');
      },
      middleware: [((request, next) => next(request)) as Middleware],
      features: [],
      settings: { logger },
    };
    const app = new Application(parts as unknown as ApplicationParts<unknown>);
    const response = await app.handle(request('/'));
    expect([response.status, response.body]).toEqual([500, '500 Internal Server Error\n']);
    expect(logger.errors).toEqual([expect.stringMatching(/^GET \/: Error: not recovered \| at /)]);
  });
});

describe('the answer to a request', () => {
  test('is there at once when the handler is synchronous', async () => {
    const { app } = await start(IndexController);
    expect(app.handle(request('/'))).not.toBeInstanceOf(Promise);
    expect(app.handle(request('/async'))).toBeInstanceOf(Promise);
  });

  test('is there at once behind synchronous middleware too, error or not', async () => {
    const refuses: Middleware = (asked, next) => (asked.target === '/refused' ? abort(403) : next(asked));
    const { app } = await start(IndexController, { middleware: [(asked, next) => next(asked), refuses] });
    expect(app.handle(request('/'))).toMatchObject({ status: 200 });
    expect(app.handle(request('/refused'))).toMatchObject({ status: 403, body: 'state 403' });
    expect(app.handle(request('/async'))).toBeInstanceOf(Promise);
  });
});

interface Fake {
  port: number;
}

function fakeListen(servers: string[], fail = false) {
  return async (_app: unknown, { port }: Fake) => {
    await Promise.resolve();
    if (fail) throw new Error(`port ${port} is taken`);
    const close = async () => {
      await Promise.resolve();
      servers.push(`closed ${port}`);
      if (port === 1) throw new Error('close failed');
    };
    return { port, url: `http://localhost:${port}`, close, [Symbol.asyncDispose]: close };
  };
}

@Controller()
class ResourceController {
  constructor(@inject('log') readonly log: string[]) {}
  dispose() {
    this.log.push('disposed');
  }
}

const options = (log: string[]) => ({
  controllers: [ResourceController],
  providers: [{ provide: 'log', useValue: log }],
  logger: collectingLogger(),
});

describe('the life of an application', () => {
  test('listens once', async () => {
    const app = await assemble(options([]), { listen: fakeListen([]) });
    expect((await app.listen({ port: 5 })).url).toBe('http://localhost:5');
    await expect(app.listen({ port: 6 })).rejects.toMatchObject({
      code: 'E_LISTEN',
      message: 'The application listens already; bootstrap another one.',
    });
  });

  test('may listen again when it could not', async () => {
    const app = await assemble(options([]), { listen: fakeListen([], true) });
    await expect(app.listen({ port: 5 })).rejects.toThrow('port 5 is taken');
    await expect(app.listen({ port: 6 })).rejects.toThrow('port 6 is taken');
  });

  test('closes the server, then disposes what was built, and listens no more', async () => {
    const log: string[] = [];
    const app = await assemble(options(log), { listen: fakeListen(log) });
    await app.listen({ port: 5 });
    await app.close();
    expect(log).toEqual(['closed 5', 'disposed']);
    await expect(app.listen({ port: 5 })).rejects.toThrow(
      'The application was closed; bootstrap another one.',
    );
  });

  test('disposes what was built even when the server cannot be closed', async () => {
    const log: string[] = [];
    const app = await assemble(options(log), { listen: fakeListen(log) });
    await app.listen({ port: 1 });
    await expect(app.close()).rejects.toThrow('close failed');
    expect(log).toEqual(['closed 1', 'disposed']);
  });

  test('closes its features after what may need them, even when one of them fails', async () => {
    const log: string[] = [];
    const feature = (name: string): Feature => ({
      close: () => {
        log.push(name);
        if (name === 'one') throw new Error('cannot close');
      },
    });
    const features = [feature('one'), {}, feature('two')];
    const app = await assemble({ ...options(log), features }, { listen: fakeListen(log) });
    await expect(app.close()).rejects.toThrow('cannot close');
    expect(log).toEqual(['disposed', 'one', 'two']);
  });

  test('ends with `await using` too, listening or not', async () => {
    const log: string[] = [];
    const failed = await assemble(options(log), { listen: fakeListen(log, true) });
    await failed.listen({ port: 5 }).catch(() => undefined);
    await failed[Symbol.asyncDispose]();
    expect(log).toEqual(['disposed']);
  });
});

test('two applications live side by side', async () => {
  const one = new TestClient(await bootstrap({ controllers: [IndexController], poweredBy: false }));
  const two = new TestClient(await bootstrap({ controllers: [IndexController] }));
  expect((await one.get('/')).headers.has('x-powered-by')).toBe(false);
  expect((await two.get('/')).headers.has('x-powered-by')).toBe(true);
});

describe('features', () => {
  const named = (name: string, log: string[], fail?: Error): Feature => ({
    start: async ({ logger }) => {
      log.push(`start ${name}`);
      logger.warn(name);
      await Promise.resolve();
      if (fail) throw fail;
    },
    close: () => void log.push(`close ${name}`),
  });

  test('start one after the other, with the logger of the application', async () => {
    const log: string[] = [];
    const logger = collectingLogger();
    const features = [named('one', log), named('two', log)];
    await bootstrap({ controllers: [IndexController], features, logger });
    expect(log).toEqual(['start one', 'start two']);
    expect(logger.warnings).toEqual(['one', 'two']);
  });

  test('are all closed, and bootstrap fails, when one cannot be started', async () => {
    const log: string[] = [];
    const features = [named('one', log), named('two', log, new Error('no server')), named('three', log)];
    const attempt = bootstrap({ controllers: [IndexController], features, logger: collectingLogger() });
    await expect(attempt).rejects.toThrow('no server');
    expect(log).toEqual(['start one', 'start two', 'close one', 'close two', 'close three']);
  });
});

test('a feature brings middleware inside of that of the application, and what can be injected', async () => {
  const order: string[] = [];
  const layer =
    (name: string): Middleware =>
    (request, next) => {
      order.push(name);
      return next(request);
    };
  class PerRequest {}
  @Controller()
  class FeaturedController {
    constructor(
      @inject('word') readonly word: string,
      readonly per: PerRequest,
    ) {}
    @Get('/') index() {
      return [this.word, this.per instanceof PerRequest];
    }
  }
  const { client } = await start(FeaturedController, {
    middleware: [layer('own')],
    features: [
      { middleware: [layer('first')], providers: [{ provide: 'word', useValue: 'hello' }] },
      {
        middleware: [layer('second')],
        requestProviders: [{ provide: PerRequest, useFactory: () => new PerRequest() }],
      },
    ],
  });
  expect(await (await client.get('/')).json()).toEqual(['hello', true]);
  expect(order).toEqual(['own', 'first', 'second']);
});
