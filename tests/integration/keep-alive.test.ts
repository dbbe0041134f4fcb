/** Connections with more than one request: order, ends, and heads whose every byte is right. */
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  DECLINED,
  JsonResponse,
  NoContentResponse,
  NotModifiedResponse,
  Response,
  TextResponse,
  type Handler,
  type ListenOptions,
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

const echo: Handler = (req) => new TextResponse(req.path);

describe('pipelined requests', () => {
  test('are answered in order', async () => {
    const client = await start(echo);
    const paths = Array.from({ length: 50 }, (_, i) => `/${i}`);
    client.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
    for (const path of paths) expect((await client.response()).text).toBe(path);
    client.destroy();
  });

  test('are answered in order though the later answers are there first', async () => {
    const gate = deferred();
    const all = deferred();
    const client = await start((req) => {
      if (req.path === '/3') all.resolve();
      return req.path === '/0' ? gate.promise.then(() => new TextResponse(req.path)) : echo(req);
    });
    for (let i = 0; i < 4; i++) client.request(`GET /${i}`);
    await all.promise;
    expect(client.pending).toBe('');
    gate.resolve();
    for (let i = 0; i < 4; i++) expect((await client.response()).text).toBe(`/${i}`);
    client.destroy();
  });

  test('behind one with a body are in step', async () => {
    const client = await start(
      async (req) => new TextResponse(`${req.path} ${String(await req.readBytes())}`),
    );
    client.request('POST /0', ['Content-Length: 3'], 'abc').request('GET /1');
    expect((await client.response()).text).toBe('/0 abc');
    expect((await client.response()).text).toBe('/1 ');
    client.destroy();
  });

  test('behind the last answer of a connection reach no handler', async () => {
    const seen: string[] = [];
    const client = await start((req) => {
      seen.push(req.path);
      return new TextResponse('last', { headers: { Connection: 'close' } });
    });
    client.send('GET /0 HTTP/1.1\r\nHost: a\r\n\r\nGET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await client.response()).header('connection')).toBe('close');
    await client.closed;
    expect([seen, client.pending]).toEqual([['/0'], '']);
  });

  test('a malformed one comes to its turn after the answers before it', async () => {
    const gate = deferred();
    const arrived = deferred();
    const client = await start(async (req) => {
      arrived.resolve();
      await gate.promise;
      return new TextResponse(req.path);
    });
    client.send('GET /0 HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n');
    await arrived.promise;
    gate.resolve();
    expect((await client.response()).text).toBe('/0');
    expect((await client.response()).status).toBe(400);
    await client.closed;
  });

  test('CONNECT comes to its turn after the answers before it', async () => {
    const gate = deferred();
    const arrived = deferred();
    const client = await start(async (req) => {
      arrived.resolve();
      await gate.promise;
      return new TextResponse(req.path);
    });
    client.send('GET /0 HTTP/1.1\r\nHost: a\r\n\r\nCONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n');
    await arrived.promise;
    gate.resolve();
    expect((await client.response()).text).toBe('/0');
    expect((await client.response()).status).toBe(405);
    await client.closed;
  });

  test('whose client leaves are over, each of them', async () => {
    const closed: string[] = [];
    const all = deferred();
    const arrived = deferred();
    const client = await start((req) => {
      req.onClose(() => {
        closed.push(req.path);
        if (closed.length === 2) all.resolve();
      });
      if (req.path === '/2') arrived.resolve();
      return req.path === '/0' ? new Promise(() => undefined) : echo(req);
    });
    for (let i = 0; i < 3; i++) client.request(`GET /${i}`);
    await arrived.promise;
    client.destroy();
    await all.promise;
    // The handler of the first still has it.
    expect(closed).toEqual(['/1', '/2']);
  });
});

describe('a connection', () => {
  test('ends when the client asks for it', async () => {
    const client = await start(echo);
    const response = await client.request('GET /', ['Connection: close']).response();
    expect(response.header('connection')).toBe('close');
    expect(response.header('keep-alive')).toBeUndefined();
    await client.closed;
  });

  test('tells how long it stays open', async () => {
    const client = await start(echo, { keepAliveTimeout: 7500 });
    const response = await client.request('GET /').response();
    expect([response.header('connection'), response.header('keep-alive')]).toEqual([
      'keep-alive',
      'timeout=7',
    ]);
    client.destroy();
  });

  test('without a limit names none', async () => {
    const client = await start(echo, { keepAliveTimeout: 0 });
    const response = await client.request('GET /').response();
    expect([response.header('connection'), response.header('keep-alive')]).toEqual(['keep-alive', undefined]);
    client.destroy();
  });

  test('of HTTP/1.0 ends after one answer', async () => {
    const client = await start(echo);
    const response = await client.send('GET / HTTP/1.0\r\n\r\n').response();
    expect([response.statusLine, response.header('connection')]).toEqual(['HTTP/1.1 200 OK', 'close']);
    await client.closed;
  });

  test('of HTTP/1.0 stays when the client asks for it', async () => {
    const client = await start(echo);
    for (let i = 0; i < 2; i++) {
      const response = await client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n').response();
      expect([response.header('connection'), response.text]).toEqual(['keep-alive', '/']);
    }
    client.destroy();
  });

  test('ends after the requests it may have, and says so with the last', async () => {
    const client = await start(echo, { maxRequestsPerSocket: 3 });
    const connections: (string | undefined)[] = [];
    for (let i = 0; i < 3; i++)
      connections.push((await client.request('GET /').response()).header('connection'));
    expect(connections).toEqual(['keep-alive', 'keep-alive', 'close']);
    await client.closed;
  });

  test('ends idle after its time', async () => {
    const client = await start(echo, { keepAliveTimeout: 50 });
    await client.request('GET /').response();
    await client.closed;
  });

  test('ends without an answer when it is declined', async () => {
    const closed = deferred();
    const client = await start((req) => {
      req.onClose(() => {
        closed.resolve();
      });
      return DECLINED;
    });
    client.request('GET /');
    await client.closed;
    await closed.promise;
    expect(client.pending).toBe('');
  });

  test('beyond the number there may be is closed at once', async () => {
    const client = await start(echo, { maxConnections: 1 });
    await client.request('GET /').response();
    const second = await RawClient.connect(served?.port ?? 0);
    await second.closed;
    expect((await client.request('GET /').response()).status).toBe(200);
    client.destroy();
  });

  test('tells those who wait for the end of a request after each answer', async () => {
    const closed: string[] = [];
    const client = await start((req) => {
      req.onClose(() => closed.push(req.path));
      return echo(req);
    });
    await client.request('GET /0').response();
    await client.request('GET /1').response();
    client.destroy();
    await once(client.socket, 'close');
    await served?.server.close();
    expect(closed).toEqual(['/0', '/1']);
  });
});

describe('a head', () => {
  const HEAD =
    /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 1\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n\r\n$/;

  test('has every line once', async () => {
    const client = await start(() => new TextResponse('a'));
    for (let i = 0; i < 2; i++)
      expect((await client.request('GET /').response()).head.toString('latin1')).toMatch(HEAD);
    client.destroy();
  });

  test('has what the host decides from the host alone', async () => {
    const headers = {
      'Content-Length': '99',
      'Transfer-Encoding': 'chunked',
      Connection: 'upgrade',
      'Keep-Alive': 'timeout=9',
      Date: 'Sun, 06 Nov 1994 08:49:37 GMT',
    };
    const client = await start(() => new TextResponse('a', { headers }));
    const { fields, text } = await client.request('GET /').response();
    expect(text).toBe('a');
    expect(fields).toEqual([
      ['content-type', 'text/plain; charset=utf-8'],
      ['date', 'Sun, 06 Nov 1994 08:49:37 GMT'],
      ['x-content-type-options', 'nosniff'],
      ['content-length', '1'],
      ['connection', 'keep-alive'],
      ['keep-alive', 'timeout=65'],
    ]);
    client.destroy();
  });

  test.each([
    ['ASCII', 'x'],
    ['text beyond ASCII', 'žluťoučký kůň 🐎'],
    ['nothing', ''],
    ['a lone surrogate', '\ud800'],
    ['300 KB beyond ASCII', 'ž'.repeat(150_000)],
    ['300 KB of ASCII', 'z'.repeat(300_000)],
  ])('with a value in Latin-1 keeps its bytes before %s', async (_name, body) => {
    const client = await start(() => new TextResponse(body, { headers: { 'X-Name': 'J\xfcrgen' } }));
    for (let i = 0; i < 2; i++) {
      const response = await client.request('GET /').response();
      expect(response.header('x-name')).toBe('J\xfcrgen');
      expect(response.body.equals(Buffer.from(body))).toBe(true);
    }
    client.destroy();
  });

  test('before bytes leaves them as they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const client = await start(() => new Response(bytes, { headers: { 'X-Name': 'J\xfcrgen' } }));
    const response = await client.request('GET /').response();
    expect(response.body.equals(bytes)).toBe(true);
    expect(response.header('x-name')).toBe('J\xfcrgen');
    client.destroy();
  });

  test('of an answer to HEAD has the length that GET would have', async () => {
    const client = await start(() => new TextResponse('žluťoučký'));
    const response = await client.request('HEAD /').response('HEAD');
    expect(response.header('content-length')).toBe(String(Buffer.byteLength('žluťoučký')));
    expect((await client.request('GET /').response()).text).toBe('žluťoučký');
    client.destroy();
  });

  const bodyless: [number, () => Response, string | undefined][] = [
    [204, () => new NoContentResponse(), undefined],
    [204, () => new TextResponse('not sent', { status: 204 }), undefined],
    [304, () => new NotModifiedResponse({ etag: '"a"' }), undefined],
    [304, () => new JsonResponse({}, { status: 304 }), undefined],
    [205, () => new TextResponse('not sent', { status: 205 }), '0'],
  ];

  test.each(bodyless)('of %i announces no content', async (status, answer, length) => {
    const client = await start((req) => (req.path === '/' ? answer() : new TextResponse('next')));
    const response = await client.request('GET /').response();
    expect(response.status).toBe(status);
    expect(response.header('content-length')).toBe(length);
    expect(response.header('transfer-encoding')).toBeUndefined();
    expect(response.header('content-type')).toBeUndefined();
    expect((await client.request('GET /next').response()).text).toBe('next');
    client.destroy();
  });

  test.each([[299], [599]])('of %i, a status without a name, has a reason all the same', async (status) => {
    const client = await start(() => new TextResponse('a', { status }));
    expect((await client.request('GET /').response()).statusLine).toBe(`HTTP/1.1 ${status} Unknown`);
    client.destroy();
  });
});
