/** What comes back through a proxy, and what becomes of servers that answer wrongly, late or not at all. */
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { HttpError, makeResponse, type Handler, type ListenOptions } from 'obol';
import { mount } from 'obol/composition';
import { proxy, type ProxyOptions } from 'obol/proxy';
import { developerError } from '../../support/errors.js';
import { askOnce as ask, RawClient, type RawResponse } from '../../support/raw-client.js';
import { serve, type Served } from '../../support/serve.js';
import { deadUrl, RawUpstream, show, ShowingUpstream } from './upstreams.js';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function raw(answer: ConstructorParameters<typeof RawUpstream>[0]): Promise<RawUpstream> {
  const upstream = await new RawUpstream(answer).start();
  ends.push(() => upstream.stop());
  return upstream;
}

async function showing(answer?: ConstructorParameters<typeof ShowingUpstream>[0]): Promise<ShowingUpstream> {
  const upstream = await new ShowingUpstream(answer).start();
  ends.push(() => upstream.stop());
  return upstream;
}

async function through(
  options: ProxyOptions,
  wrap = (handle: Handler) => handle,
  listening: ListenOptions = {},
): Promise<Served> {
  const one = await serve(wrap(proxy(options)), { drainLinger: 0, ...listening });
  ends.push(() => one.server.close());
  return one;
}

/** What a server of bytes answers, through a proxy. */
async function answered(
  answer: string,
  line = 'GET /',
  options: Partial<ProxyOptions> = {},
): Promise<RawResponse> {
  const upstream = await raw(answer);
  const { port } = await through({ upstreams: upstream.url, ...options });
  return ask(port, line);
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const fieldsOf = ({ fields }: RawResponse): string[] => fields.map(([name, value]) => `${name}: ${value}`);

describe('heads of answers', () => {
  test('come as the server has sent them, with Via and nothing of the proxy', async () => {
    const head = [
      'Date: Sun, 06 Nov 1994 08:49:37 GMT',
      'Server: x',
      'Content-Type: text/html',
      'Content-Encoding: br',
      'ETag: "x"',
      'X-A: 1',
      'X-A: 2',
      'Via: 1.0 fred',
    ];
    const answer = await answered(`HTTP/1.1 200 OK\r\n${head.join('\r\n')}\r\nContent-Length: 2\r\n\r\nok`);
    expect(fieldsOf(answer)).toEqual([
      ...head.slice(0, -1).map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase())),
      'via: 1.0 fred, 1.1 obol',
      'content-length: 2',
      'connection: keep-alive',
      'keep-alive: timeout=65',
    ]);
  });

  test.each([
    ['Connection: x-secret', 'X-Secret: 1'],
    ['Keep-Alive: timeout=9'],
    ['Proxy-Connection: close'],
    ['Proxy-Authenticate: Basic'],
    ['Trailer: X-Checksum'],
    ['Upgrade: h2,h2c', 'Connection: Upgrade'],
    ['TE: trailers'],
  ])('%s stays where it is', async (...lines) => {
    const answer = await answered(
      `HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\nDate: now\r\nContent-Length: 2\r\n\r\nok`,
    );
    expect(fieldsOf(answer)).toEqual([
      'date: now',
      'via: 1.1 obol',
      'content-length: 2',
      'connection: keep-alive',
      'keep-alive: timeout=65',
    ]);
  });

  test('a range or a condition that the server has not applied is not applied here', async () => {
    const { port } = await through({
      upstreams: (
        await raw('HTTP/1.1 200 OK\r\nETag: "x"\r\nAccept-Ranges: bytes\r\nContent-Length: 2\r\n\r\nok')
      ).url,
    });
    expect((await ask(port, 'GET /', ['Range: bytes=0-0'])).text).toBe('ok');
    expect((await ask(port, 'GET /', ['If-None-Match: "x"'])).status).toBe(200);
  });

  test('of a field that has one value the last counts', async () => {
    const { fields } = await answered(
      'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok',
    );
    expect(fields.filter(([name]) => name === 'content-type')).toEqual([['content-type', 'text/plain']]);
  });
});

