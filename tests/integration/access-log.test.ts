/** What the access log is told of requests that are over. */
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  EventStreamResponse,
  GeneratorResponse,
  Response,
  TextResponse,
  type AccessEntry,
  type Handler,
  type ListenOptions,
} from 'obol';
import { commonLogLine } from 'obol/node';
import { RawClient } from '../support/raw-client.js';
import { deferred, serve, type Served } from '../support/serve.js';

let served: Served | undefined;

afterEach(async () => {
  await served?.server.close();
  served = undefined;
});

const answerLater = deferred<Response>();

const handler: Handler = (req) => {
  if (req.target === '/%zz') return new TextResponse('bad');
  if (req.path === '/stream') return new GeneratorResponse(['ab', 'cd']);
  if (req.path === '/long') return new GeneratorResponse(['ab', 'cd'], { length: 4 });
  if (req.path === '/tagged') return new Response('abc', { headers: { ETag: '"x"' } });
  if (req.path === '/later') return answerLater.promise;
  if (req.path === '/read') return req.readBytes().then(() => new TextResponse('read'));
  if (req.path === '/events') return new EventStreamResponse(endless());
  return new TextResponse('hello', { status: req.path === '/missing' ? 404 : 200 });
};

async function* endless(): AsyncGenerator<string> {
  for (;;) yield await new Promise<string>(() => undefined);
}

/** Starts a server, and gives what it logs, entry by entry. */
async function start(
  options: ListenOptions = {},
): Promise<{ client: RawClient; next: () => Promise<AccessEntry> }> {
  const entries: AccessEntry[] = [];
  let arrived = deferred();
  served = await serve(handler, {
    ...options,
    accessLog: (entry) => {
      entries.push(entry);
      arrived.resolve();
    },
  });
  const next = async (): Promise<AccessEntry> => {
    while (entries.length === 0) {
      await arrived.promise;
      arrived = deferred();
    }
    return entries.shift() as unknown as AccessEntry;
  };
  const { port } = served;
  return { client: await RawClient.connect({ port, host: '127.0.0.1', allowHalfOpen: true }), next };
}

test.each([
  ['GET /', [], 200, 5],
  ['HEAD /', [], 200, 0],
  ['GET /missing', [], 404, 5],
  ['GET /long', [], 200, 4],
  ['GET /stream', [], 200, undefined],
  ['GET /tagged', ['If-None-Match: "x"'], 304, 0],
  ['GET /', ['Host: two'], 400, 32],
])('%s %j is told with status %i and %s bytes', async (line, fields, status, length) => {
  const { client, next } = await start();
  client.request(line, fields);
  const entry = await next();
  expect([entry.status, entry.length, entry.complete]).toEqual([status, length, true]);
  expect(entry.milliseconds).toBeGreaterThanOrEqual(0);
  expect(commonLogLine(entry)).toContain(`"${line} HTTP/1.1" ${String(status)} `);
  client.destroy();
});

test('an answer that did not get through is told as such', async () => {
  const { client, next } = await start();
  await once(client.request('GET /events').socket, 'data');
  client.socket.resetAndDestroy();
  expect(await next()).toMatchObject({ status: 200, length: undefined, complete: false });
});

test('a stream of events ends when the server drains', async () => {
  const { client, next } = await start();
  await once(client.request('GET /events').socket, 'data');
  const closed = served?.server.close();
  expect(await next()).toMatchObject({ status: 200, complete: true });
  await closed;
  await client.closed;
});

