/** The application: its middleware, the outer error position, and its life. */
import { describe, expect, test } from '@jest/globals';
import { inject } from 'tsyringe';
import {
  abort,
  bootstrap,
  Controller,
  Get,
  HttpState,
  makeResponse,
  type Feature,
  type Middleware,
} from 'obol';
import { TestClient } from '../../src/testing/test-client.js';
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

  test.each<[string, Middleware]>([
    [
      'throws',
      () => {
        throw new Error('thrown');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('rejected'))],
    ['returns garbage', (() => 'text') as unknown as Middleware],
    ['resolves to garbage', (() => Promise.resolve(undefined)) as unknown as Middleware],
  ])('that %s is one log line and a plain 500, whatever the state handlers', async (_, middleware) => {
    const { client, logger } = await start(IndexController, { middleware: [middleware] });
    const response = await client.get('/');
    expect([response.status, await response.text()]).toEqual([500, '500 Internal Server Error\n']);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(logger.errors).toEqual([expect.stringMatching(/^GET \/: /)]);
  });

  test('that aborts is answered with its status, without a log line', async () => {
    const { client, logger } = await start(IndexController, { middleware: [() => abort(403)] });
    expect((await client.get('/')).status).toBe(403);
    expect(logger.errors).toEqual([]);
  });

  test('that reads the path of a malformed target is answered with 400', async () => {
    const middleware: Middleware = (request, next) => (request.path === '' ? abort(500) : next(request));
    const { client, logger } = await start(IndexController, { middleware: [middleware] });
    expect((await client.get('/%zz')).status).toBe(400);
    expect(logger.errors).toEqual([]);
  });

  test('that returns no response is told so', async () => {
    const { client, logger } = await start(IndexController, {
      middleware: [(() => 5) as unknown as Middleware],
    });
    await client.get('/');
    expect(logger.errors[0]).toContain('A middleware returned number instead of a response.');
  });

  test('may answer itself', async () => {
    const { client } = await start(IndexController, { middleware: [() => makeResponse('mine')] });
    expect(await (await client.get('/crash')).text()).toBe('mine');
  });
});

describe('the answer to a request', () => {
  test('is there at once when the handler is synchronous', async () => {
    const { app } = await start(IndexController);
    const { request } = await import('../../src/testing/request.js');
    expect(app.handle(request('/'))).not.toBeInstanceOf(Promise);
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
