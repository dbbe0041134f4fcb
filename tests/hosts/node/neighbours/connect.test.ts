/** Middleware of node:http's kind as middleware and handler of ours. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  DECLINED,
  FileResponse,
  GeneratorResponse,
  Get,
  HttpError,
  JsonResponse,
  Post,
  TextResponse,
  type Handler,
  type Middleware,
  type Request,
  type Response,
} from 'obol';
import { include, mount } from 'obol/composition';
import { connect, incomingOf, type ConnectMiddleware } from 'obol/node';
import { TestClient, type TestRequestInit, type TestResponse } from 'obol/testing';
import { collectingLogger } from '../../../support/collecting-logger.js';
import { developerError } from '../../../support/errors.js';
import { deferred, serve } from '../../../support/serve.js';

type Incoming = IncomingMessage & Record<string, unknown>;
type Answer = (incoming: Incoming, outgoing: ServerResponse) => unknown;

/** The answer of a middleware that passes nothing on. */
function ask(answer: Answer, target = '/', init: TestRequestInit = {}): Promise<TestResponse> {
  return new TestClient(connect(answer)).request(target, init);
}

/** Passes everything on, having done this. */
function before(act: (incoming: Incoming, outgoing: ServerResponse) => unknown): Middleware {
  return connect((incoming, outgoing, next) => {
    act(incoming as Incoming, outgoing);
    next();
  });
}

/** The response of a handler behind middleware. */
async function behind(handler: Handler, middleware: readonly Middleware[], init: TestRequestInit = {}) {
  const handle = middleware.reduceRight<Handler>((next, layer) => (request) => layer(request, next), handler);
  return new TestClient(handle).request('/', init);
}

/** Sees what is sent, as sessions and compression do: by functions in the place of those of the response. */
function watching(seen: string[]) {
  return before((_, outgoing) => {
    const write = outgoing.write.bind(outgoing);
    const end = outgoing.end.bind(outgoing);
    const writeHead = outgoing.writeHead.bind(outgoing);
    Object.assign(outgoing, {
      writeHead: (...args: Parameters<typeof writeHead>) => {
        seen.push(`head ${String(outgoing.statusCode)}`);
        outgoing.setHeader('X-Watched', '1');
        return writeHead(...args);
      },
      write: (...args: Parameters<typeof write>) => {
        seen.push(`write ${String(args[0])}`);
        return write(...args);
      },
      end: (...args: Parameters<typeof end>) => {
        seen.push(`end ${String(args[0] ?? '')}`);
        return end(...args);
      },
    });
  });
}