describe('a refusal is told with what is known of the request:', () => {
  const long = 'x'.repeat(3000);
  test.each<[string, string, string]>([
    ['a bad field', 'GET /a"b HTTP/1.1\r\nHost: a\r\nBad field\r\n\r\n', '"GET /a\\x22b HTTP/1.1" 400 29'],
    ['a bad method', 'BREW /x HTTP/1.1\r\nHost: a\r\n\r\n', '"BREW /x HTTP/1.1" 501 34'],
    ['a bad version', 'GET /x HTTP/3.1\r\nHost: a\r\n\r\n', '"GET /x HTTP/3.1" 505 47'],
    ['no request line', 'nonsense\x1b\r\n\r\n', '"-" 400 29'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00', '"-" 400 29'],
    [
      'what would steer a terminal',
      'GET /\x1b[1m\u00e9 HTTP/1.1\r\nA b\r\n\r\n',
      '"GET /\\x1b[1m\\xc3\\xa9 HTTP/1.1" 400 29',
    ],
    ['a proxy request', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', '"CONNECT a:443 HTTP/1.1" 405 28'],
    ['an expectation', 'GET /e HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n', '"GET /e HTTP/1.1" 417 52'],
    ['a large head', `GET /x HTTP/1.1\r\nHost: a\r\nA: ${long}\r\n\r\n`, '"GET /x HTTP/1.1" 431 26'],
    [
      'a bad chunk',
      'POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      '"POST /read HTTP/1.1" 400 29',
    ],
  ])('%s', async (_, bytes, line) => {
    const { client, next } = await start({ maxHeaderSize: 2500 });
    client.send(bytes);
    const entry = await next();
    expect(commonLogLine(entry)).toMatch(/^127\.0\.0\.1 - - \[[^\]]+\] "/);
    expect(commonLogLine(entry).replace(/^.*?\] /, '')).toBe(line);
    expect(entry.complete).toBe(true);
    client.destroy();
  });

  test('a long target, cut', async () => {
    const { client, next } = await start({ maxHeaderSize: 9500 });
    client.send(`GET /${'x'.repeat(9400)} HTTP/1.1\r\nHost: a\r\nA: ${long}\r\n\r\n`);
    expect(commonLogLine(await next())).toMatch(/\] "GET \/x{2043}" 414 /);
    client.destroy();
  });

  test('a head that began in a packet before', async () => {
    const { client, next } = await start();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n');
    await client.response();
    client.send('Bad field\r\n\r\n');
    expect((await next()).status).toBe(200);
    expect(commonLogLine(await next())).toContain('"-" 400 29');
    client.destroy();
  });

  test('a head that never ends', async () => {
    const { client, next } = await start({ headersTimeout: 50, connectionsCheckingInterval: 10 });
    client.send('GET / HTTP/1.1\r\n');
    expect(commonLogLine(await next())).toMatch(/^127\.0\.0\.1 .*"-" 408 30$/);
    client.destroy();
  });

  test('a bad chunk, once, whatever its handler answers later', async () => {
    const { client, next } = await start();
    client.send('POST /later HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n');
    expect((await next()).status).toBe(400);
    answerLater.resolve(new TextResponse('late'));
    await client.closed;
    client.destroy();
    const other = await RawClient.connect(served?.port ?? 0);
    other.request('GET /missing');
    expect((await next()).status).toBe(404);
    other.destroy();
  });

  test('a bad head behind a good one, each once and in order', async () => {
    const { client, next } = await start();
    client.send(
      'GET /missing HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\nBad field\r\n\r\n',
    );
    const lines = [commonLogLine(await next()), commonLogLine(await next())];
    expect(lines.map((line) => line.replace(/^.*?\] /, ''))).toEqual([
      '"GET /missing HTTP/1.1" 404 5',
      '"GET /second HTTP/1.1" 400 29',
    ]);
    client.destroy();
  });
});

test('knows the address of a client that cut the connection', async () => {
  const { client, next } = await start();
  await once(client.request('GET /events').socket, 'data');
  client.socket.resetAndDestroy();
  expect(commonLogLine(await next())).toMatch(/^127\.0\.0\.1 /);
});

test('an access log that throws is one line for the logger', async () => {
  const thrown = deferred();
  served = await serve(handler, {
    accessLog: ({ request }) => {
      thrown.resolve();
      return request.path;
    },
  });
  const client = await RawClient.connect(served.port);
  client.request('GET /%zz');
  await thrown.promise;
  expect(served.logger.errors).toEqual([expect.stringContaining('The access log failed: HttpError')]);
  client.destroy();
});
