/** What a proxy passes on, and what not: real sockets on both sides. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Get, type Handler, type RunningServer } from 'obol';
import { mount } from 'obol/composition';
import { proxy, type ProxyOptions } from 'obol/proxy';
import { askOnce as ask, RawClient } from '../../support/raw-client.js';
import { serve, type Served } from '../../support/serve.js';
import { ShowingUpstream, type Shown } from './upstreams.js';

@Controller()
class Nothing {
  @Get('/never')
  never() {
    return null;
  }
}

const upstream = new ShowingUpstream();
const running: RunningServer[] = [];
let plain: Served;

async function served(handle: Handler): Promise<Served> {
  const one = await serve(handle);
  running.push(one.server);
  return one;
}

beforeAll(async () => {
  await upstream.start();
  plain = await served(proxy({ upstreams: upstream.url }));
});
afterAll(async () => {
  await Promise.all(running.map((server) => server.close()));
  await upstream.stop();
});

async function seen(port: number, line: string, fields: readonly string[] = [], body = ''): Promise<Shown> {
  return JSON.parse((await ask(port, line, fields, body)).text) as Shown;
}

function valueOf({ fields }: Shown, name: string): string | undefined {
  const values = fields.filter(([key]) => key === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(' | ');
}

describe('fields of requests', () => {
  test.each([
    ['Connection: close, X-Secret', 'X-Secret: 1'],
    ['Connection: x-secret', 'x-SECRET: 1'],
    ['Connection: Via', 'X-Secret: 1', 'Connection: x-secret'],
    ['TE: trailers, deflate', 'Connection: TE'],
    ['Keep-Alive: timeout=5'],
    ['Proxy-Connection: keep-alive'],
    ['Proxy-Authorization: Basic eDp5'],
    ['Trailer: X-Checksum'],
    ['Proxy: http://evil.example'],
    ['HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
    ['X_Forwarded_For: 9.9.9.9'],
    ['Content_Length: 5'],
    ['Transfer.Encoding: chunked'],
    ['X-Real-IP: 9.9.9.9'],
    ['X-Forwarded-Port: 99'],
    ['X-Forwarded-Prefix: /evil'],
    ['X-Original-URL: /admin'],
    ['Forwarded: for=9.9.9.9'],
    ['Client-IP: 9.9.9.9'],
    ['CF-Connecting-IP: 9.9.9.9'],
    ['X-Originating-IP: 9.9.9.9'],
    ['X-Host: evil.example'],
    ['Front-End-Https: on'],
  ])('%s goes no further', async (...sent) => {
    const names = (await seen(plain.port, 'GET /', sent)).fields.map(([name]) => name);
    expect(names.sort()).toEqual([
      'connection',
      'host',
      'via',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
    ]);
  });

  test('those that the client nominates are removed before those of the proxy are added', async () => {
    const shown = await seen(plain.port, 'GET /', [
      'Connection: Via, X-Forwarded-For, Host',
      'X-Forwarded-For: 9.9.9.9',
    ]);
    expect(valueOf(shown, 'x-forwarded-for')).toBe('127.0.0.1');
    expect(valueOf(shown, 'via')).toBe('1.1 obol');
    expect(valueOf(shown, 'host')).toBe('localhost');
  });

  test.each([
    ['Accept: text/plain', 'accept', 'text/plain'],
    ['Authorization: Bearer x', 'authorization', 'Bearer x'],
    ['Cookie: a=1; b=2', 'cookie', 'a=1; b=2'],
    ['Range: bytes=0-1', 'range', 'bytes=0-1'],
    ['If-None-Match: "x"', 'if-none-match', '"x"'],
    ['X-Amz-Meta-my_key: 1', 'x-amz-meta-my_key', '1'],
    ['X-Text: caf\xc3\xa9', 'x-text', 'caf\xc3\xa9'],
    ['Max-Forwards: 3', 'max-forwards', '3'],
    ['Via: 1.0 fred', 'via', '1.0 fred, 1.1 obol'],
  ])('%s is passed on', async (field, name, value) => {
    expect(valueOf(await seen(plain.port, 'GET /', [field]), name)).toBe(value);
  });

  test.each<[string, Partial<ProxyOptions>, string[], Record<string, string | undefined>]>([
    [
      'X-Forwarded',
      {},
      [],
      { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'localhost', 'x-forwarded-proto': 'http' },
    ],
    [
      'Forwarded',
      { forwarded: 'forwarded' },
      ['X-Forwarded-For: 9.9.9.9'],
      { forwarded: 'for=127.0.0.1;host=localhost;proto=http', 'x-forwarded-for': undefined },
    ],
    [
      'none',
      { forwarded: false },
      ['X-Forwarded-For: 9.9.9.9'],
      { 'x-forwarded-for': undefined, forwarded: undefined },
    ],
    [
      'the Host of the server',
      { host: 'upstream' },
      [],
      { host: 'UPSTREAM', 'x-forwarded-host': 'localhost' },
    ],
    [
      'fields of the author',
      { headers: { 'X-User': 'ann', 'X-Path': (req) => req.path } },
      ['X-User: root', 'X_User: root'],
      { 'x-user': 'ann', 'x-path': '/', x_user: undefined },
    ],
    [
      'fields that the author may leave out',
      { headers: { 'X-User': () => undefined } },
      ['X-User: root'],
      { 'x-user': undefined },
    ],
    [
      'cookies but the own',
      { withoutCookies: ['SESSID'] },
      ['Cookie: a=1; SESSID=s; __Host-SESSID=t; b=2'],
      { cookie: 'a=1; b=2' },
    ],
    [
      'cookies but those of a whole name',
      { withoutCookies: ['__Host-SESSID', 'S'] },
      ['Cookie: SESSID=s; __Host-SESSID=t; __Host-Http-S=u; __Http-S=v; "S"=w; b=2'],
      { cookie: 'SESSID=s; "S"=w; b=2' },
    ],
    [
      'no cookie where all are the own',
      { withoutCookies: ['SESSID'] },
      ['Cookie: SESSID=s'],
      { cookie: undefined },
    ],
    ['a name in Via', { via: 'edge-1' }, [], { via: '1.1 edge-1' }],
  ])('has %s', async (_what, options, sent, expected) => {
    const { port } = await served(proxy({ upstreams: upstream.url, ...options }));
    const shown = await seen(port, 'GET /', sent);
    const values = Object.keys(expected).map((name) => [
      name,
      valueOf(shown, name)?.replace(/^127\.0\.0\.1:\d+$/, 'UPSTREAM'),
    ]);
    expect(Object.fromEntries(values)).toEqual(expected);
  });

  test.each([
    ['x-forwarded', 'x-forwarded', 'X-Forwarded-For: 192.0.2.1', 'x-forwarded-for', '192.0.2.1, 127.0.0.1'],
    [
      'x-forwarded',
      'forwarded',
      'X-Forwarded-For: 2001:db8::1',
      'forwarded',
      'for="[2001:db8::1]", for=127.0.0.1;host=localhost;proto=http',
    ],
    [
      'forwarded',
      'forwarded',
      'Forwarded: for=192.0.2.1;by=x',
      'forwarded',
      'for=192.0.2.1;by=x, for=127.0.0.1;host=localhost;proto=http',
    ],
    ['forwarded', 'x-forwarded', 'Forwarded: for=192.0.2.1', 'x-forwarded-for', '192.0.2.1, 127.0.0.1'],
  ] as const)(
    'what a trusted proxy says by %s stays, as %s',
    async (...[proxyHeader, forwarded, sent, name, value]) => {
      const app = await bootstrap({
        trustProxy: ['127.0.0.1'],
        proxyHeader,
        controllers: [Nothing],
        middleware: [proxy({ upstreams: upstream.url, forwarded })],
      });
      const { port } = await served(app.handle);
      expect(valueOf(await seen(port, 'GET /', [sent]), name)).toBe(value);
    },
  );

  test.each<[string, () => unknown]>([
    ['a promise', () => Promise.reject(new Error('never heard of'))],
    ['an object', () => ({ name: 'ann' })],
    ['null', () => null],
    ['a text of two lines', () => 'ann\r\nX-Role: admin'],
    ['a text of other characters', () => '\u0141ukasz'],
  ])('a field of the author that is %s is a mistake, and nothing is asked', async (_what, value) => {
    const { port, logger } = await served(
      proxy({ upstreams: upstream.url, headers: { 'X-User': value as () => string } }),
    );
    const before = upstream.count;
    expect([(await ask(port, 'GET /')).status, upstream.count - before]).toEqual([500, 0]);
    expect(logger.errors.join()).toContain('proxy.headers: the function for X-User has given');
  });

  test('a request that comes through it again and again is 508', async () => {
    const via = Array.from({ length: 8 }, () => '1.1 obol').join(', ');
    expect((await ask(plain.port, 'GET /', [`Via: ${via}`])).status).toBe(508);
    expect((await ask(plain.port, 'GET /', [`Via: ${via.replaceAll('obol', 'other')}`])).status).toBe(200);
  });
});

describe('targets', () => {
  test.each([
    ['', '/', '/'],
    ['', '/a%20b/%7E?x=%2F&y=a+b', '/a%20b/%7E?x=%2F&y=a+b'],
    ['', '/a//b/', '/a//b/'],
    ['', '/@scope%2fname', '/@scope%2fname'],
    ['', 'http://other.example/a?b', '/a?b'],
    ['', 'http://other.example', '/'],
    ['', 'http://other.example?b', '/?b'],
    ['/api', '/a', '/api/a'],
    ['/api/', '/a', '/api/a'],
    ['/api', '/', '/api/'],
  ])('a server at "%s" is asked for %s as %s', async (prefix, target, url) => {
    const { port } = await served(proxy({ upstreams: upstream.url + prefix }));
    expect((await seen(port, `GET ${target}`)).url).toBe(url);
  });

  test.each([
    ['/shop/', '/'],
    ['/shop/a%20b?c', '/a%20b?c'],
    ['/sh%6fp/a', '/a'],
    ['/shop/?c=/shop', '/?c=/shop'],
    ['http://localhost/shop/a', '/a'],
  ])('below a mount %s is %s', async (target, url) => {
    const { port } = await served(mount('/shop', proxy({ upstreams: upstream.url })));
    expect((await seen(port, `GET ${target}`)).url).toBe(url);
  });

  test.each([
    '/a/..%2fb',
    '/..;/b',
    '/a/.;x=1/b',
    '/a\\..\\b',
    '/%2e%2e%5cb',
    '/a/%2E%2E%2Fb',
    '/..%5c',
    '/a/..',
    '/%zz',
    '/%00',
  ])('%s, which servers may read otherwise than guards do, is refused', async (target) => {
    const before = upstream.count;
    expect((await ask(plain.port, `GET ${target}`)).status).toBe(400);
    expect(upstream.count).toBe(before);
  });

  test.each(['/..a', '/a..', '/...', '/a;..', '/.well-known/x'])('%s is no such path', async (target) => {
    expect((await seen(plain.port, `GET ${target}`)).url).toBe(target);
  });

  test('an absolute target names the Host, and never the server that is asked', async () => {
    expect(valueOf(await seen(plain.port, 'GET http://evil.example:99/x'), 'host')).toBe('evil.example:99');
  });

  test('CONNECT opens nothing', async () => {
    const client = await RawClient.connect(plain.port);
    client.send('CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n');
    const reply = await client.response().catch(() => undefined);
    expect(reply === undefined || reply.status >= 400).toBe(true);
    client.destroy();
  });
});

describe('methods', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'MKCOL'])(
    '%s is passed on',
    async (method) => {
      expect((await seen(plain.port, `${method} /`)).method).toBe(method);
    },
  );

  test('OPTIONS of the server itself is passed on', async () => {
    expect((await seen(plain.port, 'OPTIONS *')).url).toBe('*');
  });

  test.each([
    ['OPTIONS', 'Max-Forwards: 5', '4'],
    ['TRACE', 'Max-Forwards: 1', '0'],
    ['OPTIONS', 'Max-Forwards: x', undefined],
    ['GET', 'Max-Forwards: 0', '0'],
  ])('%s with %s goes on with %s', async (method, field, left) => {
    expect(valueOf(await seen(plain.port, `${method} /`, [field]), 'max-forwards')).toBe(left);
  });

  test('OPTIONS that shall go no further is answered here', async () => {
    const before = upstream.count;
    const reply = await ask(plain.port, 'OPTIONS /', ['Max-Forwards: 0']);
    expect([reply.status, reply.header('allow')?.includes('GET'), upstream.count]).toEqual([
      204,
      true,
      before,
    ]);
  });

  test('TRACE that shall go no further shows the request without what is secret', async () => {
    const reply = await ask(plain.port, 'TRACE /x?y', [
      'Max-Forwards: 00',
      'X-A: 1',
      'Cookie: a=1',
      'Authorization: b',
    ]);
    expect([reply.status, reply.header('content-type')]).toEqual([200, 'message/http']);
    expect(reply.text).toBe('TRACE /x?y HTTP/1.1\r\nHost: localhost\r\nMax-Forwards: 00\r\nX-A: 1\r\n\r\n');
  });

  test('others than those named are 405', async () => {
    const { port } = await served(proxy({ upstreams: upstream.url, methods: ['GET', 'HEAD'] }));
    const reply = await ask(port, 'POST /', ['Content-Length: 0']);
    expect([reply.status, reply.header('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await ask(port, 'GET /')).status).toBe(200);
  });
});

describe('bodies of requests', () => {
  const chunked = '5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n';

  test.each([
    [
      'of a length',
      ['Content-Length: 5'],
      'hello',
      { 'content-length': '5', 'transfer-encoding': undefined },
      'hello',
    ],
    [
      'in chunks, trailers dropped',
      ['Transfer-Encoding: chunked', 'Trailer: X-Trailer'],
      chunked,
      {
        'content-length': undefined,
        'transfer-encoding': 'chunked',
        trailer: undefined,
        'x-trailer': undefined,
      },
      'hello world',
    ],
    ['of nothing', ['Content-Length: 0'], '', { 'content-length': '0' }, ''],
    ['that is not there', [], '', { 'content-length': '0' }, ''],
  ])('one %s is passed on', async (...[, fields, body, expected, text]) => {
    const shown = await seen(plain.port, 'POST /', fields, body);
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, valueOf(shown, name)]))).toEqual(
      expected,
    );
    expect(shown.body).toBe(text);
  });

  test.each(['GET', 'DELETE'])('%s without one says nothing of it', async (method) => {
    expect(valueOf(await seen(plain.port, `${method} /`), 'content-length')).toBeUndefined();
  });

  test.each([
    ['Content-Length: 11', 'hello world'],
    ['Transfer-Encoding: chunked', chunked],
  ])('one over the limit is 413: %s', async (field, body) => {
    const { port } = await served(proxy({ upstreams: upstream.url, maxBody: 10 }));
    expect((await ask(port, 'POST /', [field], body)).status).toBe(413);
  });

  test('one that the application has read is passed on all the same', async () => {
    const forward = proxy({ upstreams: upstream.url });
    const { port } = await served(async (req) => {
      await req.readJson();
      return forward(req);
    });
    const shown = await seen(port, 'POST /', ['Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n');
    expect([shown.body, valueOf(shown, 'content-length')]).toEqual(['{}', '2']);
  });

  test.each([
    ['Content-Length and Transfer-Encoding', ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['two lengths', ['Content-Length: 5', 'Content-Length: 6']],
    ['a sign', ['Content-Length: +5']],
    ['hexadecimal', ['Content-Length: 0x5']],
    ['a list', ['Content-Length: 5, 5']],
    ['a space before the colon', ['Content-Length : 5']],
    ['a fold', ['X-A: 1', ' Content-Length: 5']],
    ['a bare LF', ['X-A: 1\nTransfer-Encoding: chunked']],
    ['a coding that is not known', ['Transfer-Encoding: xchunked']],
    ['two codings', ['Transfer-Encoding: gzip, chunked']],
    ['a tab in a coding', ['Transfer-Encoding: \x0bchunked']],
    ['a control character', ['X-A: \x01']],
  ])('framing that can be read in two ways reaches no server: %s', async (_what, fields) => {
    const before = upstream.count;
    const client = await RawClient.connect(plain.port);
    client.request('POST /', fields, '5\r\nhello\r\n0\r\n\r\n');
    const { status } = await client.response();
    client.destroy();
    if (_what === 'a fold') expect([200, 400]).toContain(status);
    else expect([status >= 400 && status < 502, upstream.count]).toEqual([true, before]);
  });
});