describe('what a middleware answers', () => {
  test.each<[string, Answer, number, string]>([
    ['end()', (_, res) => res.end('hello'), 200, 'hello'],
    ['end() of bytes', (_, res) => res.end(Buffer.from('hello')), 200, 'hello'],
    ['end() in an encoding', (_, res) => res.end('aGVsbG8=', 'base64'), 200, 'hello'],
    ['end() without content', (_, res) => res.end(), 200, ''],
    ['write() and end()', (_, res) => void (res.write('hel'), res.end('lo')), 200, 'hello'],
    [
      'write() of several kinds',
      (_, res) => void (res.write('ü'), res.write(Buffer.from('ü')), res.end('ü', 'latin1')),
      200,
      'üü\xfc',
    ],
    ['writeHead()', (_, res) => res.writeHead(201, 'Fine', { 'X-A': '1' }).end('hello'), 201, 'hello'],
    ['writeHead() of a list', (_, res) => res.writeHead(201, ['X-A', '1']).end('hello'), 201, 'hello'],
    ['statusCode', (_, res) => ((res.statusCode = 418), res.end('hello')), 418, 'hello'],
    ['a declared length', (_, res) => res.setHeader('Content-Length', 5).end('hello'), 200, 'hello'],
    [
      'a declared length, in pieces',
      (_, res) => (res.setHeader('Content-Length', 5), res.write('he'), res.end('llo')),
      200,
      'hello',
    ],
    [
      'a coding of its own',
      (_, res) => (res.setHeader('Transfer-Encoding', 'chunked'), res.write('he'), res.end('llo')),
      200,
      'hello',
    ],
    ['flushHeaders()', (_, res) => (res.flushHeaders(), setImmediate(() => res.end('later'))), 200, 'later'],
    [
      'an interim response',
      (_, res) => {
        res.writeProcessing();
        res.writeEarlyHints({ link: '</a>; rel=preload' });
        res.end('hello');
      },
      200,
      'hello',
    ],
    ['pipe()', (_, res) => Readable.from(['a', 'b', 'c']).pipe(res), 200, 'abc'],
    ['204', (_, res) => res.writeHead(204).end(), 204, ''],
    ['304', (_, res) => res.writeHead(304, { ETag: '"1"' }).end(), 304, ''],
  ])('by %s', async (_, answer, status, content) => {
    const response = await ask(answer);
    const bytes = await response.bytes();
    const received =
      content.includes('\xfc') && content.endsWith('\xfc') ? bytes.toString('latin1') : bytes.toString();
    expect(response.status).toBe(status);
    expect(received).toBe(content.includes('üü') ? Buffer.from('üü').toString('latin1') + '\xfc' : content);
  });

  test('has its fields, each with all of its values, without those of the connection', async () => {
    const response = await ask((_, res) => {
      res.setHeader('Set-Cookie', ['a=1', 'b=2']);
      res.setHeader('X-Latin', '\xfc');
      res.setHeader('Connection', 'close');
      res.setHeader('Content-Type', 'text/plain').end('ü');
    });
    expect(response.headers.getAll('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-latin')).toBe('\xfc');
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.get('content-length')).toBe('2');
    expect(response.headers.has('connection')).toBe(false);
    expect(response.headers.has('date')).toBe(false);
  });

  test('has no content for HEAD, and its length', async () => {
    const response = await ask((_, res) => res.setHeader('Content-Length', 5).end('hello'), '/', {
      method: 'HEAD',
    });
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['5', '']);
  });

  test.each<[string, Answer]>([
    ['a status of another kind', (_, res) => res.writeHead(700).end()],
    [
      'a second type',
      (_, res) =>
        res
          .writeHead(200, [
            ['Content-Location', '/a'],
            ['Content-Location', '/b'],
          ] as never)
          .end(),
    ],
    ['what is no response', (_, res) => res.socket?.write('anything')],
  ])('is refused where it is %s', async (_, answer) => {
    await expect(ask(answer)).rejects.toThrow();
  });

  test('is read no faster than the client wants', async () => {
    let written = 0;
    const response = await ask((_, res) => {
      res.writeHead(200);
      while (res.write(Buffer.alloc(16_384))) written++;
      expect(res.writableNeedDrain).toBe(true);
      res.once('drain', () => res.end('end'));
    });
    await turn();
    expect(written).toBeLessThan(8);
    expect((await response.bytes()).subarray(-3).toString()).toBe('end');
  });

  test('may be two streams one after the other', async () => {
    const response = await ask((_, res) => {
      const first = Readable.from([Buffer.alloc(100_000)]);
      first.pipe(res, { end: false });
      first.once('end', () => Readable.from(['second']).pipe(res));
    });
    expect(await response.bytes()).toHaveLength(100_006);
  });

  test('is heard to its end', async () => {
    const heard: string[] = [];
    const closed = deferred();
    const response = await ask((_, res) => {
      for (const name of ['prefinish', 'finish', 'close']) res.on(name, () => heard.push(name));
      res.once('close', closed.resolve);
      res.end('hello');
    });
    await response.text();
    await closed.promise;
    expect(heard).toEqual(['prefinish', 'finish', 'close']);
  });
});

describe('what a middleware sees', () => {
  test('is the request, below its mounts, as routes read it', async () => {
    let seen: Incoming | undefined;
    const handle = mount(
      '/a b',
      connect((incoming, outgoing) => ((seen = incoming as Incoming), outgoing.end())),
    );
    await new TestClient(handle).request('/a%20b/%63%2Fd?x=%20', {
      method: 'PURGE',
      https: true,
      remoteAddress: '192.0.2.1',
      headers: [
        ['X-A', '1'],
        ['X-A', '2'],
        ['__proto__', 'x'],
        ['Cookie', 'a=1'],
      ],
    });
    expect(seen).toMatchObject({
      method: 'PURGE',
      url: '/c%2Fd?x=%20',
      originalUrl: '/a%20b/c%2Fd?x=%20',
      baseUrl: '/a%20b',
      httpVersion: '1.1',
      headers: { 'x-a': '1, 2', cookie: 'a=1', host: 'localhost' },
      complete: true,
    });
    expect(seen?.socket).toMatchObject({ remoteAddress: '192.0.2.1', encrypted: true });
    expect(seen?.rawHeaders.slice(0, 4)).toEqual(['X-A', '1', 'X-A', '2']);
  });

  test.each<[string, Answer]>([
    ['as a stream', async (req, res) => res.end(await text(req))],
    [
      'by events',
      (req, res) =>
        void req
          .setEncoding('utf8')
          .on('data', (chunk) => res.write(chunk))
          .on('end', () => res.end()),
    ],
    ['by pipe()', (req, res) => req.pipe(res)],
  ])('is the body, %s', async (_, answer) => {
    const stream = Readable.from([Buffer.alloc(100_000, 'a'), Buffer.alloc(100_000, 'b')]);
    expect(await (await ask(answer, '/', { body: 'hello' })).text()).toBe('hello');
    expect(await (await ask(answer, '/', { body: stream })).bytes()).toHaveLength(200_000);
  });

  test('is a body that breaks off, which ends the request', async () => {
    const failing = new Readable({ read: () => failing.destroy(new Error('cut')) });
    const heard: string[] = [];
    const asked = ask((req) => req.on('error', (error) => heard.push(error.message)).resume(), '/', {
      body: failing,
    });
    await expect(asked).rejects.toThrow('cut');
    expect(heard).toEqual(['cut']);
  });

  test('is the client that leaves', async () => {
    const heard: string[] = [];
    const left = new AbortController();
    const asked = ask(
      (req, res) => {
        for (const name of ['aborted', 'close']) req.on(name, () => heard.push(`request ${name}`));
        res.on('close', () => heard.push('response close'));
        left.abort();
      },
      '/',
      { signal: left.signal, body: Readable.from(['a']) },
    );
    await expect(asked).rejects.toThrow();
    await turn();
    expect(heard).toEqual(expect.arrayContaining(['request aborted', 'response close']));
  });
});

