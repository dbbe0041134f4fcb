/** Files through real sockets: many at once, clients that leave, and files that change meanwhile. */
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { FileObjResponse, FileResponse, fileResponse, type Handler } from 'obol';
import { TestFolder } from '../support/folder.js';
import { openDescriptors } from '../support/multipart.js';
import { RawClient, type RawResponse } from '../support/raw-client.js';
import { serve, type Served } from '../support/serve.js';
import { stressed } from '../support/stress.js';

const folder = new TestFolder();
let served: Served | undefined;

afterEach(async () => {
  await served?.server.close();
  served = undefined;
});
afterAll(() => {
  folder.remove();
});

const MIB = 1024 * 1024;
/** More than any socket holds back. */
const HUGE = 16 * MIB;
/** The raw client puts together what it gets again and again. */

/** Bytes that tell where they are and of which file. */
function patterned(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i + 4 <= length; i += 4) bytes.writeUInt32LE((i * 2654435761 + seed) >>> 0, i);
  return bytes;
}

async function start(handle: Handler): Promise<number> {
  served = await serve(handle);
  return served.port;
}

/** Waits until no more descriptors are open than before; fails by time. */
async function settled(before: number): Promise<void> {
  while (openDescriptors() > before) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe.each<[string, (path: string) => ReturnType<Handler>]>([
  ['FileResponse', (path) => new FileResponse(path)],
  ['fileResponse', (path) => fileResponse(path)],
  ['FileObjResponse', async (path) => new FileObjResponse(await open(path))],
])('%s', (_, respond) => {
  test.each([0, 1, 1000, 65_536, 65_537, 131_072, 131_073, 1_000_000])(
    'sends a file of %d bytes as it is, and by HEAD its head alone',
    async (length) => {
      const content = patterned(length, 1);
      const path = folder.file('exact.bin', content);
      const client = await RawClient.connect(await start(() => respond(path)));
      const withoutDate = ({ fields }: RawResponse) => fields.filter(([name]) => name !== 'date');
      const response = await client.request('GET /').response();
      expect(response.header('content-length')).toBe(String(length));
      expect(response.body.equals(content)).toBe(true);
      const head = await client.request('HEAD /').response('HEAD');
      expect([head.statusLine, withoutDate(head)]).toEqual([response.statusLine, withoutDate(response)]);
      client.destroy();
    },
  );
});

test('many files at once are never mixed up, on one connection or on several', async () => {
  const contents = Array.from({ length: 8 }, (_, i) => patterned(700_000 + i * 13, i));
  const paths = contents.map((content, i) => folder.file(`many-${i}`, content));
  const port = await start((request) => new FileResponse(paths[Number(request.path.slice(1))] ?? ''));
  await Promise.all(
    contents.map(async (_, first) => {
      const client = await RawClient.connect(port);
      const order = [first, (first + 3) % 8, (first + 5) % 8];
      client.send(order.map((i) => `GET /${i} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
      for (const i of order) {
        const response = await client.response();
        expect(response.body.equals(contents[i] ?? Buffer.alloc(0))).toBe(true);
      }
      client.destroy();
    }),
  );
});

/** A client that has got some of a file and takes no more for now. */
async function startReading(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  client.request('GET /');
  await client.until((received) => received.length > 100_000);
  client.socket.pause();
  return client;
}

test('clients that leave leave no file open, and nothing in the log', async () => {
  const path = folder.file('left.bin', patterned(HUGE, 2));
  const port = await start(() => new FileResponse(path));
  const before = openDescriptors();
  for (let round = 0; round < stressed(3, 50); round++) {
    const clients = await Promise.all(Array.from({ length: 16 }, () => RawClient.connect(port)));
    for (const [i, client] of clients.entries()) {
      client.request(i % 4 === 0 ? 'HEAD /' : 'GET /', i % 4 === 1 ? ['Range: bytes=5-,0-3'] : []);
      if (i % 2 === 0) await once(client.socket, 'data');
      client.socket.resetAndDestroy();
    }
  }
  await settled(before);
  expect(served?.logger.errors).toEqual([]);
});

test.each<[string, string[]]>([
  ['304', ['If-None-Match: *']],
  ['412', ['If-Match: "x"']],
  ['416', [`Range: bytes=${HUGE}-`]],
  ['206', ['Range: bytes=1-2']],
])('a %s leaves no file open', async (status, fields) => {
  const path = folder.file('answered.bin', patterned(100_000, 2));
  const client = await RawClient.connect(await start(() => new FileResponse(path)));
  await client.request('GET /', ['If-None-Match: *']).response();
  const before = openDescriptors();
  for (let i = 0; i < 5; i++)
    expect((await client.request('GET /', fields).response()).status).toBe(Number(status));
  await settled(before);
  client.destroy();
});

test('a file that shrinks cuts the connection: never less than was declared', async () => {
  const path = folder.file('shrinking.bin', patterned(HUGE, 3));
  const client = await startReading(await start(() => new FileResponse(path)));
  truncateSync(path, 2 * MIB);
  client.socket.resume();
  const response = await client.response();
  expect([response.complete, response.header('content-length')]).toEqual([false, String(HUGE)]);
  expect(served?.logger.errors[0]).toMatch(/in mid-stream, connection cut/);
});

test('a file that grows is sent in the length that was declared', async () => {
  const content = patterned(HUGE, 4);
  const path = folder.file('growing.bin', content);
  const client = await startReading(await start(() => new FileResponse(path)));
  writeFileSync(path, patterned(MIB, 5), { flag: 'a' });
  client.socket.resume();
  expect((await client.response()).body.equals(content)).toBe(true);
  client.destroy();
});

test.each([
  ['a FIFO', () => folder.fifo('fifo')],
  ['a directory', () => folder.path],
  ['a device', () => '/dev/zero'],
])('%s is a 404, at once', async (_, path) => {
  const at = path();
  const client = await RawClient.connect(
    await start((request) => (request.path === '/later' ? fileResponse(at) : new FileResponse(at))),
  );
  for (const target of ['/now', '/later'])
    expect((await client.request(`GET ${target}`).response()).status).toBe(404);
  client.destroy();
});
