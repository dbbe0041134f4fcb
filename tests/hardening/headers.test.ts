/** Flaws in heads, framing, hosts and forwarded headers, and the right answer to each: rows H1 to H13 of the corpus. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { findClient, compileTrust, parseForwarded } from '../../src/http/forwarded.js';
import { parseAuthority } from '../../src/http/host.js';
import { RawClient } from '../support/raw-client.js';
import { expectWithin } from '../support/timing.js';
import { calls, echo, type Echo } from './echo-server.js';

let server: Echo;
let trusting: Echo;
let twoHops: Echo;

beforeAll(async () => {
  server = await echo({}, { requestTimeout: 400, headersTimeout: 300, connectionsCheckingInterval: 50 });
  trusting = await echo({ trustProxy: ['127.0.0.1', '10.0.0.0/8'] });
  twoHops = await echo({ trustProxy: 2 });
});

afterAll(() => Promise.all([server.close(), trusting.close(), twoHops.close()]));

beforeEach(() => {
  calls.length = 0;
  server.logger.errors.length = 0;
});

const H = 'Host: a\r\n';
const get = (fields = H, target = '/'): string => `GET ${target} HTTP/1.1\r\n${fields}\r\n`;
const post = (fields: string, body = ''): string => `POST / HTTP/1.1\r\n${H}${fields}\r\n${body}`;
const chunked = (body: string): string =>
  post('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n', body);

/** The status that refuses the bytes. The connection ends with it: what is smuggled behind them reaches no handler. */
async function refusal(bytes: string): Promise<number> {
  const client = await RawClient.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  client.send(bytes + get(H, '/smuggled'));
  const { status } = await client.response();
  await client.closed;
  client.destroy();
  expect(calls).toEqual([]);
  expect(server.logger.errors).toEqual([]);
  return status;
}

describe('H1 refuses what another server could read in another way', () => {
  test.each([
    ['a space before the colon of Content-Length', post('Content-Length : 5\r\n', 'abcde')],
    ['a tab before the colon of Transfer-Encoding', post('Transfer-Encoding\t: chunked\r\n', '0\r\n\r\n')],
    ['a folded value before Content-Length', post('X: a\r\n b\r\nContent-Length: 5\r\n', 'abcde')],
    ['a folded Transfer-Encoding', post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n')],
    ['a folded Content-Length', post('Content-Length: 5\r\n 5\r\n', 'abcde')],
    ['a bare CR in a value', get(`${H}X: a\rContent-Length: 5\r\n`)],
    ['a bare CR before CRLF', get(`${H}X: a\r\r\n`)],
    ['a bare LF between fields', get(`${H}X: a\nY: b\r\n`)],
    ['a bare LF at the end of the head', `GET / HTTP/1.1\r\n${H}\n`],
    ['a NUL in a value', get(`${H}X: a\0b\r\n`)],
    ['a NUL in a name', get(`${H}X\0: a\r\n`)],
    ['a chunk extension with a CR', chunked('5;a=b\rc\r\nabcde\r\n0\r\n\r\n')],
    ['a chunk extension with an LF', chunked('5;a=b\nc\r\nabcde\r\n0\r\n\r\n')],
    ['a chunk extension with a NUL', chunked('5;a=\0\r\nabcde\r\n0\r\n\r\n')],
    ['both framings', post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n')],
    ['two Content-Length', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'abcdef')],
    ['a list of Content-Length', post('Content-Length: 5, 5\r\n', 'abcde')],
    ['a Content-Length with a sign', post('Content-Length: +5\r\n', 'abcde')],
    ['a Content-Length with an underscore', post('Content-Length: 0_5\r\n', 'abcde')],
    ['a chunk size with a sign', chunked('+5\r\nabcde\r\n0\r\n\r\n')],
    ['a chunk size with an underscore', chunked('0_5\r\nabcde\r\n0\r\n\r\n')],
    ['a chunk size of 0x5', chunked('0x5\r\nabcde\r\n0\r\n\r\n')],
    ['a chunk size of none', chunked('\r\nabcde\r\n0\r\n\r\n')],
    ['a chunk without its line break', chunked('5\r\nabcde0\r\n\r\n')],
    ['a chunk size beyond 64 bits', chunked('10000000000000005\r\nabcde\r\n0\r\n\r\n')],
  ])('%s', async (_name, bytes) => {
    expect(await refusal(bytes)).toBe(400);
  });
});

describe('H2 an endless chunk extension ends', () => {
  test('by its length', async () => {
    expect([400, 413]).toContain(await refusal(chunked(`5;${'a'.repeat(100_000)}`)));
  });

  test('by the time for the whole request', async () => {
    const client = await RawClient.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    client.send(chunked('5;a='));
    const trickle = setInterval(() => client.send('b'), 20);
    const response = await client.response();
    clearInterval(trickle);
    expect([400, 408, 413]).toContain(response.status);
    await client.closed;
    client.destroy();
    expect(calls).toEqual([]);
  });
});

const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype);
test.each([...PROTOTYPE, 'prototype', 'then', '__PROTO__'])(
  'H3 a field named %s is a field',
  async (name) => {
    const twice = get(`${H}${name}: x\r\n${name}: y\r\n`);
    expect((await server.send(twice)).status).toBe(200);
    expect((await server.send(get(`${H}${name}:\r\n`))).status).toBe(200);
    expect(server.logger.errors).toEqual([]);
  },
);