describe('a middleware that passes on', () => {
  test('adds what it has set, and takes nothing away', async () => {
    const handler: Handler = () =>
      new TextResponse('hello', { headers: { 'X-Both': 'inner', Vary: 'Accept', 'Set-Cookie': 'inner=1' } });
    const response = await behind(handler, [
      before((_, res) => {
        res.setHeader('X-Both', 'outer').setHeader('X-Outer', 'outer').setHeader('Content-Length', 100);
        res.setHeader('X-Content-Type-Options', 'theirs');
        res.setHeader('Vary', 'accept, Cookie').setHeader('Set-Cookie', ['outer=1', 'outer=2']);
      }),
    ]);
    const { headers } = response;
    expect([await response.text(), headers.get('content-length')]).toEqual(['hello', '5']);
    expect([headers.get('x-both'), headers.get('x-outer')]).toEqual(['inner', 'outer']);
    expect(headers.get('x-content-type-options')).toBe('theirs');
    expect(headers.get('vary')).toBe('accept, Cookie');
    expect(headers.getAll('set-cookie')).toEqual(['inner=1', 'outer=1', 'outer=2']);
  });

  test('leaves a response alone that goes to several', async () => {
    const shared = new TextResponse('hello');
    let count = 0;
    const layers = [before((_, res) => res.setHeader('X-Count', ++count))];
    await behind(() => shared, layers);
    expect((await behind(() => shared, layers)).headers.getAll('x-count')).toEqual(['2']);
  });

  test.each<[string, Handler, string[], string]>([
    ['text', () => new TextResponse('ü'), ['end ü', 'head 200'], 'ü'],
    ['nothing', () => new TextResponse('', { status: 404 }), ['end ', 'head 404'], ''],
    ['a stream', () => new GeneratorResponse(['a', 'b']), ['write a', 'head 200', 'write b', 'end '], 'ab'],
    [
      'a later stream',
      () => Promise.resolve(new GeneratorResponse(Readable.from(['a', 'b']))),
      ['write ', 'head 200', 'write a', 'write b', 'end '],
      'ab',
    ],
  ])('and watches sees %s', async (_, handler, expected, content) => {
    const seen: string[] = [];
    const response = await behind(handler, [watching(seen)]);
    expect(await response.text()).toBe(content);
    expect(response.headers.get('x-watched')).toBe('1');
    expect(seen).toEqual(expected);
  });

  test('and watches leaves ranges to the host, and HEAD without content', async () => {
    const seen: string[] = [];
    const handler: Handler = () => new TextResponse('0123456789').makePartial();
    const part = await behind(handler, [watching(seen)], { headers: { Range: 'bytes=2-4' } });
    expect([part.status, await part.text()]).toEqual([206, '234']);
    const head = await behind(handler, [watching(seen)], { method: 'HEAD' });
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['10', '']);
    const file = () => new FileResponse(`${import.meta.dirname}/connect.test.ts`);
    const first = await behind(file, [watching(seen)], { headers: { Range: 'bytes=0-2' } });
    expect([first.status, await first.text()]).toEqual([206, '/**']);
  });

  test('hears the end of a response that it does not change', async () => {
    const over = deferred<number>();
    const layer = before((_, res) =>
      res.on('finish', () => {
        over.resolve(res.statusCode);
      }),
    );
    await behind(() => new TextResponse('', { status: 202 }), [layer]);
    expect(await over.promise).toBe(202);
  });

  test('shares its messages with those behind it, and the innermost of them writes the response once', async () => {
    const seen: string[] = [];
    const response = await behind(
      (request) => new JsonResponse([(incomingOf(request) as Incoming | undefined)?.['user']]),
      [
        watching(seen),
        before((req) => Object.assign(req, { user: 'smith' })),
        async (request, next) => (await next(request)).with({ status: 201 }),
        before((_, res) => res.setHeader('X-Last', '1')),
      ],
    );
    expect([response.status, await response.text(), response.headers.get('x-last')]).toEqual([
      201,
      '["smith"]',
      '1',
    ]);
    expect(seen).toEqual(['end ["smith"]', 'head 200']);
  });

  test('has messages of its own in a request that is made within another', async () => {
    const handler: Handler = (request) =>
      request.path === '/part' ? new TextResponse('part') : include(request, '/part');
    const seen: unknown[] = [];
    const layer = before((req, res) => {
      res.setHeader(`X-At${String(req.url).replace('/', '-')}`, '1');
      seen.push(req);
    });
    const response = await behind(handler, [layer]);
    expect([response.headers.has('x-at-'), response.headers.has('x-at-part')]).toEqual([true, true]);
    expect(new Set(seen).size).toBe(2);
  });

  test('has messages of its own in each of several that are made at once', async () => {
    const later = connect((_, res) => void setImmediate(() => res.end('part')));
    const handler: Handler = async (request) => {
      if (request.path === '/part') return later(request);
      const parts = await Promise.all([include(request, '/part'), include(request, '/part')]);
      return new TextResponse((await Promise.all(parts.map((part) => part.text()))).join());
    };
    expect(await (await behind(handler, [])).text()).toBe('part,part');
  });

  test('gets the answer of the middleware behind it', async () => {
    const answers = connect((_, outgoing) => outgoing.setHeader('X-Inner', '1').end('inner'));
    const response = await behind(
      () => new TextResponse('never'),
      [before((_, res) => res.setHeader('X-Outer', '1')), answers],
    );
    expect(await response.text()).toBe('inner');
    expect([response.headers.get('x-outer'), response.headers.get('x-inner')]).toEqual(['1', '1']);
  });

  test('may answer by itself while the next handler is at work', async () => {
    const slow = deferred<Response>();
    const letGo = deferred();
    const layer = connect((_, outgoing, next) => {
      next();
      setImmediate(() => outgoing.writeHead(503).end('too slow'));
    });
    const response = await behind(() => slow.promise, [layer]);
    expect([response.status, await response.text()]).toEqual([503, 'too slow']);
    const stream = new Readable({ read: () => undefined }).once('close', letGo.resolve);
    slow.resolve(new GeneratorResponse(stream));
    await letGo.promise;
  });

  test('is over where the next handler closes the connection', async () => {
    await expect(behind(() => DECLINED, [watching([])])).rejects.toThrow('closed without an answer');
  });

  test('is 404 where it is a handler', async () => {
    expect((await new TestClient(before(() => undefined) as Handler).request('/')).status).toBe(404);
  });

  test('answers by itself what it does not know, where it is an application as a handler', async () => {
    const app = Object.assign(
      (_: IncomingMessage, outgoing: ServerResponse, next?: () => void) => {
        if (next) next();
        else outgoing.writeHead(404).end('their 404');
      },
      { listen: () => undefined },
    );
    expect(await (await new TestClient(connect(app)).request('/')).text()).toBe('their 404');
    expect(await (await behind(() => new TextResponse('ours'), [connect(app)])).text()).toBe('ours');
  });
});

