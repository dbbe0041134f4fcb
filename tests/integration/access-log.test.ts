/** What the access log is told of requests that are over. */
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import {
  commonLogLine,
  EventStreamResponse,
  GeneratorResponse,
  Response,
  TextResponse,
  type AccessEntry,
  type Handler,
} from 'obol';
import { RawClient } from '../support/raw-client.js';
import { deferred, serve, type Served } from '../support/serve.js';

let served: Served | undefined;

afterEach(async () => {
  await served?.server.close();
  served = undefined;
});

const handler: Handler = (req) => {
  if (req.path === '/stream') return new GeneratorResponse(['ab', 'cd']);
  if (req.path === '/long') return new GeneratorResponse(['ab', 'cd'], { length: 4 });
  if (req.path === '/tagged') return new Response('abc', { headers: { ETag: '"x"' } });
  if (req.path === '/events') return new EventStreamResponse(endless());
  return new TextResponse('hello', { status: req.path === '/missing' ? 404 : 200 });
};

async function* endless(): AsyncGenerator<string> {
  for (;;) yield await new Promise<string>(() => undefined);
}

/** Starts a server, and gives what it logs, entry by entry. */
async function start(): Promise<{ client: RawClient; next: () => Promise<AccessEntry> }> {
  const entries: AccessEntry[] = [];
  let arrived = deferred();
  served = await serve(handler, {
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
  return { client: await RawClient.connect(served.port), next };
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
