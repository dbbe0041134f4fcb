/** Static files over real connections: whole, in parts, not at all, and several at once. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { staticFiles } from 'obol/static';
import { emptySite, type Site } from '../support/site.js';
import { RawClient } from '../support/raw-client.js';
import { serve, type Served } from '../support/serve.js';

const LARGE = randomBytes(10 * 1024 * 1024);
const SIZES = [0, 1, 1024, 65_535, 65_536, 65_537, 200_000];

let site: Site;
let server: Served;

beforeAll(async () => {
  site = emptySite();
  site.write('large.bin', LARGE);
  for (const size of SIZES) site.write(`${size}.bin`, LARGE.subarray(0, size));
  site.write('index.html', '<h1>Home</h1>');
  site.write('list/a.txt', 'a');
  server = await serve(staticFiles(site.root, { listing: true }));
});

afterAll(async () => {
  await server.server.close();
  expect(server.logger.errors).toEqual([]);
  site.remove();
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('files of all sizes come whole, one after the other on one connection', async () => {
  const client = await RawClient.connect(server.port);
  for (const size of SIZES) {
    const response = await client.request(`GET /${size}.bin`).response();
    expect([response.status, response.header('content-length')]).toEqual([200, String(size)]);
    expect(response.body.equals(LARGE.subarray(0, size))).toBe(true);
  }
  client.destroy();
});

test('several clients get a large file at once, a slow one among them', async () => {
  const slow = await RawClient.connect(server.port);
  slow.socket.pause();
  slow.request('GET /large.bin', ['Connection: close']);
  const clients = await Promise.all(Array.from({ length: 4 }, () => RawClient.connect(server.port)));
  const bodies = await Promise.all(
    clients.map(async (client) => (await client.request('GET /large.bin').response()).body),
  );
  for (const body of bodies) expect(sha256(body)).toBe(sha256(LARGE));
  for (const client of clients) client.destroy();
  slow.socket.resume();
  expect(sha256((await slow.response()).body)).toBe(sha256(LARGE));
  slow.destroy();
});

test.each([
  ['bytes=0-0', 206, 'bytes 0-0/10485760', 1],
  ['bytes=-5', 206, 'bytes 10485755-10485759/10485760', 5],
  ['bytes=100000-299999', 206, 'bytes 100000-299999/10485760', 200_000],
  ['bytes=10485760-', 416, 'bytes */10485760', undefined],
  ['bytes=5-2', 200, undefined, 10_485_760],
  ['items=0-1', 200, undefined, 10_485_760],
])('%s of a large file is %d', async (range, status, contentRange, length) => {
  const client = await RawClient.connect(server.port);
  const response = await client.request('GET /large.bin', [`Range: ${range}`]).response();
  client.destroy();
  expect([response.status, response.header('content-range')]).toEqual([status, contentRange]);
  if (length === undefined) return;
  const first = contentRange === undefined ? 0 : Number(/\d+/.exec(contentRange)?.[0]);
  expect(response.body.equals(LARGE.subarray(first, first + length))).toBe(true);
});

test('what the client has already is not sent again, listings included', async () => {
  const client = await RawClient.connect(server.port);
  for (const target of ['/', '/1024.bin', '/large.bin', '/list/']) {
    const etag = (await client.request(`GET ${target}`).response()).header('etag');
    const again = await client.request(`GET ${target}`, [`If-None-Match: ${etag}`]).response();
    expect([target, again.status, again.header('etag')]).toEqual([target, 304, etag]);
  }
  client.destroy();
});

test('HEAD is answered as GET is, without the content', async () => {
  const client = await RawClient.connect(server.port);
  for (const target of ['/', '/1024.bin', '/large.bin', '/list/', '/list', '/missing']) {
    const get = await client.request(`GET ${target}`).response();
    const head = await client.request(`HEAD ${target}`).response('HEAD');
    const withoutDate = (fields: typeof get.fields) => fields.filter(([name]) => name !== 'date');
    // The page of an error quotes the request, and HEAD is one letter longer.
    const fields = target === '/missing' ? [] : withoutDate(get.fields);
    expect([head.status, target === '/missing' ? [] : withoutDate(head.fields)]).toEqual([
      get.status,
      fields,
    ]);
  }
  client.destroy();
});

test('a request with a body that nobody reads is answered, and the connection lives on', async () => {
  const client = await RawClient.connect(server.port);
  expect((await client.request('POST /1024.bin', ['Content-Length: 5'], 'hello').response()).status).toBe(
    405,
  );
  expect((await client.request('GET /1.bin', ['Content-Length: 5'], 'hello').response()).status).toBe(200);
  expect((await client.request('GET /1.bin').response()).status).toBe(200);
  client.destroy();
});

test('a file that becomes shorter while it is sent ends the connection, and the next request is answered', async () => {
  site.write('shrinking.bin', '');
  // More than all buffers on the way can hold.
  truncateSync(join(site.root, 'shrinking.bin'), 64 * 1024 * 1024);
  const client = await RawClient.connect(server.port);
  client.request('GET /shrinking.bin');
  await once(client.socket, 'data');
  client.socket.pause();
  site.write('shrinking.bin', '');
  client.socket.resume();
  await once(client.socket, 'close');
  expect((await client.response()).complete).toBe(false);
  const other = await RawClient.connect(server.port);
  expect((await other.request('GET /1.bin').response()).status).toBe(200);
  other.destroy();
  expect(server.logger.errors.splice(0)).toEqual([
    expect.stringContaining('GET /shrinking.bin, in mid-stream'),
  ]);
});