describe('bodies of answers', () => {
  test.each([
    ['of a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello'],
    ['of octets', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\x00\xe9\xff', '\x00\xe9\xff'],
    [
      'in chunks, with a trailer',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX-T: 1\r\n\r\n',
      'hello',
    ],
    ['to the end of the connection', 'HTTP/1.0 200 OK\r\n\r\nhello', 'hello'],
    ['of nothing', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ''],
  ])('one %s comes whole', async (_what, answer, text) => {
    const reply = await answered(answer);
    expect([reply.body.toString('latin1'), reply.complete, reply.header('trailer')]).toEqual([
      text,
      true,
      undefined,
    ]);
  });

  test.each([
    [204, 'HTTP/1.1 204 No Content\r\n\r\nsmuggled'],
    [304, 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 8\r\n\r\nsmuggled'],
  ])('%i has none, whatever the server sends', async (status, answer) => {
    const reply = await answered(answer);
    expect([reply.status, reply.text]).toEqual([status, '']);
  });

  test.each([
    ['HEAD /', 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled', ''],
    ['GET /', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\noksmuggled', 'ok'],
  ])('what comes behind that of %s is no part of it', async (line, answer, text) => {
    const reply = await answered(answer, line);
    expect([reply.status, reply.text]).toEqual([200, text]);
  });

  test('HEAD has the length that GET would have', async () => {
    const reply = await answered('HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n', 'HEAD /');
    expect([reply.status, reply.header('content-length')]).toEqual([200, '1234']);
  });

  test.each([
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\nTrailer: X-T\r\nContent-Length: 2\r\n\r\nok'],
  ])('a client of HTTP/1.0 gets one with Trailer, and the server lives', async (answer) => {
    const upstream = await raw(answer);
    const { port } = await through({ upstreams: upstream.url });
    for (let i = 0; i < 2; i++) {
      const client = await RawClient.connect(port);
      client.send('GET / HTTP/1.0\r\n\r\n');
      await client.closed;
      expect(client.pending).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\nok$/);
      expect(client.pending).not.toMatch(/chunked|trailer/i);
      client.destroy();
    }
  });

  test.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello'],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n'],
  ])('one that breaks off is not complete for the client: %s', async (_what, answer) => {
    const upstream = await raw(answer);
    const { port } = await through({ upstreams: upstream.url });
    const reply = await ask(port).catch(() => undefined);
    expect(reply?.complete === true && reply.status !== 502).toBe(false);
  });

  test('the head is there before the body', async () => {
    const upstream = await showing((_, outgoing) => {
      outgoing.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    });
    const { port } = await through({ upstreams: upstream.url });
    const client = await RawClient.connect(port);
    await client.request('GET /').until((text) => text.includes('\r\n\r\n'));
    expect(client.pending).toContain('text/event-stream');
    client.destroy();
  });

  test('one that stands still is cut', async () => {
    const upstream = await showing(
      (_, outgoing) => void outgoing.writeHead(200, { 'Content-Length': 10 }).write('hello'),
    );
    const { port } = await through({ upstreams: upstream.url, idleTimeout: 50 });
    const client = await RawClient.connect(port);
    client.request('GET /');
    await client.closed;
    expect(client.pending).toMatch(/\r\n\r\nhello$/);
    client.destroy();
  });
});

