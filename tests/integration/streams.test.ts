/** Responses that are made while they are sent: backpressure, clients that leave, lengths, and what goes wrong. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  abort,
  GeneratorResponse,
  makeResponse,
  reply,
  TextResponse,
  type Chunk,
  type Handler,
  type ListenOptions,
  type Request,
} from 'obol';
import { RawClient } from '../support/raw-client.js';
import { deferred, serve, type Served } from '../support/serve.js';

let served: Served | undefined;

afterEach(async () => {
  await served?.server.close();
  served = undefined;
});

async function start(handle: Handler, options?: ListenOptions): Promise<RawClient> {
  served = await serve(handle, options);
  return RawClient.connect(served.port);
}

const stream = (body: Iterable<Chunk> | AsyncIterable<Chunk>, length?: number): GeneratorResponse =>
  new GeneratorResponse(body, { contentType: 'text/plain', length });

const never = (): Promise<never> => new Promise(() => undefined);

describe('a stream', () => {
  test('of unknown length is sent in chunks', async () => {
    const client = await start(() => stream(['a', Buffer.from('b'), '', 'é']));
    const response = await client.request('GET /').response();
    expect(response.header('transfer-encoding')).toBe('chunked');
    expect(response.header('content-length')).toBeUndefined();
    expect([response.text, response.complete]).toEqual(['abé', true]);
    client.destroy();
  });

  test('of known length is sent with it', async () => {
    const client = await start(() => stream(['ab', 'c'], 3));
    const response = await client.request('GET /').response();
    expect(response.header('transfer-encoding')).toBeUndefined();
    expect([response.header('content-length'), response.text]).toEqual(['3', 'abc']);
    client.destroy();
  });

  test('leaves the connection open for the next request', async () => {
    const client = await start(() => stream(['a']));
    for (let i = 0; i < 3; i++) expect((await client.request('GET /').response()).text).toBe('a');
    client.destroy();
  });

  const late = async function* (gate: Promise<unknown>) {
    await gate;
    yield 'late';
  };

  test.each<[string, (gate: Promise<unknown>) => unknown]>([
    ['reply(..., { early: true })', (gate) => reply(late(gate), { early: true })],
    ['early: true of a response', (gate) => new GeneratorResponse(late(gate), { early: true })],
    ['a copy of one', (gate) => new GeneratorResponse(late(gate), { early: true }).with({ status: 203 })],
  ])('has its head sent before its first chunk is there, by %s', async (_, answer) => {
    const gate = deferred();
    const client = await start(() => makeResponse(answer(gate.promise)));
    client.request('GET /');
    await client.until((received) => received.includes('\r\n\r\n'));
    gate.resolve();
    expect((await client.response()).text).toBe('late');
    client.destroy();
  });

  test('keeps its head back until its first chunk is there', async () => {
    const gate = deferred();
    const client = await start(() => stream(late(gate.promise)));
    client.request('GET /');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(client.pending).toBe('');
    gate.resolve();
    expect((await client.response()).text).toBe('late');
    client.destroy();
  });

  const waiting: [string, (end: () => void) => unknown][] = [
    [
      'a stream of Node',
      (end) =>
        new Readable({
          read: () => undefined,
          destroy: (error, done) => {
            end();
            done(error);
          },
        }),
    ],
    [
      'a stream of the web',
      (end) => new ReadableStream({ pull: () => new Promise(() => undefined), cancel: end }),
    ],
    [
      'a response of the web',
      (end) =>
        new globalThis.Response(
          new ReadableStream({ pull: () => new Promise(() => undefined), cancel: end }),
        ),
    ],
    [
      'an iterator of its own',
      (end) => {
        const next = () => new Promise(() => undefined);
        const finish = () => {
          end();
          return { done: true };
        };
        return { [Symbol.asyncIterator]: () => ({ next, return: finish }) };
      },
    ],
  ];

  test.each(waiting.flatMap(([name, make]) => [false, true].map((early) => [name, early, make] as const)))(
    'of %s (early: %j) whose client leaves before its first chunk is let go of, once',
    async (_, early, make) => {
      const ended = deferred();
      let times = 0;
      const source = make(() => {
        times++;
        ended.resolve();
      });
      const client = await start(() => makeResponse(reply(source, early ? { early } : {})));
      client.request('GET /');
      await new Promise((resolve) => setTimeout(resolve, 10));
      client.destroy();
      await ended.promise;
      await new Promise((resolve) => setImmediate(resolve));
      expect([times, served?.logger.errors]).toEqual([1, []]);
    },
  );

  test.each([
    ['a generator', () => ['ž']],
    ['an async generator', () => Readable.from(['ž'])],
  ])('from %s keeps the bytes of a header in Latin-1', async (_name, body) => {
    const headers = { 'X-Name': 'J\xfcrgen' };
    const client = await start(() => new GeneratorResponse(body(), { headers }));
    const response = await client.request('GET /').response();
    expect([response.header('x-name'), response.text]).toEqual(['J\xfcrgen', 'ž']);
    client.destroy();
  });

  test.each([
    ['', 'close'],
    ['Connection: keep-alive\r\n', 'close'],
    ['TE: chunked\r\n', 'close'],
  ])('ends with the connection for HTTP/1.0 (%j)', async (fields, connection) => {
    const client = await start(() => stream(['a', 'b']));
    const response = await client.send(`GET / HTTP/1.0\r\n${fields}\r\n`).response();
    expect(response.header('transfer-encoding')).toBeUndefined();
    expect(response.header('connection')).toBe(connection);
    expect(response.text).toBe('ab');
  });

  test('of known length keeps a connection of HTTP/1.0 open that asks for it', async () => {
    const client = await start(() => stream(['a', 'b'], 2));
    for (let i = 0; i < 2; i++) {
      const response = await client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n').response();
      expect([response.header('connection'), response.text]).toEqual(['keep-alive', 'ab']);
    }
    client.destroy();
  });

  test('is not run for HEAD, and let go of', async () => {
    const log: string[] = [];
    const body = {
      *[Symbol.iterator]() {
        log.push('ran');
        yield 'a';
      },
      return() {
        log.push('returned');
      },
    };
    const client = await start(() => stream(body as Iterable<string>, 1));
    const response = await client.request('HEAD /').response('HEAD');
    expect([response.status, response.header('content-length')]).toEqual([200, '1']);
    expect((await client.request('HEAD /').response('HEAD')).status).toBe(200);
    expect(log).toEqual(['returned', 'returned']);
    client.destroy();
  });

  test('for HEAD whose letting go fails does no harm', async () => {
    const client = await start((req) =>
      req.path === '/file'
        ? stream(createReadStream('/nowhere/at/all'))
        : stream({
            *[Symbol.iterator]() {
              yield 'a';
            },
            return() {
              throw new Error('no');
            },
          } as Iterable<string>),
    );
    for (const path of ['/file', '/throws', '/file'])
      expect((await client.request(`HEAD ${path}`).response('HEAD')).status).toBe(200);
    client.destroy();
  });
});

describe('backpressure', () => {
  test('holds a generator back while its client does not read', async () => {
    let produced = 0;
    const chunk = Buffer.alloc(16 * 1024);
    let socket: Socket | undefined;
    const client = await start(() =>
      stream(
        (function* () {
          for (; produced < 100 * 1024 * 1024; produced += chunk.length) yield chunk;
        })(),
      ),
    );
    const onRequest = (message: unknown): void => {
      ({ socket } = message as { socket: Socket });
      unsubscribe('http.server.request.start', onRequest);
    };
    subscribe('http.server.request.start', onRequest);
    client.socket.pause();
    client.request('GET /');
    // It is held back once two looks at it, each after another client was answered many times, see the same.
    const other = await RawClient.connect(served?.port ?? 0);
    let before = -1;
    while (produced !== before || produced === 0) {
      before = produced;
      for (let i = 0; i < 50; i++) await other.request('HEAD /').response('HEAD');
    }
    // The system's own buffers at both ends take some megabytes; ours hold next to nothing.
    expect(produced).toBeLessThan(8 * 1024 * 1024);
    expect(socket?.writableLength).toBeLessThan(64 * 1024);
    other.destroy();
    client.destroy();
  });

  test('lets other requests have their turn beside a generator that never ends', async () => {
    const client = await start((req) => {
      if (req.path === '/other') return new TextResponse('other');
      return stream(
        (function* () {
          for (;;) yield 'x';
        })(),
      );
    });
    client.request('GET /');
    client.socket.once('data', () => client.socket.pause());
    await once(client.socket, 'data');
    const other = await RawClient.connect(served?.port ?? 0);
    expect((await other.request('GET /other').response()).text).toBe('other');
    other.destroy();
    client.destroy();
  });

  test('lets other requests have their turn beside a generator that gives nothing', async () => {
    let stop = false;
    const client = await start((req) => {
      if (req.path === '/other') return new TextResponse('other');
      return stream(
        (function* () {
          while (!stop) yield '';
        })(),
      );
    });
    client.request('GET /');
    const other = await RawClient.connect(served?.port ?? 0);
    expect((await other.request('GET /other').response()).text).toBe('other');
    stop = true;
    expect((await client.response()).text).toBe('');
    other.destroy();
    client.destroy();
  });
});

describe('a client that leaves', () => {
  /** A stream that says what became of it; each asks for the next chunk when the client has the one before. */
  const bodies: [string, (ended: () => void) => Iterable<Chunk> | AsyncIterable<Chunk>][] = [
    [
      'a generator',
      function* (ended) {
        try {
          for (;;) yield Buffer.alloc(64 * 1024);
        } finally {
          ended();
        }
      },
    ],
    [
      'an async generator',
      async function* (ended) {
        try {
          for (;;) {
            yield 'tick\n';
            await new Promise((resolve) => setImmediate(resolve));
          }
        } finally {
          ended();
        }
      },
    ],
    [
      'a Node stream',
      (ended) => {
        const body = new Readable({
          read() {
            this.push(Buffer.alloc(64 * 1024));
          },
        });
        return body.once('close', ended);
      },
    ],
    [
      'a Node stream that waits',
      (ended) => {
        const body = new Readable({ read: () => undefined }).once('close', ended);
        body.push('first');
        return body;
      },
    ],
    [
      'a web stream',
      (ended) =>
        new ReadableStream<Uint8Array>({
          pull: (controller) => {
            controller.enqueue(new Uint8Array(64 * 1024));
          },
          cancel: ended,
        }),
    ],
  ];

  test.each(bodies)('ends %s', async (_name, body) => {
    const ended = deferred();
    const client = await start(() => stream(body(ended.resolve)));
    client.request('GET /');
    await once(client.socket, 'data');
    client.destroy();
    await ended.promise;
    expect(served?.logger.errors).toEqual([]);
  });

  test('ends a stream that waits for its turn behind another request', async () => {
    const ended = deferred();
    const started = deferred();
    const client = await start((req) => {
      if (req.path === '/first') return never();
      started.resolve();
      return stream(bodies[0]?.[1](ended.resolve) ?? []);
    });
    client.request('GET /first').request('GET /second');
    await started.promise;
    client.destroy();
    await ended.promise;
  });

  test('is told to those who wait for the end of the request, though the stream is stuck', async () => {
    const closed = deferred();
    const client = await start((req) => {
      req.onClose(() => {
        closed.resolve();
      });
      return stream(
        (async function* () {
          yield 'first';
          await never();
        })(),
      );
    });
    client.request('GET /');
    await once(client.socket, 'data');
    client.destroy();
    await closed.promise;
  });

  test('is told to those who began to wait while the stream ran', async () => {
    const closed = deferred();
    const client = await start((req) =>
      stream(
        (async function* () {
          yield 'first';
          req.onClose(() => {
            closed.resolve();
          });
          yield 'second';
          await never();
        })(),
      ),
    );
    client.request('GET /');
    await client.until((received) => received.includes('second'));
    client.destroy();
    await closed.promise;
  });

  test.each([
    ['while the handler works', (aborted: Promise<void>) => aborted.then(() => new TextResponse('late'))],
    [
      'while a stream is sent',
      (aborted: Promise<void>) =>
        stream(
          (async function* () {
            yield 'first';
            await aborted;
          })(),
        ),
    ],
  ])('aborts the signal of the request %s', async (_name, answer) => {
    const aborted = deferred();
    const seen = deferred<Request>();
    const client = await start((req) => {
      req.signal.addEventListener('abort', () => {
        aborted.resolve();
      });
      seen.resolve(req);
      return answer(aborted.promise);
    });
    client.request('GET /');
    const request = await seen.promise;
    client.destroy();
    await aborted.promise;
    expect(request.signal.reason).toMatchObject({ status: 499 });
  });

  test('does not abort the signal when the answer is complete', async () => {
    const seen = deferred<Request>();
    const client = await start((req) => {
      seen.resolve(req);
      return new TextResponse(String(req.signal.aborted));
    });
    expect((await client.request('GET /').response()).text).toBe('false');
    client.destroy();
    await served?.server.close();
    expect((await seen.promise).signal.aborted).toBe(false);
  });
});

