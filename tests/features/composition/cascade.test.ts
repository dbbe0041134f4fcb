/** Handlers that are asked in turn. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import {
  abort,
  bootstrap,
  Controller,
  Data,
  DECLINED,
  Get,
  HttpError,
  listen,
  makeResponse,
  Post,
  Put,
  Response,
  type Handler,
  type Request,
} from 'obol';
import { cascade, include, mount, type CascadeOptions } from 'obol/composition';
import { Session, sessions } from 'obol/session';
import { request, TestClient } from 'obol/testing';
import { spoolFolder } from '../../../src/body/spool.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { developerError } from '../../support/errors.js';
import { RawClient } from '../../support/raw-client.js';

const none: Handler = () => {
  throw new HttpError(404);
};
const second: Handler = () => makeResponse('second');
const status =
  (code: number): Handler =>
  () =>
    new Response(`first ${code}`, { status: code });

async function ask(
  handlers: readonly Handler[],
  options: CascadeOptions = {},
  method = 'GET',
): Promise<string> {
  const response = await new TestClient(cascade(handlers, options)).request('/', { method });
  return `${response.status} ${await response.text()}`;
}

describe('the answer', () => {
  test.each<[string, string, Handler]>([
    ['a 404', '200 second', status(404)],
    ['a 404 that is thrown', '200 second', none],
    ['a 404 that is thrown later', '200 second', async () => Promise.reject(new HttpError(404))],
    ['a 404 that comes later', '200 second', async () => Promise.resolve(new Response('', { status: 404 }))],
    ['a response of 404 that is thrown', '200 second', () => abort(new Response('', { status: 404 }))],
    [
      'a stream that fails with 404 before its first chunk',
      '200 second',
      () => new Response(failing(0, 404)),
    ],
    ['a 200', '200 first 200', status(200)],
    ['a 405', '405 first 405', status(405)],
    ['a 403 that is thrown', '403 {"type":"about:blank","title":"Forbidden","status":403}', () => abort(403)],
    ['a response of 410 that is thrown', '410 gone', () => abort(new Response('gone', { status: 410 }))],
    ['a 304', '304 ', status(304)],
    ['a 206', '206 first 206', status(206)],
    ['a stream', '200 chunk', () => new Response(failing(1))],
  ])('to %s is %j', async (_, expected, first) => {
    expect(await ask([first, second])).toBe(expected);
  });

  test.each<[number[], string, Handler]>([
    [[404, 405], '200 second', status(405)],
    [[405], '404 first 404', status(404)],
    [[], '404 {"type":"about:blank","title":"Not Found","status":404}', none],
    [[500, 502], '200 second', status(502)],
  ])('where %j are caught is %j', async (caught, expected, first) => {
    expect(await ask([first, second], { catch: caught })).toBe(expected);
  });

  test('of the last stands, whatever it is', async () => {
    expect(await ask([none, status(404), none, status(404)])).toBe('404 first 404');
    expect(await ask([status(404)])).toBe('404 first 404');
  });

  test('is there at once where no handler takes time', () => {
    expect(cascade([none, status(404), second])(request('/'))).toMatchObject({ body: 'second' });
  });

  test('of a crash is the error itself, which the log shows where it is caught', async () => {
    const crash: Handler = () => {
      throw new RangeError('broken');
    };
    await expect(ask([crash, second])).rejects.toThrow(RangeError);
    const logger = collectingLogger();
    const app = await bootstrap({
      controllers: [SiteController],
      logger,
      middleware: [mount('/x', cascade([crash, second], { catch: [500] }))],
    });
    expect(await (await new TestClient(app).get('/x/')).text()).toBe('second');
    expect(logger.errors).toEqual([expect.stringContaining('broken')]);
  });

  test('may be that the connection closes', async () => {
    await expect(ask([() => DECLINED, second])).rejects.toThrow(
      'The connection was closed without an answer to GET /',
    );
  });

  test('as a middleware is that of what comes next, where nothing else has one', async () => {
    const app = await bootstrap({
      controllers: [SiteController],
      middleware: [cascade([none, status(404)])],
    });
    expect(await (await new TestClient(app).get('/site')).text()).toBe('site');
  });

  test('is told by number in the log of debug mode', async () => {
    for (const [debug, expected] of [
      [true, ['cascade: handler 2 has answered GET /x/ with 200']],
      [false, []],
    ] as const) {
      const logger = collectingLogger();
      const middleware = [mount('/x', cascade([none, second]))];
      const app = await bootstrap({ controllers: [SiteController], logger, debug, middleware });
      await new TestClient(app).get('/x/?token=secret');
      expect(logger.details.filter((line) => line.startsWith('cascade'))).toEqual(expected);
    }
  });
});

describe('of an answer that was caught', () => {
  test('no header, cookie, user or base stays', async () => {
    const first = mount('/a', (req) => {
      req.user = 'smith';
      return new Response('', { status: 404 }).setCookie('first', '1').clearCookie('other');
    });
    const last: Handler = (req) =>
      makeResponse({ user: req.user, base: req.base, path: req.path }).setCookie('second', '2');
    const response = await new TestClient(cascade([first, last])).get('/a/b');
    expect([await response.json(), response.headers.getAll('set-cookie')]).toEqual([
      { user: null, base: '', path: '/a/b' },
      ['second=2; Path=/; HttpOnly; SameSite=Lax'],
    ]);
  });

  test('nothing is said in the head by what it included', async () => {
    const part = (name: string) => () => new Response(name).setCookie(name, '1');
    const page = (name: string, code: number): Handler => {
      return async (req) => makeResponse(await (await include(req, name)).text(), '', {}, code);
    };
    const inTurn = cascade([page('/first', 404), page('/second', 200)]);
    const handlers: Record<string, Handler> = { '/first': part('first'), '/second': part('second') };
    const response = await new TestClient((req) => (handlers[req.path] ?? inTurn)(req)).get('/');
    expect(response.headers.getAll('set-cookie')).toEqual([expect.stringMatching(/^second=1;/)]);
  });

  test.each([
    ['answered', (stream: AsyncIterable<string>) => new Response(stream, { status: 404 })],
    ['thrown', (stream: AsyncIterable<string>) => abort(new Response(stream, { status: 404 }))],
  ])('the stream is cancelled when it is %s', async (_, answer) => {
    const ends: string[] = [];
    const stream: AsyncIterable<string> & { return(): void } = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('read')) }),
      return: () => void ends.push('ended'),
    };
    expect(await ask([() => answer(stream), second])).toBe('200 second');
    expect(ends).toEqual(['ended']);
  });

  test('callbacks for the end of the request run once, at its end', async () => {
    const calls: string[] = [];
    const first: Handler = (req) => {
      req.onClose(() => void calls.push('first'));
      return new Response('', { status: 404 });
    };
    const last: Handler = () => makeResponse(String(calls.length));
    expect(await ask([first, last])).toBe('200 0');
    expect(calls).toEqual(['first']);
  });

  test('sessions are those of the application that has them', async () => {
    const inner = await bootstrap({
      controllers: [CountingController],
      features: [sessions({ keys: [randomBytes(32)], cookie: { name: 'inner' } })],
    });
    const shared = sessions<{ visits: number }>({ keys: [randomBytes(32)] });
    const outer = await bootstrap({
      controllers: [CountingController],
      features: [shared, { middleware: [mount('/x', cascade([inner, plain, second]))] }],
    });
    function plain(req: Request): Response {
      shared.of(req).set('visits', 41);
      return new Response('', { status: 404 });
    }
    const client = new TestClient(outer);
    const response = await client.get('/x/count-not-found');
    expect(response.headers.getAll('set-cookie')).toHaveLength(1);
    expect(await (await client.get('/count')).text()).toBe('42');
  });
});

describe('the body', () => {
  /** Reads as much as it is asked to, and has no answer. */
  const READERS: Record<string, (req: Request) => unknown> = {
    'nothing of it': () => undefined,
    'all of it': (req) => req.readBytes(1e9),
    'some of it': async (req) => {
      for await (const chunk of req.stream) return chunk as unknown;
      return undefined;
    },
    'some of it, and reads on later': (req) => {
      req.stream.once('data', () => undefined);
    },
    'it as text': (req) => req.readText(1e9),
    'too much of it': (req) => req.readBytes(1).catch(() => undefined),
  };
  const SIZES = { small: 10, 'as large as memory': 64 * 1024, large: 300_000 };
  const reading =
    (read: (req: Request) => unknown): Handler =>
    async (req) => {
      await read(req);
      return new Response('', { status: 404 });
    };
  const length: Handler = async (req) => {
    let [size, sum] = [0, 0];
    for await (const chunk of req.stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      for (const byte of chunk) sum += byte;
    }
    return makeResponse({ size, sum });
  };
  async function* chunksOf(bytes: Buffer, size = 10_000): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size)
      yield await Promise.resolve(bytes.subarray(at, at + size));
  }
  const cases = Object.entries(READERS).flatMap(([what, read]) =>
    Object.entries(SIZES).flatMap(([size, bytes]) =>
      ['chunked', 'with a length', 'read already'].map((how) => ({ what, read, size, bytes, how })),
    ),
  );

  test.each(cases)(
    'of a $size PUT, $how, is whole for those after one who reads $what',
    async ({ read, bytes, how }) => {
      const body = Buffer.alloc(bytes, 7);
      const content = {
        chunked: { body: chunksOf(body) },
        'with a length': { body: chunksOf(body), headers: { 'Content-Length': String(bytes) } },
        'read already': { body },
      }[how];
      const handler = cascade([reading(read), reading(read), length]);
      const response = await new TestClient(handler).put('/', { ...content });
      expect(await response.json()).toEqual({ size: bytes, sum: 7 * bytes });
    },
  );

  test('is JSON, a form, or text for each, as it wants it', async () => {
    const json: Handler = async (req) => {
      expect(await req.readJson().catch(statusOf)).toBe(400);
      return new Response('', { status: 404 });
    };
    const form: Handler = async (req) => makeResponse((await req.readForm()).getFirst('a') ?? '');
    const response = await new TestClient(cascade([json, reading((req) => req.readText()), form])).put('/', {
      form: { a: 'b' },
    });
    expect(await response.text()).toBe('b');
  });

  test('that a handler has changed is as it came for the next one', async () => {
    const changing = reading(async (req) => (await req.readBytes()).fill(0));
    const response = await new TestClient(cascade([changing, changing, length])).put('/', {
      body: chunksOf(Buffer.alloc(3, 1)),
    });
    expect(await response.json()).toEqual({ size: 3, sum: 3 });
  });

  test.each<[string, CascadeOptions, string, (req: Request) => unknown]>([
    ['POST', {}, '200 second', () => undefined],
    ['POST', {}, '404 ', (req) => req.readText()],
    ['POST', {}, '404 ', (req) => req.readForm().catch(() => undefined)],
    ['POST', {}, '404 ', (req) => req.stream],
    ['PATCH', {}, '404 ', (req) => req.readBytes()],
    ['POST', { repeat: true }, '200 second', (req) => req.readText()],
    ['PUT', {}, '200 second', (req) => req.readText()],
    ['DELETE', {}, '200 second', (req) => req.readText()],
    ['QUERY', {}, '200 second', (req) => req.readText()],
    ['PROPFIND', {}, '200 second', (req) => req.readText()],
    ['GET', {}, '200 second', (req) => req.readText()],
    ['get', {}, '404 ', (req) => req.readText()],
  ])('of %s, with %j: %j', async (method, options, expected, read) => {
    const response = await new TestClient(cascade([reading(read), second], options)).request('/', {
      method,
      body: chunksOf(Buffer.from('body')),
    });
    expect(`${response.status} ${await response.text()}`).toBe(expected);
  });

  test('of POST that is read before a handler throws is not read again', async () => {
    const handler = cascade([(req) => req.readText().then(() => abort(404)), second]);
    expect((await new TestClient(handler).post('/', { body: 'x' })).status).toBe(404);
  });

  test('of POST that was read around the cascade goes to the one who wants it', async () => {
    const handler = cascade([none, async (req) => makeResponse(await req.readText())]);
    const outer: Handler = async (req) => {
      await req.readText();
      return handler(req);
    };
    expect(
      await (await new TestClient(outer).post('/', { body: chunksOf(Buffer.from('body')) })).text(),
    ).toBe('body');
  });

  test.each([
    ['chunked', {}],
    ['with a length', { 'Content-Length': '20' }],
  ])('%s over the limit is 413 for each who reads it', async (_, headers) => {
    const codes: unknown[] = [];
    const over = reading(async (req) => codes.push(await req.readText().catch(statusOf)));
    const handler = cascade([over, over, length], { limit: 19 });
    const response = await new TestClient(handler).put('/', { body: chunksOf(Buffer.alloc(20), 5), headers });
    expect([response.status, codes]).toEqual([413, [413, 413]]);
  });

  test('that no one reads may be longer than the limit, and the last one reads it all', async () => {
    const handler = cascade([none, length], { limit: 5 });
    const response = await new TestClient(handler).put('/', { body: chunksOf(Buffer.alloc(20)) });
    expect(await response.json()).toEqual({ size: 20, sum: 0 });
  });

  test('is read by the routes of applications as each says', async () => {
    const first = await bootstrap({ controllers: [RefusingController] });
    const last = await bootstrap({ controllers: [EchoController] });
    const client = new TestClient(cascade([first, last]));
    expect(await (await client.put('/echo', { json: { a: 1 } })).json()).toEqual({ a: 1 });
    expect(
      await (await client.put('/echo', { files: { f: { content: 'x'.repeat(100_000) } } })).json(),
    ).toEqual([100_000]);
  });

  test('goes through two cascades, one in the other', async () => {
    const some = READERS['some of it'] as (req: Request) => unknown;
    const inner = cascade([reading(some), reading((req) => req.readBytes(1e9))]);
    const response = await new TestClient(cascade([inner, reading(some), length])).put('/', {
      body: chunksOf(Buffer.alloc(200_000, 1)),
    });
    expect(await response.json()).toEqual({ size: 200_000, sum: 200_000 });
  });
});