describe('answers that are none are 502', () => {
  test.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ],
    ['a length with a sign', 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok'],
    ['a hexadecimal length', 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok'],
    ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['a coding with a tab', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['a coding that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok'],
    ['a fold', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n Content-Length: 9\r\nContent-Length: 2\r\n\r\nok'],
    ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'],
    ['a control character', 'HTTP/1.1 200 OK\r\nX-A: \x01\r\nContent-Length: 2\r\n\r\nok'],
    ['NUL', 'HTTP/1.1 200 OK\r\nX-A: \x00\r\nContent-Length: 2\r\n\r\nok'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nhello\r\n\r\nok'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['a status over 599', 'HTTP/1.1 999 No\r\nContent-Length: 2\r\n\r\nok'],
    ['HTTP/2.0', 'HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['another protocol', 'SSH-2.0-OpenSSH_9\r\n\r\n'],
    ['HTTP/0.9', '<html>hello</html>'],
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    [
      'a change that was not asked for',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    ],
    ['a head without end', `HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['too many fields', `HTTP/1.1 200 OK\r\n${'X-A: 1\r\n'.repeat(300)}Content-Length: 2\r\n\r\nok`],
  ])('%s', async (_what, answer) => {
    expect((await answered(answer)).status).toBe(502);
  });
});

describe('interim answers', () => {
  /** All that a client gets up to the answer. */
  async function allOf(
    interims: readonly string[],
    { version = '1.1', wrap }: { version?: string; wrap?: (handle: Handler) => Handler } = {},
  ): Promise<RawResponse[]> {
    const upstream = await raw((socket) =>
      socket.end(interims.map((each) => `HTTP/1.1 ${each}\r\n\r\n`).join('') + OK),
    );
    const { port } = await through({ upstreams: upstream.url }, wrap);
    const client = await RawClient.connect(port);
    client.send(`GET / HTTP/${version}\r\nHost: localhost\r\n\r\n`);
    const all = [await client.response()];
    while ((all.at(-1)?.status ?? 200) < 200) all.push(await client.response());
    client.destroy();
    return all;
  }
  const statuses = (all: readonly RawResponse[]): number[] => all.map(({ status }) => status);

  test.each<[string, string[], number[]]>([
    ['103', ['103 Early Hints\r\nLink: </a.css>; rel=preload'], [103, 200]],
    ['102', ['102 Processing'], [102, 200]],
    ['one that nobody knows', ['150 Soon\r\nX-Soon: 1'], [150, 200]],
    [
      'several',
      ['103 Early Hints\r\nLink: </a>', '102 Processing', '103 Early Hints\r\nLink: </b>'],
      [103, 102, 103, 200],
    ],
    ['100 that nobody waits for, which is for the proxy', ['100 Continue', '103 Early Hints'], [103, 200]],
    ['no more than eight', Array<string>(20).fill('103 Early Hints'), [...Array<number>(8).fill(103), 200]],
  ])('come before the answer: %s', async (_what, interims, expected) => {
    expect(statuses(await allOf(interims))).toEqual(expected);
  });

  test('have the fields that are for the client', async () => {
    const fields = [
      'Link: </a.css>; rel=preload',
      'Link: </b.js>; rel=preload',
      'Content-Length: 5',
      'Connection: X-Hop',
      'X-Hop: 1',
      'Keep-Alive: timeout=5',
      'Trailer: X-Sum',
      'Location: /elsewhere',
      'Via: 1.1 inner',
    ];
    const [interim, answer] = await allOf([`103 Early Hints\r\n${fields.join('\r\n')}`]);
    expect(interim && fieldsOf(interim)).toEqual([
      'link: </a.css>; rel=preload',
      'link: </b.js>; rel=preload',
      'location: /elsewhere',
      'via: 1.1 inner, 1.1 obol',
    ]);
    expect([answer?.status, answer?.text]).toEqual([200, 'ok']);
  });

  test('are for no client of HTTP/1.0', async () => {
    expect(statuses(await allOf(['103 Early Hints\r\nLink: </a>'], { version: '1.0' }))).toEqual([200]);
  });

  test('come to their own request where several wait for answers', async () => {
    const upstream = await raw((socket, head) => {
      const [, path = ''] = head.split(' ');
      setTimeout(
        () => {
          socket.write(`HTTP/1.1 103 Early Hints\r\nLink: <${path}>\r\n\r\n${OK}`);
        },
        path === '/first' ? 10 : 0,
      );
    });
    const { port } = await through({ upstreams: upstream.url });
    const client = await RawClient.connect(port);
    client.request('GET /first').request('GET /second');
    const all = [await client.response(), await client.response(), await client.response()];
    expect([statuses(all), all[0]?.header('link')]).toEqual([[103, 200, 200], '</first>']);
    client.destroy();
  });

  test('come below a mount, and to a client that waits for 100 besides it', async () => {
    const upstream = await raw((socket, head) => {
      if (head.includes('Expect'))
        socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n');
      socket.once('data', () => socket.write(OK));
    });
    const { port } = await through({ upstreams: upstream.url }, (handle) => mount('/shop', handle));
    const client = await RawClient.connect(port);
    client.request('POST /shop/', ['Expect: 100-continue', 'Content-Length: 5']);
    expect(statuses([await client.response(), await client.response()])).toEqual([103, 100]);
    expect((await client.send('hello').response()).status).toBe(200);
    client.destroy();
  });

  test('a client that waits for 100 is asked for the body when the server wants it', async () => {
    const upstream = await raw((socket, head) => {
      if (head.includes('Expect: 100-continue'))
        setTimeout(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 10);
      socket.once('data', () => socket.write(OK));
    });
    const { port } = await through({ upstreams: upstream.url });
    const client = await RawClient.connect(port);
    const early = await client.request('POST /', ['Expect: 100-continue', 'Content-Length: 5']).response();
    expect([early.status, upstream.received.endsWith('\r\n\r\n')]).toEqual([100, true]);
    expect((await client.send('hello').response()).status).toBe(200);
    expect(upstream.received.endsWith('\r\n\r\nhello')).toBe(true);
    client.destroy();
  });

  test('a client that waits for 100 is not asked for the body that the server refuses', async () => {
    const upstream = await raw('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
    const { port } = await through({ upstreams: upstream.url });
    const reply = await ask(port, 'POST /', ['Expect: 100-continue', 'Content-Length: 500']);
    expect([reply.status, reply.header('connection')]).toEqual([413, 'close']);
  });
});

describe('servers that fail', () => {
  test('one that cannot be reached is 502, and its name is in the log alone', async () => {
    const url = await deadUrl();
    const { port, logger } = await through({ upstreams: `${url}/api` });
    const { status, text } = await ask(port, 'GET /?secret=1');
    expect([status, text.includes('127.0.0.1')]).toEqual([502, false]);
    expect(logger.errors).toEqual([`GET /: ${url}/api gave ECONNREFUSED`]);
  });

  test.each(['GET', 'POST'])('%s goes to the next where one cannot be reached', async (method) => {
    const { port, logger } = await through({
      upstreams: [await deadUrl(), await deadUrl(), (await showing()).url],
    });
    const { status, text } = await ask(port, `${method} /`, ['Content-Length: 5'], 'hello');
    expect([status, text.includes('hello')]).toEqual([200, true]);
    expect(logger.errors).toEqual([]);
  });

  test('one that could not be reached is asked last for a while', async () => {
    const dead = await deadUrl();
    const { port, logger } = await through({ upstreams: [dead, (await showing()).url] });
    for (let i = 0; i < 3; i++) expect((await ask(port)).status).toBe(200);
    expect(logger.warnings.filter((line) => line.includes(dead)).length).toBe(1);
  });

  test.each([
    ['GET', [], 200],
    ['DELETE', [], 200],
    ['POST', ['Content-Length: 0'], 502],
    ['PUT', ['Content-Length: 5'], 502],
  ])('%s to one that closes without an answer', async (method, fields, status) => {
    const bad = await raw((socket) => socket.destroy());
    const { port } = await through({ upstreams: [bad.url, (await showing()).url] });
    expect((await ask(port, `${method} /`, fields, 'hello')).status).toBe(status);
  });

  test('one that says nothing in time is 504', async () => {
    const { port, logger } = await through({ upstreams: (await raw(() => undefined)).url, timeout: 30 });
    expect((await ask(port)).status).toBe(504);
    expect(logger.errors[0]).toContain('gave no answer in time');
  });

  test('the time of one begins when it has the body', async () => {
    const { port } = await through({ upstreams: (await showing()).url, timeout: 40 });
    const client = await RawClient.connect(port);
    client.request('POST /', ['Content-Length: 2'], 'a');
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect((await client.send('b').response()).status).toBe(200);
    client.destroy();
  });

  test('one that takes no more of the body is 504', async () => {
    const upstream = await raw((socket) => socket.pause());
    const { port } = await through({ upstreams: upstream.url, timeout: 50 });
    const client = await RawClient.connect(port);
    client.request('POST /', ['Content-Length: 12000000']).send(Buffer.alloc(12_000_000));
    expect((await client.response()).status).toBe(504);
    client.destroy();
  });

  test('one that is asked enough already is 503', async () => {
    const upstream = await raw(() => undefined);
    const { port } = await through({ upstreams: upstream.url, maxRequests: 1 });
    const first = await RawClient.connect(port);
    first.request('GET /');
    while (upstream.received === '') await new Promise((resolve) => setTimeout(resolve, 5));
    const reply = await ask(port);
    expect([reply.status, reply.header('retry-after')]).toEqual([503, '1']);
    first.destroy();
  });

  test('a field that cannot be sent costs no server one of its places', async () => {
    const headers = { 'X-A': () => 'a\r\nb' };
    const { port } = await through({ upstreams: (await showing()).url, maxRequests: 1, headers });
    for (let i = 0; i < 3; i++) expect((await ask(port)).status).toBe(500);
  });

  test.each([1, 40_000, 63_000])('an answer of %i bytes comes whole', async (length) => {
    const upstream = await showing((_, outgoing) => outgoing.end(Buffer.alloc(length, 'x')));
    const { port } = await through({ upstreams: upstream.url });
    expect((await ask(port)).body.length).toBe(length);
  });

  test('an answer that comes before the end of the body is passed on at once', async () => {
    const upstream = await raw('HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n');
    const { port } = await through({ upstreams: upstream.url });
    const client = await RawClient.connect(port);
    const reply = await client.request('POST /', ['Content-Length: 1000000'], 'x').response();
    expect([reply.status, reply.header('connection')]).toEqual([401, 'close']);
    client.destroy();
  });
});

describe('a server that closes in the midst of the body', () => {
  /** Answers the first bytes, and resets the connection with the rest of the body unread. */
  async function cutting(answer: string): Promise<RawClient> {
    const upstream = await raw((socket) => {
      if (answer === '') socket.resetAndDestroy();
      else
        socket.write(answer, () => {
          socket.resetAndDestroy();
        });
    });
    const { port } = await through({ upstreams: upstream.url });
    return RawClient.connect(port);
  }
  const BODY = 'x'.repeat(64 * 1024);

  test.each([
    ['413 Too Large', 'HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge', [413, 'large']],
    ['401 without a body', 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n', [401, '']],
    [
      '200 in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      [200, 'ok'],
    ],
    ['nothing', '', [502, '502 Bad Gateway\n']],
  ])('has answered %s before, and so it is passed on', async (_what, answer, expected) => {
    for (const framing of ['Content-Length: 20000000', 'Transfer-Encoding: chunked']) {
      const client = await cutting(answer);
      const isChunked = framing.startsWith('T');
      client.request('POST /', [framing, 'Accept: text/plain']);
      for (let i = 0; i < 8; i++) client.send(isChunked ? `10000\r\n${BODY}\r\n` : BODY);
      const { status, text } = await client.response();
      expect([status, text]).toEqual(expected);
      client.destroy();
    }
  });

  test('has answered in part, which is not whole for the client either', async () => {
    const client = await cutting('HTTP/1.1 413 Too Large\r\nContent-Length: 10\r\n\r\nlarge');
    client.request('POST /', ['Content-Length: 20000000']);
    for (let i = 0; i < 8; i++) client.send(BODY);
    const { status, complete } = await client.response();
    expect([status === 413 && complete, [413, 502].includes(status)]).toEqual([false, true]);
    client.destroy();
  });
});

describe('connections to servers', () => {
  test('are kept', async () => {
    const upstream = await raw((socket) => socket.write(OK));
    const { port } = await through({ upstreams: upstream.url });
    for (let i = 0; i < 3; i++) await ask(port);
    expect(upstream.connections).toBe(1);
  });

  test.each<[string, (url: string) => ProxyOptions]>([
    [
      'that requests choose',
      (url) => ({
        target: (req) => `${url}/${req.query}`,
        allow: [new URL(url).host],
        allowAddresses: ['127.0.0.1'],
      }),
    ],
    ['that are there twice', (url) => ({ upstreams: [`${url}/a`, `${url}/b`] })],
  ])('are shared by places of one server %s', async (what, options) => {
    const paths: string[] = [];
    const upstream = await raw((socket, head) => {
      paths.push(head.split(' ')[1] ?? '');
      socket.write(OK);
    });
    const { port } = await through(options(upstream.url));
    for (const tenant of ['a', 'b', 'c']) await ask(port, `GET /?${tenant}`);
    expect(upstream.connections).toBe(1);
    expect(paths).toEqual(
      what === 'that are there twice' ? ['/a/?a', '/a/?b', '/a/?c'] : ['/a/?a', '/b/?b', '/c/?c'],
    );
  });

  test('count for one server, whatever the place', async () => {
    const upstream = await raw(() => undefined);
    const { port } = await through({
      target: (req) => `${upstream.url}/${req.query}`,
      allow: [new URL(upstream.url).host],
      allowAddresses: ['127.0.0.1'],
      maxRequests: 1,
    });
    const client = await RawClient.connect(port);
    client.request('GET /?a');
    while (upstream.connections === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect((await ask(port, 'GET /?b')).status).toBe(503);
    client.destroy();
  });

  test.each([
    ['Keep-Alive: timeout=1', 'Connection: keep-alive'],
    ['Connection: close', 'X: 1'],
  ])('are not where the server says %s', async (...fields) => {
    const upstream = await raw((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\nContent-Length: 2\r\n\r\nok`),
    );
    const { port } = await through({ upstreams: upstream.url });
    for (let i = 0; i < 2; i++) await ask(port);
    expect(upstream.connections).toBe(2);
  });

  test.each([
    ['GET', 200],
    ['POST', 502],
  ])('that were closed meanwhile are replaced for what may be repeated: %s', async (method, status) => {
    // Closed when the next request comes, and not before, as by chance.
    const upstream = await raw((socket, _head, index) => (index === 0 ? socket.write(OK) : socket.destroy()));
    const { port } = await through({ upstreams: upstream.url });
    expect((await ask(port)).status).toBe(200);
    expect((await ask(port, `${method} /`, ['Content-Length: 0'])).status).toBe(status);
  });

  test('on which something comes unasked are closed: no other client gets it', async () => {
    const upstream = await raw((socket, _head, index) => {
      socket.write(OK);
      if (index === 0)
        setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'), 20);
    });
    const { port } = await through({ upstreams: upstream.url });
    expect((await ask(port)).text).toBe('ok');
    while (upstream.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await ask(port)).text).toBe('ok');
  });

  test('with a second answer behind the first are closed', async () => {
    const upstream = await raw((socket) =>
      socket.write(`${OK}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`),
    );
    const { port } = await through({ upstreams: upstream.url });
    for (let i = 0; i < 3; i++) expect((await ask(port)).text).toBe('ok');
  });

  test.each(['before', 'in'])('are closed when the client leaves %s the answer', async (when) => {
    const upstream = await raw((socket) => {
      if (when === 'in') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello');
    });
    const { port, logger } = await through({ upstreams: upstream.url });
    const client = await RawClient.connect(port);
    client.request('GET /');
    while (upstream.received === '') await new Promise((resolve) => setTimeout(resolve, 5));
    if (when === 'in') await client.until((text) => text.includes('hello'));
    client.destroy();
    while (upstream.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(logger.errors).toEqual([]);
  });

  test('are not opened for a client that has left before', async () => {
    const upstream = await raw(OK);
    const forward = proxy({ upstreams: upstream.url });
    let done: Promise<unknown> | undefined;
    const one = await serve(async (req) => {
      await new Promise((resolve) => {
        req.signal.addEventListener('abort', resolve);
      });
      const answer = forward(req);
      done = answer.catch((error: unknown) => error);
      return answer;
    });
    ends.push(() => one.server.close());
    const client = await RawClient.connect(one.port);
    client.request('GET /');
    await new Promise((resolve) => setTimeout(resolve, 10));
    client.destroy();
    while (!done) await new Promise((resolve) => setTimeout(resolve, 5));
    expect([await done, upstream.connections]).toEqual([expect.objectContaining({ status: 499 }), 0]);
  });

  test.each<[string, (handle: Handler) => Handler]>([
    [
      'in its place',
      (handle) => async (request) => {
        await handle(request);
        return makeResponse('mine');
      },
    ],
    [
      'by an error',
      (handle) => async (request) => {
        await handle(request);
        throw new HttpError(409);
      },
    ],
  ])('are closed when the application answers %s', async (_what, wrap) => {
    const upstream = await raw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(300_000)}`);
    });
    const { port } = await through({ upstreams: upstream.url }, wrap);
    await ask(port);
    while (upstream.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(upstream.connections).toBe(1);
  });

  test('are closed when the client leaves in the midst of its body, which is no whole one then', async () => {
    const upstream = await raw(() => undefined);
    const { port } = await through({ upstreams: upstream.url });
    const client = await RawClient.connect(port);
    client.request('POST /', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n');
    while (!upstream.received.includes('hello')) await new Promise((resolve) => setTimeout(resolve, 5));
    client.destroy();
    while (upstream.sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(upstream.received.endsWith('0\r\n\r\n')).toBe(false);
  });
});

describe('places', () => {
  /** `UP` and `HOST` stand for the server and for what the client calls us. */
  async function field(line: string, prefix: string, base: string): Promise<string | undefined> {
    const upstream = await raw((socket) => {
      const head = `HTTP/1.1 302 Found\r\n${line.replaceAll('UP', new URL(upstream.url).host)}\r\n`;
      socket.end(Buffer.from(`${head}Content-Length: 0\r\n\r\n`, 'latin1'));
    });
    const { port } = await through({ upstreams: upstream.url + prefix }, (handle) =>
      base === '' ? handle : mount(base, handle),
    );
    const { fields } = await ask(port, `GET ${base}/`);
    const [name = ''] = line.split(':', 1);
    return fields
      .find(([key]) => key === name.toLowerCase())?.[1]
      .replaceAll(new URL(upstream.url).host, 'UP');
  }

  test.each([
    ['', '', '/x?y#z', '/x?y#z'],
    ['', '', 'http://UP/x', 'http://localhost/x'],
    ['', '', 'http://UP', 'http://localhost/'],
    ['', '', 'http://localhost/x', 'http://localhost/x'],
    ['', '', 'https://localhost/x', 'https://localhost/x'],
    ['', '', '//UP/x', 'http://localhost/x'],
    ['', '', 'https://UP/x', 'https://UP/x'],
    ['', '', 'http://other.example/x', 'http://other.example/x'],
    ['', '', 'mailto:a@b', 'mailto:a@b'],
    ['', '', 'x/y', 'x/y'],
    ['', '/shop', '/x', '/shop/x'],
    ['', '/shop', 'http://localhost/x', 'http://localhost/shop/x'],
    ['', '/shop', '../x', '../x'],
    ['/api', '', '/api/x?y', '/x?y'],
    ['/api', '', '/api', '/'],
    ['/api', '', '/apix', '/apix'],
    ['/api', '', '/login', '/login'],
    ['/api', '', 'http://UP/api/x', 'http://localhost/x'],
    ['/api', '', 'http://UP/login', 'http://UP/login'],
    ['/api', '', '/api//evil.example/', '/evil.example/'],
    ['/api', '', '/api/\\evil.example/', '/evil.example/'],
    ['/api', '', '/api/\t/evil.example/', '/evil.example/'],
    ['/api', '', '/api/\t\\/evil.example/', '/evil.example/'],
    ['/api', '/shop', '/api/x', '/shop/x'],
    ['', '/shop', '/caf\xc3\xa9', '/shop/caf\xc3\xa9'],
  ])('of a server at "%s" below "%s": Location %s is %s', async (prefix, base, location, expected) => {
    expect(await field(`Location: ${location}`, prefix, base)).toBe(expected);
  });

  test.each([
    ['Content-Location: /api/x', '/shop/x'],
    ['Refresh: 5; url=/api/x', '5; url=/shop/x'],
    ['Refresh: 0;URL="http://UP/api/x"', '0;URL="http://localhost/shop/x"'],
    ['Refresh: 5', '5'],
    ['Set-Cookie: a=1;\tPATH = /api/x=y ;Path', 'a=1; PATH=/shop/x=y;Path'],
    ['Set-Cookie: a=1; Path=/api; HttpOnly', 'a=1; Path=/shop; HttpOnly'],
    ['Set-Cookie: a=1; path=/api/x', 'a=1; path=/shop/x'],
    ['Set-Cookie: a=1; Path=/', 'a=1; Path=/shop'],
    ['Set-Cookie: a=1; Path=/other', 'a=1; Path=/other'],
    ['Set-Cookie: a=1; Domain=127.0.0.1; Secure', 'a=1; Secure'],
    ['Set-Cookie: a=1; Domain=.example.org', 'a=1; Domain=.example.org'],
    ['Set-Cookie: a=1', 'a=1'],
    ['Set-Cookie: __Host-a=1; Path=/; Secure', '__Host-a=1; Path=/; Secure'],
    ['X-Other: /api/x', '/api/x'],
  ])('%s is %s', async (line, expected) => {
    expect(await field(line, '/api', '/shop')).toBe(expected);
  });
});

describe('other protocols', () => {
  async function echo(): Promise<ShowingUpstream> {
    const upstream = await showing(show);
    upstream.server.on('upgrade', (incoming, socket: Duplex, head) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${incoming.headers.upgrade ?? ''}\r\nX-A: 1\r\n\r\nearly`,
      );
      socket.write(head);
      socket.on('data', (bytes) => socket.write(bytes)).on('end', () => socket.end());
    });
    return upstream;
  }

  test('are joined, from the first byte to the last', async () => {
    const { port } = await through({ upstreams: (await echo()).url });
    const client = await RawClient.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.request('GET /', ['Connection: Upgrade', 'Upgrade: test/1'], 'first');
    const reply = await client.response();
    await client.send(' last').until((text) => text.includes('earlyfirst last'));
    client.socket.end();
    await client.closed;
    expect([reply.status, reply.header('upgrade'), reply.header('x-a'), reply.header('via')]).toEqual([
      101,
      'test/1',
      '1',
      '1.1 obol',
    ]);
  });

  test('end with the client', async () => {
    const upstream = await echo();
    const closed = new Promise((resolve) =>
      upstream.server.on('upgrade', (_, socket: Duplex) => socket.on('close', resolve)),
    );
    const { port } = await through({ upstreams: upstream.url });
    const client = await RawClient.connect(port);
    await client
      .request('GET /', ['Connection: Upgrade', 'Upgrade: test'])
      .until((text) => text.includes('early'));
    client.destroy();
    await closed;
  });

  test('end with the server', async () => {
    const upstream = await echo();
    upstream.server.on('upgrade', (_, socket: Duplex) => void setTimeout(() => socket.destroy(), 30));
    const { port } = await through({ upstreams: upstream.url });
    const client = await RawClient.connect(port);
    client.request('GET /', ['Connection: Upgrade', 'Upgrade: test']);
    await client.closed;
    client.destroy();
  });

  test.each<[string, Partial<ProxyOptions>, string[]]>([
    ['switched off', { upgrades: false }, ['Connection: Upgrade', 'Upgrade: test']],
    ['not named in Connection', {}, ['Upgrade: test']],
    ['h2c', {}, ['Connection: Upgrade', 'Upgrade: h2c']],
  ])('are not asked for: %s', async (_what, options, fields) => {
    const { port } = await through({ upstreams: (await echo()).url, ...options });
    const { status, text } = await ask(port, 'GET /', fields);
    expect([status, text.includes('"upgrade"')]).toEqual([200, false]);
  });

  test.each([
    ['another one', 101, 'Connection: Upgrade\r\nUpgrade: other', 502],
    ['a refusal', 403, 'Content-Length: 0', 403],
    ['a demand', 426, 'Upgrade: other\r\nContent-Length: 0', 426],
  ])('a server that gives %s', async (_what, status, fields, expected) => {
    const upstream = await raw((socket) => socket.write(`HTTP/1.1 ${String(status)} X\r\n${fields}\r\n\r\n`));
    const { port } = await through({ upstreams: upstream.url });
    const reply = await ask(port, 'GET /', ['Connection: Upgrade', 'Upgrade: test']);
    expect([reply.status, reply.header('upgrade')]).toEqual([expected, status === 426 ? 'other' : undefined]);
  });
});