describe('a stream that fails cuts the connection and is logged:', () => {
  const failures: [string, () => Iterable<unknown> | AsyncIterable<unknown>, RegExp][] = [
    [
      'a generator that throws',
      function* () {
        yield 'first';
        throw new Error('broken generator');
      },
      /in mid-stream, connection cut: Error: broken generator/,
    ],
    [
      'an async generator that throws',
      async function* () {
        yield 'first';
        throw new Error('broken generator');
      },
      /in mid-stream, connection cut: Error: broken generator/,
    ],
    [
      'a Node stream with an error',
      () =>
        Readable.from(['first', 'second']).map((text: string) => {
          if (text === 'second') throw new Error('broken stream');
          return text;
        }),
      /in mid-stream, connection cut: Error: broken stream/,
    ],
    [
      'a chunk that is an object',
      function* () {
        yield 'first';
        yield {};
      },
      /A stream gives strings or bytes, not an object/,
    ],
  ];

  test.each(failures)('%s', async (_name, body, line) => {
    const client = await start(() => stream(body() as Iterable<string>));
    client.request('GET /');
    await client.closed;
    // What it gave before was sent.
    expect(client.pending).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n5\r\nfirst\r\n$/);
    expect(served?.logger.errors).toEqual([expect.stringMatching(line)]);
    await expect(fetch(`${served?.server.url}/`).then((response) => response.text())).rejects.toThrow();
  });

  test.each<[string, () => Iterable<unknown> | AsyncIterable<unknown>, number, string | RegExp]>([
    [
      'a generator',
      function* () {
        yield* [];
        throw new Error('broken generator');
      },
      500,
      /^GET \/: Error: broken generator/,
    ],
    [
      'an async generator',
      async function* () {
        yield* [];
        await Promise.reject(new Error('broken generator'));
      },
      500,
      /^GET \/: Error: broken generator/,
    ],
    ['a file that is not there', () => createReadStream('/nowhere/at/all'), 500, /ENOENT/],
    [
      'a status',
      function* () {
        yield* [];
        abort(404);
      },
      404,
      '',
    ],
    [
      'a chunk that is null',
      function* () {
        yield null;
      },
      500,
      /a stream gives strings or bytes, not null/,
    ],
  ])('answers where %s fails before the first chunk', async (_name, body, status, line) => {
    const client = await start(() => stream(body() as Iterable<string>));
    for (let i = 0; i < 2; i++) expect((await client.request('GET /').response()).status).toBe(status);
    expect(served?.logger.errors.slice(1)).toEqual(line === '' ? [] : [expect.stringMatching(line)]);
    client.destroy();
  });

  test.each([
    ['too long', ['abc', 'def'], 'The stream gave more than its 5 bytes'],
    ['too short', ['abc'], 'The stream ended after 3 of its 5 bytes'],
  ])('one that is %s for its declared length', async (_name, body, message) => {
    const client = await start(() => stream(body, 5));
    client.request('GET /');
    await client.closed;
    expect(client.pending).not.toContain('abcde');
    expect(served?.logger.errors).toEqual([expect.stringContaining(message)]);
  });

  test('one that is sent a second time', async () => {
    const response = stream(['a']);
    const client = await start(() => response);
    expect((await client.request('GET /').response()).text).toBe('a');
    client.request('GET /');
    await client.closed;
    expect(served?.logger.errors).toEqual([expect.stringContaining('sent twice')]);
  });
});