describe('with a client that leaves', () => {
  const descriptors = (): number => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

  test('each handler gets the signal, and nothing is left of what was spooled', async () => {
    let abandoned: () => void = () => undefined;
    const seen = new Promise<void>((resolve) => (abandoned = resolve));
    const waiting: Handler = async (req) => {
      await req.readBytes(1e9).catch((error: unknown) => {
        expect(error).toMatchObject({ status: 400 });
      });
      expect(req.signal.aborted).toBe(true);
      abandoned();
      return makeResponse('');
    };
    let reached: () => void = () => undefined;
    const spooled = new Promise<void>((resolve) => (reached = resolve));
    const first: Handler = async (req) => {
      let size = 0;
      for await (const chunk of req.stream as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size >= 200_000) break;
      }
      reached();
      return new Response('', { status: 404 });
    };
    await using server = await listen(cascade([first, waiting]), { port: 0, signals: false });
    const before = descriptors();
    const client = await RawClient.connect(server.port);
    client.send(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(300_000)}`);
    await spooled;
    client.destroy();
    await seen;
    for (let round = 0; round < 200 && descriptors() > before; round++) await sleep(10);
    expect([readdirSync(spoolFolder()), descriptors()]).toEqual([[], before]);
  });
});

test('a connection goes on after a body that was read in part', async () => {
  const handler = cascade([
    async (req) => {
      for await (const chunk of req.stream) return new Response(String(chunk), { status: 404 });
      return makeResponse('');
    },
    second,
  ]);
  await using server = await listen(handler, { port: 0, signals: false });
  const client = await RawClient.connect(server.port);
  const asked = `PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n${'x'.repeat(60_000)}`;
  for (let round = 0; round < 3; round++) expect((await client.send(asked).response()).text).toBe('second');
  client.destroy();
});

test('a client that waits to be asked for its body is asked once, when the first handler reads it', async () => {
  const reading: Handler = async (req) => new Response(await req.readText(), { status: 404 });
  await using server = await listen(cascade([none, reading, reading]), { port: 0, signals: false });
  const client = await RawClient.connect(server.port);
  client.request('PUT /', ['Expect: 100-continue', 'Content-Length: 4', 'Connection: close']);
  expect((await client.response()).status).toBe(100);
  expect((await client.send('body').response()).text).toBe('body');
  await client.closed;
  client.destroy();
});

describe('mistakes', () => {
  test.each<[string, () => unknown, string, string]>([
    [
      'no handlers',
      () => cascade([]),
      'E_HANDLER',
      'cascade([]) has no handlers; give it those that are asked in turn, the last of which always answers.',
    ],
    [
      'no handler',
      () => cascade([second, null as never]),
      'E_HANDLER',
      'cascade(), number 2: null is no handler; give it an application, a folder of staticFiles(), or a function (request) => response.',
    ],
    [
      'a status',
      () => cascade([second], { catch: [304] }),
      'E_SETTING',
      'cascade.catch[0]: 304 is not a status from 400 to 599.',
    ],
    [
      'a number in place of a list',
      () => cascade([second], { catch: 404 as never }),
      'E_SETTING',
      'cascade.catch: 404 is not a list of statuses.',
    ],
    [
      'a limit',
      () => cascade([second], { limit: -1 }),
      'E_SETTING',
      'cascade.limit: -1 is not a whole number of bytes, 1 or more.',
    ],
  ])('%s', (_, build, code, message) => {
    expect(build).toThrow(developerError(code as 'E_SETTING', message));
  });
});

function statusOf(error: unknown): number | undefined {
  return error instanceof HttpError ? error.status : undefined;
}

async function* failing(after: number, code = 404): AsyncGenerator<string> {
  for (let i = 0; i < after; i++) yield await Promise.resolve('chunk');
  if (after === 0) throw new HttpError(code);
}

@Controller()
class SiteController {
  @Get('/site') site() {
    return 'site';
  }
}

@Controller()
class CountingController {
  constructor(private readonly session: Session<{ visits: number }>) {}

  @Get('/count') count() {
    const visits = (this.session.get('visits') ?? 0) + 1;
    this.session.set('visits', visits);
    return String(visits);
  }

  @Get('/count-not-found') countInVain() {
    this.count();
    abort(404);
  }
}

@Controller()
class RefusingController {
  @Put('/echo') echo() {
    abort(404);
  }
  @Post('/echo') post() {
    abort(404);
  }
}

@Controller()
class EchoController {
  @Put('/echo')
  @Data(100)
  echo(req: Request) {
    return req.json ?? req.form.files.map(({ length }) => length);
  }
}
