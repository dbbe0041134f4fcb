/** Raw requests as no well-behaved client sends them: what is refused, how, and that the connection ends with it. */
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  bootstrap,
  Controller,
  Default,
  METHOD_ALL,
  reply,
  Route,
  type Request,
  type RunningServer,
} from 'obol';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient, sendAndClose } from '../support/raw-client.js';

const calls: string[] = [];
const logger = collectingLogger();

@Controller()
class EchoController {
  @Route('/', ['GET', 'POST'])
  index(req: Request) {
    return this.answer(req);
  }

  @Default(METHOD_ALL)
  answer(req: Request) {
    calls.push(`${req.method} ${req.path}`);
    return reply(`${req.method} ${req.path} ${req.peer.host}`, 'text/plain');
  }
}

let server: RunningServer;

beforeAll(async () => {
  const app = await bootstrap({ controllers: [EchoController], logger });
  server = await app.listen({ port: 0, signals: false });
});

afterAll(() => server.close());

beforeEach(() => {
  calls.length = 0;
  logger.errors.length = 0;
});

const H = 'Host: a\r\n';
const get = (fields: string, target = '/'): string => `GET ${target} HTTP/1.1\r\n${fields}\r\n`;
const post = (fields: string, body = ''): string => `POST / HTTP/1.1\r\n${H}${fields}\r\n${body}`;
const chunked = (body: string): string =>
  post('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n', body);
const longField = (name: string, length: number): string => `${name}: ${'x'.repeat(length)}\r\n`;