describe('servers that requests choose', () => {
  async function chosen(target: string, options: Partial<ProxyOptions>): Promise<number> {
    const { port } = await through({ target: () => target, allow: ['127.0.0.1', 'localhost'], ...options });
    return (await ask(port)).status;
  }
  const portOf = ({ url }: ShowingUpstream): string => new URL(url).port;

  test('are asked where host, port and address are allowed', async () => {
    const upstream = await showing();
    const allow = [`127.0.0.1:${portOf(upstream)}`, `localhost:${portOf(upstream)}`];
    expect(await chosen(upstream.url, { allow, allowAddresses: ['127.0.0.0/8', '::1'] })).toBe(200);
    expect(
      await chosen(upstream.url.replace('127.0.0.1', 'localhost'), {
        allow,
        allowAddresses: ['127.0.0.0/8', '::1'],
      }),
    ).toBe(200);
  });

  test.each([
    'http://example.com/',
    'http://127.0.0.1.example.com/',
    'http://127.0.0.1@example.com/',
    'http://127.0.0.1:99/',
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://localhost/',
    'http://user:secret@localhost/',
    'ftp://localhost/',
    'file:///etc/passwd',
    '//localhost/',
    'localhost',
    '',
  ])('%s is not', async (target) => {
    expect(await chosen(target, {})).toBe(403);
  });

  test.each([
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '[::]',
    '[::1]',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ])('%s is not, though it is in the list', async (host) => {
    expect(await chosen(`http://${host}/`, { allow: [host] })).toBe(403);
  });

  test('may be looked up', async () => {
    const upstream = await showing();
    const allow = [`127.0.0.1:${portOf(upstream)}`];
    const target = (): Promise<string> => Promise.resolve(upstream.url);
    const { port } = await through({ target, allow, allowAddresses: ['127.0.0.1'] });
    expect((await ask(port)).status).toBe(200);
    const { port: failing } = await through({ target: () => Promise.reject(new HttpError(503)), allow });
    expect((await ask(failing)).status).toBe(503);
  });

  test('a request without one is 404', async () => {
    const { port } = await through({ target: () => undefined, allow: ['example.org'] });
    expect((await ask(port)).status).toBe(404);
  });
});