describe('a middleware that fails', () => {
  const broken = new RangeError('broken');

  test.each<[string, ConnectMiddleware]>([
    [
      'throws',
      () => {
        throw broken;
      },
    ],
    ['rejects', () => Promise.reject(broken)],
    [
      'calls next() with an error',
      (_, __, next) => {
        next(broken);
      },
    ],
  ])('and %s, throws', async (_, middleware) => {
    await expect(new TestClient(connect(middleware)).request('/')).rejects.toBe(broken);
  });

  test('and ends after an informational head, throws', async () => {
    const informed = ask((_, res) => res.writeHead(101).end());
    await expect(informed).rejects.toThrow('The response ended before it had a head');
  });

  test.each([
    [{ status: 413, expose: true }, 413, 'too large'],
    [{ status: 500, expose: false }, 500, 'Internal Server Error'],
  ])('with %j has that status', async (members, status, message) => {
    const error = Object.assign(new Error('too large'), members);
    const layer: Middleware = (request, next) =>
      connect((_, __, passOn) => {
        passOn(error);
      })(request, next);
    const caught: Middleware = async (request, next) => {
      try {
        return await next(request);
      } catch (thrown) {
        return new JsonResponse([(thrown as HttpError).status, (thrown as HttpError).message]);
      }
    };
    expect(await (await behind(() => new TextResponse(''), [caught, layer])).json()).toEqual([
      status,
      message,
    ]);
  });

  test('calls next() once, whatever it does', async () => {
    const { logger, port, server } = await serve((request) =>
      connect((_, __, next) => {
        next();
        next('route');
      })(request, () => new TextResponse('once')),
    );
    const response = await fetch(`http://127.0.0.1:${String(port)}/`);
    expect(await response.text()).toBe('once');
    expect(logger.warnings).toEqual([
      'GET /: a middleware of connect() called next() again, or after its answer',
    ]);
    await server.close();
  });

  test('after its answer is a line in the log', async () => {
    const { logger, port, server } = await serve((request) =>
      connect(async (_, outgoing) => {
        outgoing.end('answered');
        await turn();
        throw broken;
      })(request),
    );
    await (await fetch(`http://127.0.0.1:${String(port)}/`)).text();
    await server.close();
    expect(logger.errors).toEqual([expect.stringContaining('failed after its answer: RangeError: broken')]);
  });

  test('writes after the end, which is a line in the log', async () => {
    const { logger, port, server } = await serve((request) =>
      connect((_, outgoing) => {
        outgoing.end('answered');
        outgoing.write('more');
      })(request),
    );
    expect(await (await fetch(`http://127.0.0.1:${String(port)}/`)).text()).toBe('answered');
    await server.close();
    expect(logger.errors).toEqual([expect.stringContaining('write after end')]);
  });

  test('cuts the response where the stream of the next handler fails', async () => {
    const handler: Handler = () =>
      new GeneratorResponse(
        (async function* () {
          yield 'begun';
          await turn();
          throw broken;
        })(),
      );
    const response = await behind(handler, [watching([])]);
    await expect(response.text()).rejects.toThrow('broken');
  });

  test('never answers, and is over with its request', async () => {
    const left = new AbortController();
    const asked = ask(
      () =>
        setImmediate(() => {
          left.abort();
        }),
      '/',
      { signal: left.signal },
    );
    await expect(asked).rejects.toThrow();
  });

  test.each([
    [42, 'connect() takes a function (req, res, next) => ..., not a number.'],
    [
      (_: unknown, __: unknown, ___: unknown, ____: unknown) => undefined,
      'connect() takes middleware with the parameters (req, res, next); for one that handles errors, write an @ErrorHandler.',
    ],
  ])('is a mistake where it is none: %p', (given, message) => {
    expect(() => connect(given as never)).toThrow(developerError('E_MIDDLEWARE', message));
  });
});