/** Name, bytes, status. The connection is closed after each, and the handler never sees them. */
const REFUSED: [string, string | Buffer, number][] = [
  // Two framings, or one that can be read in two ways
  [
    'Content-Length beside Transfer-Encoding',
    post('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    400,
  ],
  [
    'Transfer-Encoding beside Content-Length',
    post('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n', '0\r\n\r\n'),
    400,
  ],
  ['two different Content-Length', post('Content-Length: 3\r\nContent-Length: 4\r\n', 'abcd'), 400],
  ['two equal Content-Length', post('Content-Length: 3\r\nContent-Length: 3\r\n', 'abc'), 400],
  ['a list as Content-Length', post('Content-Length: 3, 3\r\n', 'abc'), 400],
  ['a negative Content-Length', post('Content-Length: -3\r\n', 'abc'), 400],
  ['a Content-Length with a plus sign', post('Content-Length: +3\r\n', 'abc'), 400],
  ['a hexadecimal Content-Length', post('Content-Length: 0x3\r\n', 'abc'), 400],
  ['an empty Content-Length', post('Content-Length: \r\n'), 400],
  ['a Content-Length with an inner space', post('Content-Length: 1 2\r\n', 'abcdefghijkl'), 400],
  ['a Content-Length beyond all numbers', post('Content-Length: 99999999999999999999\r\n', 'abc'), 400],
  ['Transfer-Encoding gzip, chunked', post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'), 501],
  ['Transfer-Encoding chunked, chunked', post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'), 400],
  [
    'two Transfer-Encoding: chunked',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    400,
  ],
  ['Transfer-Encoding identity', post('Transfer-Encoding: identity\r\n', '0\r\n\r\n'), 501],
  ['Transfer-Encoding chunked, identity', post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'), 400],
  ['a quoted Transfer-Encoding', post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'), 501],
  ['an empty Transfer-Encoding', post('Transfer-Encoding: \r\n', '0\r\n\r\n'), 400],
  ['Transfer-Encoding with a vertical tab', post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'), 400],
  [
    'Transfer-Encoding on HTTP/1.0',
    `POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  // Chunks
  ['a chunk size that is no number', chunked('x\r\n\r\n'), 400],
  ['a chunk size with 0x', chunked('0x3\r\nabc\r\n0\r\n\r\n'), 400],
  ['a negative chunk size', chunked('-1\r\nabc\r\n0\r\n\r\n'), 400],
  ['a chunk size with a space before it', chunked(' 3\r\nabc\r\n0\r\n\r\n'), 400],
  ['a chunk size beyond all numbers', chunked('fffffffffffffffff\r\nabc\r\n0\r\n\r\n'), 400],
  ['a bare LF after the chunk size', chunked('3\nabc\r\n0\r\n\r\n'), 400],
  ['a bare LF after the chunk', chunked('3\r\nabc\n0\r\n\r\n'), 400],
  ['a chunk longer than its size', chunked('3\r\nabcd\r\n0\r\n\r\n'), 400],
  ['a chunk extension with a bare CR', chunked('3;a\rb\r\nabc\r\n0\r\n\r\n'), 400],
  ['20 KB of chunk extension', chunked(`3;${'x'.repeat(20_000)}\r\nabc\r\n0\r\n\r\n`), 413],
  // Line ends and characters
  ['bare LF as line ends', 'GET / HTTP/1.1\nHost: a\n\n', 400],
  ['a bare LF in the head', `GET / HTTP/1.1\r\n${H}A: b\nC: d\r\n\r\n`, 400],
  ['a bare CR as line end', 'GET / HTTP/1.1\rHost: a\r\r', 400],
  ['a bare CR in a value', get(`${H}A: b\rc\r\n`), 400],
  ['NUL in a value', get(`${H}A: b\0c\r\n`), 400],
  ['NUL in a name', get(`${H}A\0: b\r\n`), 400],
  ['NUL in the target', get(H, '/\0'), 400],
  ['a folded value', get(`${H}A: b\r\n c\r\n`), 400],
  ['a folded first line', get(` ${H}`), 400],
  ['a space before the colon', get(`${H}A : b\r\n`), 400],
  ['a space in a name', get(`${H}A b: c\r\n`), 400],
  ['a line without colon', get(`${H}nothing\r\n`), 400],
  ['an empty name', get(`${H}: b\r\n`), 400],
  // Host
  ['two Host', get('Host: a\r\nHost: b\r\n'), 400],
  ['two equal Host', get('Host: a\r\nhost: a\r\n'), 400],
  ['no Host', get(''), 400],
  ['an empty Host', get('Host: \r\n'), 400],
  ['a Host with a space', get('Host: a b\r\n'), 400],
  ['a Host with a user', get('Host: a@b\r\n'), 400],
  ['a Host with a path', get('Host: a/b\r\n'), 400],
  ['a Host with a comma and a space', get('Host: a, b\r\n'), 400],
  ['a Host with markup', get('Host: <a>\r\n'), 400],
  ['a port above 65535', get('Host: a:99999\r\n'), 400],
  ['a port that is no number', get('Host: a:b\r\n'), 400],
  ['an IPv6 address without brackets', get('Host: ::1\r\n'), 400],
  ['brackets without an IPv6 address', get('Host: [a]:80\r\n'), 400],
  // Versions and protocols
  ['version 0.9', `GET / HTTP/0.9\r\n${H}\r\n`, 505],
  ['version 1.2', `GET / HTTP/1.2\r\n${H}\r\n`, 505],
  ['version 2.0', `GET / HTTP/2.0\r\n${H}\r\n`, 505],
  ['version 3.0', `GET / HTTP/3.0\r\n${H}\r\n`, 505],
  ['a version in lower case', `GET / http/1.1\r\n${H}\r\n`, 400],
  ['no version', 'GET /\r\n\r\n', 505],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['the hello of TLS', Buffer.from('16030100c8010000c403035a5a', 'hex'), 400],
  ['the hello of SSH', 'SSH-2.0-OpenSSH_9.2\r\n', 400],
  // Methods
  ['a method in lower case', `get / HTTP/1.1\r\n${H}\r\n`, 501],
  ['an unknown method', `BREW / HTTP/1.1\r\n${H}\r\n`, 501],
  ['a method with a hyphen', `M-SEARCHES * HTTP/1.1\r\n${H}\r\n`, 501],
  ['a method that is no token', `G(T / HTTP/1.1\r\n${H}\r\n`, 400],
  ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 405],
  // Sizes
  ['101 header fields', get(H + 'A: b\r\n'.repeat(100)), 431],
  ['1,200 header fields', get(H + 'A: b\r\n'.repeat(1199)), 431],
  ['a field of 20 KB', get(H + longField('A', 20_000)), 431],
  ['a target of 9 KB', get(H, `/${'x'.repeat(9_000)}`), 414],
  ['a target of 20 KB', get(H, `/${'x'.repeat(20_000)}`), 414],
  ['a target of 20 KB before fields', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${H}A: b\r\n\r\n`, 414],
  // Expectations
  ['an unknown expectation', post('Expect: the-unexpected\r\nContent-Length: 3\r\n'), 417],
];

describe('refuses, closes the connection and calls no handler:', () => {
  test.each(REFUSED)('%s', async (_name, bytes, status) => {
    const response = await sendAndClose(server.port, bytes);
    expect(response.status).toBe(status);
    expect(calls).toEqual([]);
    expect(logger.errors).toEqual([]);
  });

  test('with a plain text that says why', async () => {
    const response = await sendAndClose(server.port, get('Host: a\r\nHost: b\r\n'));
    expect(response.text).toBe('400 There is more than one Host\n');
    expect(response.header('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.header('x-content-type-options')).toBe('nosniff');
    expect(response.header('connection')).toBe('close');
  });

  test('CONNECT with the methods there are', async () => {
    const response = await sendAndClose(server.port, 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n');
    expect(response.header('allow')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
  });

  test('HEAD without content', async () => {
    const client = await RawClient.connect(server.port);
    client.send('HEAD / HTTP/1.1\r\nHost: a b\r\n\r\n');
    const response = await client.response('HEAD');
    await client.closed;
    expect(response.status).toBe(400);
    expect(client.pending).toBe('');
  });
});

/** Name, bytes, status, body. The connection stays open after each. */
const ANSWERED: [string, string, number, string | undefined][] = [
  ['a Host with port', get('Host: a:80\r\n'), 200, 'GET / a:80'],
  ['a Host with an empty port', get('Host: a:\r\n'), 200, 'GET / a'],
  ['an IPv6 Host', get('Host: [::1]:80\r\n'), 200, 'GET / [::1]:80'],
  [
    'an absolute target whose authority differs from Host',
    get('Host: b\r\n', 'http://a:81/x'),
    200,
    'GET /x a:81',
  ],
  ['an absolute target without path', get('Host: b\r\n', 'http://a'), 200, 'GET / a'],
  [
    'a request to become HTTP/2, which is ignored',
    get(
      `${H}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n`,
    ),
    200,
    'GET / a',
  ],
  [
    'a request for a WebSocket, which is ignored',
    get(
      `${H}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`,
    ),
    200,
    'GET / a',
  ],
  ['empty lines before the request line', `\r\n\r\n${get(H)}`, 200, 'GET / a'],
  ['two spaces before the version', `GET /  HTTP/1.1\r\n${H}\r\n`, 200, 'GET / a'],
  ['100 header fields', get(H + 'A: b\r\n'.repeat(99)), 200, 'GET / a'],
  ['a field of 15 KB', get(H + longField('A', 15_000)), 200, 'GET / a'],
  ['two slashes, which stay two', get(H, '//x'), 200, 'GET //x a'],
  ['chunks with an extension and trailers', chunked('3;a=b\r\n"a"\r\n0\r\nX: y\r\n\r\n'), 200, 'POST / a'],
  ['Content-Length 0', post('Content-Length: 0\r\n'), 200, 'POST / a'],
  [
    'Transfer-Encoding in capitals',
    post('Content-Type: application/json\r\nTransfer-Encoding: CHUNKED\r\n', '0\r\n\r\n'),
    200,
    'POST / a',
  ],
  [
    'names of the prototype as header names',
    get(`${H}__proto__: x\r\nconstructor: x\r\nhasOwnProperty: x\r\n`),
    200,
    'GET / a',
  ],
  ['TRACE, which is no GET', `TRACE / HTTP/1.1\r\n${H}\r\n`, 405, undefined],
  ['a known method that no route can have', `PROPFIND / HTTP/1.1\r\n${H}\r\n`, 501, undefined],
  ['GET *', get(H, '*'), 400, undefined],
  ['a bad escape', get(H, '/%zz'), 400, undefined],
  ['a lone percent sign', get(H, '/%'), 400, undefined],
  ['an escape that is none, behind octets that are no UTF-8', get(H, '/%ff%z'), 400, undefined],
  ['a cut UTF-8 sequence', get(H, '/%e0%a4%a'), 400, undefined],
  ['an encoded NUL', get(H, '/%00'), 400, undefined],
  ['a fragment', get(H, '/a#b'), 400, undefined],
  ['a segment ..', get(H, '/a/../b'), 400, undefined],
  ['an encoded segment ..', get(H, '/a/%2e%2e/b'), 400, undefined],
];

describe('answers and stays in step after', () => {
  test.each(ANSWERED)('%s', async (_name, bytes, status, body) => {
    const client = await RawClient.connect(server.port);
    client.send(bytes);
    const response = await client.response();
    expect(response.status).toBe(status);
    if (body !== undefined) expect(response.text).toBe(body);
    client.send(get(H, '/next'));
    expect((await client.response()).text).toBe('GET /next a');
    client.destroy();
    expect(logger.errors).toEqual([]);
  });

  test('HTTP/1.0 without Host, and closes as it does', async () => {
    const response = await sendAndClose(server.port, 'GET / HTTP/1.0\r\n\r\n');
    expect(response.status).toBe(200);
    expect(response.text).toBe('GET / ');
  });

  test('OPTIONS * with the methods there are', async () => {
    const client = await RawClient.connect(server.port);
    const response = await client.send(`OPTIONS * HTTP/1.1\r\n${H}\r\n`).response();
    expect([response.status, response.header('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
    client.destroy();
  });
});

describe('what follows on the connection', () => {
  test('a refused request keeps a request behind it from every handler', async () => {
    await sendAndClose(server.port, get('Host: a\r\nHost: b\r\n') + post('Content-Length: 0\r\n'));
    expect(calls).toEqual([]);
  });

  test('a refused body never becomes a request', async () => {
    const smuggled = `0\r\n\r\n${get(H, '/smuggled')}`;
    await sendAndClose(server.port, post('Transfer-Encoding: gzip, chunked\r\n', smuggled));
    expect(calls).toEqual([]);
  });

  test('the refusal of a request behind another one comes second', async () => {
    const client = await RawClient.connect(server.port);
    client.send(get(H, '/first') + get('Host: a\r\nHost: b\r\n'));
    expect((await client.response()).text).toBe('GET /first a');
    expect((await client.response()).status).toBe(400);
    await client.closed;
  });

  test('the refusal arrives while the client goes on sending', async () => {
    const client = await RawClient.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    client.send('POST / HTTP/1.1\r\nHost: a b\r\nContent-Length: 1000000\r\n\r\n');
    for (let i = 0; i < 4; i++) client.send(Buffer.alloc(200_000));
    expect((await client.response()).status).toBe(400);
    client.send(Buffer.alloc(200_000));
    await client.closed;
    client.destroy();
  });

  test('a malformed chunk is refused while the client goes on sending', async () => {
    const client = await RawClient.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    client.send(chunked('zz\r\n'));
    for (let i = 0; i < 4; i++) client.send(Buffer.alloc(200_000));
    expect((await client.response()).status).toBe(400);
    await client.closed;
    client.destroy();
  });

  test('a client that asked for a proxy and cuts the connection ends nothing but that', async () => {
    const client = await RawClient.connect(server.port);
    client.send('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n');
    expect((await client.response()).status).toBe(405);
    client.socket.resetAndDestroy();
    await once(client.socket, 'close');
    const other = await RawClient.connect(server.port);
    expect((await other.send(get(H, '/next')).response()).status).toBe(200);
    other.destroy();
  });

  test('the same bytes sent one at a time are refused too', async () => {
    const cases = REFUSED.filter(([, bytes]) => bytes.length < 100);
    const accepted = await Promise.all(
      cases.map(async ([name, bytes]) => {
        const client = await RawClient.connect({ port: server.port, host: '127.0.0.1', noDelay: true });
        for (const byte of Buffer.from(bytes as string, 'latin1')) client.send(Buffer.of(byte));
        const { status } = await client.response();
        await client.closed;
        client.destroy();
        return status < 400 ? [name] : [];
      }),
    );
    expect(accepted.flat()).toEqual([]);
    expect(calls).toEqual([]);
  });
});