describe('options', () => {
  test.each<[ProxyOptions, string]>([
    [{}, 'proxy: there are no upstreams; give the URLs of one server or more.'],
    [{ upstreams: [] }, 'proxy.upstreams: there is none; give a list of URLs.'],
    [
      { upstreams: 'localhost:3000' },
      'proxy.upstreams: "localhost:3000" is not a URL of a server, such as "http://127.0.0.1:3000".',
    ],
    [
      { upstreams: ['http://a', 'http://u:p@b'] },
      'proxy.upstreams[1]: "http://u:p@b" is not a URL of a server, such as "http://127.0.0.1:3000".',
    ],
    [
      { upstreams: 'http://a/?b' },
      'proxy.upstreams: "http://a/?b" is not a URL of a server, such as "http://127.0.0.1:3000".',
    ],
    [
      { target: () => 'http://a' },
      'proxy: target needs allow: the hosts that it may give, such as ["*.example.org"].',
    ],
    [
      { target: () => 'http://a', allow: ['*'] },
      'proxy.allow[0]: "*" is not a host such as "example.org" or "*.example.org".',
    ],
    ...['999.1.1.1', '[:::1]', 'a:99999'].map((host): [ProxyOptions, string] => [
      { target: () => 'http://a', allow: [host] },
      `proxy.allow[0]: "${host}" is not a host such as "example.org" or "*.example.org".`,
    ]),
    ...[{ 'X-A': 'a\r\nX-B: c' }, { 'X-A': '\u0141' }].map((headers): [ProxyOptions, string] => [
      { upstreams: 'http://a', headers },
      'proxy.headers: [Object] is not a table of fields by name, each a text or a function (request) => text, without those that the proxy makes.',
    ]),
    [
      { upstreams: 'http://a', headers: new Map([['X-A', 'a']]) as never },
      'proxy.headers: [Map] is not a table of fields by name, each a text or a function (request) => text, without those that the proxy makes.',
    ],
    [
      { upstreams: 'http://a', allow: ['a'] },
      'proxy: target, allow and allowAddresses are for servers that each request chooses; leave them out, or upstreams.',
    ],
    [
      { upstreams: 'http://a', headers: { Host: 'b' } },
      'proxy.headers: [Object] is not a table of fields by name, each a text or a function (request) => text, without those that the proxy makes.',
    ],
    [
      { upstreams: 'http://a', timeout: 0 },
      'proxy.timeout: 0 is not a whole number of milliseconds, 1 to 2147483647.',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => proxy(options)).toThrow(developerError('E_SETTING', message));
  });
});