describe('a body that middleware has read', () => {
  @Controller('/')
  class Echo {
    @Get('/') show(req: Request) {
      return { incoming: incomingOf(req) === undefined };
    }

    @Post('/') echo(req: Request) {
      return { json: req.json };
    }
  }

  const reading = connect((incoming, _, next) => {
    void buffer(incoming).then(() => {
      next();
    }, next);
  });

  async function application(): Promise<TestClient> {
    return new TestClient(
      await bootstrap({ controllers: [Echo], middleware: [reading], logger: collectingLogger() }),
    );
  }

  test('is there for the routes behind it', async () => {
    const client = await application();
    expect(await (await client.post('/', { json: { a: 1 } })).json()).toEqual({ json: { a: 1 } });
    expect(await (await client.get('/')).json()).toEqual({ incoming: false });
  });

  test('is an error for one that comes when another has had it', async () => {
    const late = connect((incoming, outgoing) => {
      buffer(incoming).then(
        () => outgoing.end(),
        (error: unknown) => outgoing.end(String(error)),
      );
    });
    const first: Middleware = async (request, next) => {
      await text(request.stream);
      return next(request);
    };
    const body = Readable.from(['some']);
    expect((await behind(late as Handler, [first], { method: 'POST', body })).status).toBe(400);
  });

  test('is left to the middleware where its length was not declared', async () => {
    const client = await application();
    const body = Readable.from(['{"a": 1}']);
    const response = await client.post('/', { body, headers: { 'Content-Type': 'application/json' } });
    expect(await response.json()).toEqual({});
  });
});