describe('H4 refuses more than 100 fields', () => {
  const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
  test.each([
    ['100', get(`${H}${'A: b\r\n'.repeat(99)}`), 200],
    ['101', get(`${H}${'A: b\r\n'.repeat(100)}`), 431],
    ['101, without a value', get(`${H}${'A:\r\n'.repeat(100)}`), 431],
    [
      '101, of different names',
      get(H + Array.from({ length: 100 }, (_, i) => `a${String(i)}: b\r\n`).join('')),
      431,
    ],
    ['101, the last an upgrade', get(H + 'A: b\r\n'.repeat(97) + UPGRADE), 431],
    ['1,100, the last an upgrade', get(H + 'A: b\r\n'.repeat(1097) + UPGRADE), 431],
    ['1,100, the last a body', post(`${'A: b\r\n'.repeat(1099)}Content-Length: 5\r\n`, 'abcde'), 431],
    ['2,000', get(H + 'A: b\r\n'.repeat(1999)), 431],
  ])('%s', async (_name, bytes, status) => {
    if (status === 200) expect((await server.send(bytes)).status).toBe(200);
    else expect(await refusal(bytes)).toBe(status);
  });
});

test.each([
  ['chunked, chunked', 400],
  ['chunked, identity', 400],
  ['chunked, gzip', 400],
  ['gzip, chunked', 501],
  ['gzip', 501],
  ['identity', 501],
  ['identity, chunked', 501],
  ['xchunked', 501],
  ['chunkedx', 501],
  ['chunked;q=1', 501],
  ['"chunked"', 501],
  ['cow', 501],
  [', chunked', 501],
  ['\x0bchunked', 400],
  ['', 400],
])('H5 Transfer-Encoding: %j is answered with %i', async (coding, status) => {
  expect(await refusal(post(`Transfer-Encoding: ${coding}\r\n`, '0\r\n\r\n'))).toBe(status);
});

test.each(['chunked', 'Chunked', 'CHUNKED', ' chunked ', '\tchunked'])(
  'H5 Transfer-Encoding: %j is the one that is understood',
  async (coding) => {
    expect((await server.send(post(`Transfer-Encoding: ${coding}\r\n`, '0\r\n\r\n'))).status).toBe(200);
  },
);

