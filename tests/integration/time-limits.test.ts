/** What takes too long: heads, bodies, handlers, readers. Limits are short here so that tests are. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { GeneratorResponse, Response, TextResponse, type Handler, type ListenOptions } from 'obol';
import { RawClient } from '../support/raw-client.js';
import { deferred, serve, type Served } from '../support/serve.js';

let served: Served | undefined;

afterEach(async () => {
  await served?.server.close();
  served = undefined;
});

async function start(handle: Handler, options?: ListenOptions): Promise<RawClient> {
  served = await serve(handle, { connectionsCheckingInterval: 20, ...options });
  return RawClient.connect(served.port);
}

const done: Handler = () => new TextResponse('done');
const readAll: Handler = async (req) => new TextResponse(String((await req.readBytes()).length));
const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a head', () => {
  test.each([
    ['that stops', 'GET / HTTP/1.1\r\nHost: a\r\n'],
    ['that never starts', ''],
  ])('%s is answered with 408', async (_name, part) => {
    const client = await start(done, { headersTimeout: 100 });
    client.send(part);
    expect((await client.response()).status).toBe(408);
    await client.closed;
  });

  test('that trickles is answered with 408', async () => {
    const client = await start(done, { headersTimeout: 100 });
    client.send('GET / HTTP/1.1\r\nHost: a\r\n');
    const trickle = setInterval(() => client.send('A: b\r\n'), 20);
    expect((await client.response()).status).toBe(408);
    clearInterval(trickle);
    await client.closed;
  });

  test('in time is answered however long the limit was used', async () => {
    const client = await start(done, { headersTimeout: 5000 });
    client.send('GET / HTTP/1.1\r\n');
    await wait(50);
    expect((await client.send('Host: a\r\n\r\n').response()).text).toBe('done');
    client.destroy();
  });
});

describe('a body', () => {
  const slow = { bodyGrace: 100, bodyMinRate: 1000 };
  const readers: [string, Handler][] = [
    ['read at once', readAll],
    [
      'read as a stream',
      async (req) => {
        let length = 0;
        for await (const chunk of req.stream) length += (chunk as Buffer).length;
        return new TextResponse(String(length));
      },
    ],
  ];

  test.each(readers)('%s that comes too slowly is answered with 408', async (_name, handler) => {
    const client = await start(handler, slow);
    client.request('POST /', ['Content-Length: 1000'], 'x');
    const trickle = setInterval(() => client.send('x'), 20);
    const response = await client.response();
    clearInterval(trickle);
    expect([response.status, response.text]).toEqual([408, '408 The body came too slowly\n']);
    expect(response.header('connection')).toBe('close');
    await client.closed;
  });

  test.each(readers)(
    '%s that comes fast enough may take longer than a handler may',
    async (_name, handler) => {
      const client = await start(handler, { ...slow, bodyGrace: 60, handlerTimeout: 100 });
      client.request('POST /', ['Content-Length: 5000']);
      for (let i = 0; i < 10; i++) {
        client.send('x'.repeat(500));
        await wait(30);
      }
      expect((await client.response()).text).toBe('5000');
      client.destroy();
    },
  );

  test.each(readers)('%s that stands still is answered with 408', async (_name, handler) => {
    const client = await start(handler, { readTimeout: 60 });
    client.request('POST /', ['Content-Length: 100001'], 'x'.repeat(100_000));
    expect((await client.response()).status).toBe(408);
    await client.closed;
  });

  test('that is not complete in the time for the whole request is answered with 408', async () => {
    const client = await start(readAll, { headersTimeout: 50, requestTimeout: 100 });
    client.request('POST /', ['Content-Length: 1000'], 'x');
    expect((await client.response()).status).toBe(408);
    await client.closed;
  });

  test('that nobody reads does not stop the clock of its handler', async () => {
    const client = await start(() => new Promise(() => undefined), { handlerTimeout: 60 });
    client.request('POST /', ['Content-Length: 1000000'], 'x'.repeat(1000));
    expect((await client.response()).status).toBe(503);
    await client.closed;
  });
});

describe('a handler', () => {
  test('that takes too long is answered for with 503, and logged', async () => {
    const client = await start(() => new Promise(() => undefined), { handlerTimeout: 60 });
    const response = await client.request('GET /slow').response();
    expect([response.status, response.text]).toEqual([503, '503 The answer took too long\n']);
    await client.closed;
    expect(served?.logger.errors).toEqual(['GET /slow: no answer in time, 503 sent']);
  });

  test.each([
    ['answer', (): Response => new TextResponse('late')],
    [
      'failure',
      (): Response => {
        throw new Error('late');
      },
    ],
  ])('that is too late has its %s thrown away', async (_name, finish) => {
    const gate = deferred();
    const client = await start(() => gate.promise.then(finish), { handlerTimeout: 60 });
    expect((await client.request('GET /').response()).status).toBe(503);
    gate.resolve();
    await client.closed;
    expect(client.pending).toBe('');
  });

  test('that is too late with a stream has it let go of', async () => {
    const gate = deferred();
    const ended = deferred();
    const body = {
      *[Symbol.iterator]() {
        yield 'late';
      },
      return: ended.resolve,
    };
    const client = await start(
      () => gate.promise.then(() => new GeneratorResponse(body as Iterable<string>)),
      {
        handlerTimeout: 60,
      },
    );
    expect((await client.request('GET /').response()).status).toBe(503);
    gate.resolve();
    await ended.promise;
    client.destroy();
  });

  test('that streams has all the time it needs', async () => {
    const client = await start(
      () =>
        new GeneratorResponse(
          (async function* () {
            yield 'a';
            await wait(150);
            yield 'b';
          })(),
        ),
      { handlerTimeout: 40, writeTimeout: 40 },
    );
    expect((await client.request('GET /').response()).text).toBe('ab');
    client.destroy();
  });

  test('has all the time it wants without a limit', async () => {
    const client = await start(() => wait(120).then(() => new TextResponse('done')), {
      handlerTimeout: 0,
      writeTimeout: 20,
    });
    expect((await client.request('GET /').response()).text).toBe('done');
    client.destroy();
  });
});

describe('a client that does not read', () => {
  const large = Buffer.alloc(64 * 1024 * 1024);

  test.each([
    ['a body', () => new Response(large)],
    [
      'a stream',
      () =>
        new GeneratorResponse(
          (function* () {
            for (;;) yield large.subarray(0, 64 * 1024);
          })(),
        ),
    ],
  ])('%s is cut', async (_name, answer) => {
    const over = deferred();
    const client = await start(
      (req) => {
        req.onClose(() => {
          over.resolve();
        });
        return answer();
      },
      { writeTimeout: 60 },
    );
    client.socket.pause();
    client.request('GET /');
    await over.promise;
    client.socket.resume();
    await once(client.socket, 'close');
  });

  test('fast is not cut while it gets on', async () => {
    const size = 24 * 1024 * 1024;
    served = await serve(() => new Response(large.subarray(0, size)), { writeTimeout: 400 });
    const socket = connect(served.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const begin = Date.now();
    let received = 0;
    for await (const bytes of socket) {
      received += (bytes as Buffer).length;
      await wait(1);
    }
    expect(received).toBeGreaterThan(size);
    expect(Date.now() - begin).toBeGreaterThan(400);
  });
});