test.each([
  [
    'Transfer-Encoding on HTTP/1.0',
    `POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['HTTP/2.0', `GET / HTTP/2.0\r\n${H}\r\n`, 505],
  ['HTTP/0.9', `GET / HTTP/0.9\r\n${H}\r\n`, 505],
  ['HTTP/1.2', `GET / HTTP/1.2\r\n${H}\r\n`, 505],
  ['HTTP/3.0', `GET / HTTP/3.0\r\n${H}\r\n`, 505],
  ['no version', 'GET /\r\n\r\n', 505],
  ['HTTP/1.11', `GET / HTTP/1.11\r\n${H}\r\n`, 400],
  ['HTTP/1', `GET / HTTP/1\r\n${H}\r\n`, 400],
  ['HTTP/1,1', `GET / HTTP/1,1\r\n${H}\r\n`, 400],
  ['http/1.1', `GET / http/1.1\r\n${H}\r\n`, 400],
  ['ICY/1.1', `GET / ICY/1.1\r\n${H}\r\n`, 400],
])('H6 %s is refused', async (_name, bytes, status) => {
  expect(await refusal(bytes)).toBe(status);
});

test.each([
  'Host: a\r\nHost: b\r\n',
  'Host: a\r\nHost: a\r\n',
  'Host: a\r\nhost:\r\n',
  '',
  'Host:\r\n',
  'Host: a b\r\n',
  'Host: a@b\r\n',
  'Host: user:password@b\r\n',
  'Host: a/b\r\n',
  'Host: a?b\r\n',
  'Host: a#b\r\n',
  'Host: a\\b\r\n',
  'Host: a, b\r\n',
  'Host: http://a\r\n',
  'Host: <a>\r\n',
  'Host: a"b\r\n',
  'Host: a%zz\r\n',
  'Host: a:b\r\n',
  'Host: a:-1\r\n',
  'Host: a:65536\r\n',
  'Host: a:80:80\r\n',
  'Host: :80\r\n',
  'Host: ::1\r\n',
  'Host: [::1\r\n',
  'Host: [::1]x\r\n',
  'Host: [fe80::1%eth0]\r\n',
  'Host: []\r\n',
  'Host: h\xf6st\r\n',
])('H7 refuses %j', async (fields) => {
  expect(await refusal(get(fields))).toBe(400);
});

describe('H8 the authority of an absolute target wins over Host, everywhere', () => {
  test.each([
    ['http://b/peer', { host: 'b', hostname: 'b', url: 'http://b/x' }],
    ['http://b:81/peer', { host: 'b:81', hostname: 'b', url: 'http://b:81/x' }],
    ['HTTP://[::1]:81/peer', { host: '[::1]:81', hostname: '[::1]', url: 'http://[::1]:81/x' }],
    ['https://b/peer?http://c/', { host: 'b', hostname: 'b', scheme: 'http' }],
  ])('%s', async (target, expected) => {
    expect(JSON.parse((await server.send(get('Host: a:1\r\n', target))).text)).toMatchObject(expected);
  });

  test.each([
    'http:///peer',
    'http://a@b/peer',
    'http://a b/peer',
    'ftp://b/peer',
    'http:/peer',
    'http:peer',
    'b/peer',
  ])('%s is refused', async (target) => {
    const { status } = await server.send(get(H, target));
    expect([status, calls]).toEqual([400, []]);
  });
});

const FORWARDED = [
  'X-Forwarded-Host: evil\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 6.6.6.6\r\n',
  'Forwarded: for=6.6.6.6;host=evil;proto=https\r\n',
  'X-Forwarded-Host: evil\r\nX-Forwarded-Server: evil\r\nX-Real-IP: 6.6.6.6\r\nX-Client-IP: 6.6.6.6\r\n',
  'X-Forwarded-Scheme: https\r\nX-Forwarded-Ssl: on\r\nFront-End-Https: on\r\nX-Forwarded-Port: 443\r\n',
  'X-Original-URL: /evil\r\nX-Rewrite-URL: /evil\r\nX-HTTP-Method-Override: DELETE\r\nTrue-Client-IP: 6.6.6.6\r\n',
];

const OWN = {
  address: '127.0.0.1',
  host: 'a',
  hostname: 'a',
  scheme: 'http',
  forwardedHost: null,
  url: 'http://a/x',
};

const peerOf = async (to: Echo, fields: string): Promise<unknown> =>
  JSON.parse((await to.send(get(H + fields, '/peer'))).text);

test.each(FORWARDED)('H9 nothing of %j is believed from a peer that is not trusted', async (fields) => {
  expect(await peerOf(server, fields)).toEqual(OWN);
});

test.each([
  ['X-Forwarded-Host: b\r\n', { host: 'b', forwardedHost: 'b' }],
  // Of a list counts what the trusted hop wrote: the last.
  ['X-Forwarded-Host: b, c\r\n', { host: 'c', forwardedHost: 'c' }],
  ['X-Forwarded-Host: b\r\nX-Forwarded-Host: c\r\n', { host: 'c', forwardedHost: 'c' }],
  ['X-Forwarded-Host: b/c\r\n', OWN],
  ['X-Forwarded-Host: <b>\r\n', OWN],
  ['X-Forwarded-Host:\r\n', OWN],
  ['X-Forwarded-Proto: https\r\n', { scheme: 'https' }],
  ['X-Forwarded-Proto: javascript\r\n', OWN],
  ['X-Forwarded-Proto: https, http\r\n', OWN],
  ['Forwarded: for=6.6.6.6;host=evil\r\n', OWN],
])('H9 a trusted peer says %j', async (fields, expected) => {
  expect(await peerOf(trusting, fields)).toMatchObject(expected);
});

test.each([
  ['6.6.6.6', '6.6.6.6', '6.6.6.6'],
  ['6.6.6.6, 2.2.2.2', '2.2.2.2', '6.6.6.6'],
  ['7.7.7.7, 6.6.6.6, 2.2.2.2', '2.2.2.2', '6.6.6.6'],
  ['6.6.6.6, 2.2.2.2, 10.0.0.1', '2.2.2.2', '2.2.2.2'],
  ['6.6.6.6, 10.0.0.2, 10.0.0.1', '6.6.6.6', '10.0.0.2'],
  ['127.0.0.1, 2.2.2.2', '2.2.2.2', '127.0.0.1'],
  ['6.6.6.6, unknown', '127.0.0.1', '127.0.0.1'],
  ['6.6.6.6,', '127.0.0.1', '127.0.0.1'],
  ['<script>', '127.0.0.1', '127.0.0.1'],
  ['6.6.6.6\r\nX-Forwarded-For: 2.2.2.2', '2.2.2.2', '6.6.6.6'],
])(
  'H10 X-Forwarded-For: %j is %s behind trusted addresses, %s behind two hops',
  async (list, address, hops) => {
    expect(await peerOf(trusting, `X-Forwarded-For: ${list}\r\n`)).toMatchObject({ address });
    expect(await peerOf(twoHops, `X-Forwarded-For: ${list}\r\n`)).toMatchObject({ address: hops });
  },
);

test.each([
  ',',
  ' ',
  ', ',
  '\t',
  '1.1.1.1,',
  'a',
  '[',
  '::',
  '"',
  ';',
  'for=',
  'for=1;',
  '%',
  '1',
  '.',
  ' ,\t',
])('H11 64 KiB of %j are read at once', (text) => {
  const header = text.repeat(65_536 / text.length);
  const trust = compileTrust(1_000_000);
  expectWithin(100, () => findClient('1.1.1.1', header.split(','), trust));
  expectWithin(100, () => parseForwarded(header));
  expectWithin(100, () => parseAuthority(header));
});

test('H11 as long a list as a head can hold is answered', async () => {
  for (const text of [',', ' ,', '10.0.0.1,', 'x']) {
    const list = text.repeat(14_000 / text.length);
    const { status } = await trusting.send(get(`${H}X-Forwarded-For: ${list}\r\nX-Forwarded-Host: ${'x'.repeat(99)}\r\n`, '/peer'));
    expect(status).toBe(200);
  }
}); // prettier-ignore

test.each(['5\nabcde\r\n0\r\n\r\n', '5\r\nabcde\n0\r\n\r\n', '5\r\nabcde\r\n0\n\r\n', '5\r\nabcde\r\n0\r\nA: b\n\r\n', '5\r\nabcde\r\n0\r\n\n'])(
  'H12 the chunks %j have a bare LF',
  async (body) => {
    expect(await refusal(chunked(body))).toBe(400);
  },
); // prettier-ignore

describe('H13 no method reaches a handler of another', () => {
  test.each([
    ['TRACE', 405],
    ['PROPFIND', 501],
    ['SEARCH', 501],
    ['PURGE', 501],
    ['LINK', 501],
    ['M-SEARCH', 501],
  ])('%s is answered with %i', async (method, status) => {
    const response = await server.send(`${method} / HTTP/1.1\r\n${H}Max-Forwards: 0\r\nX-Secret: s\r\n\r\n`);
    expect([response.status, calls]).toEqual([status, []]);
    expect(response.text).not.toContain('X-Secret');
    if (status === 405) expect(response.header('allow')).toContain('GET');
  });

  test.each(['get', 'Get', 'post', 'BREW', 'GETS', 'GE', 'G', 'GET\t/'])('%j is refused', async (method) => {
    expect([400, 501]).toContain(await refusal(`${method} / HTTP/1.1\r\n${H}\r\n`));
  });

  test.each([
    ['CONNECT', `CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n`, 405],
    ['CONNECT of a path', `CONNECT / HTTP/1.1\r\n${H}\r\n`, 405],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ])('%s is refused, and the connection ends', async (_name, bytes, status) => {
    expect(await refusal(bytes)).toBe(status);
  });
});
