/** Uploads followed over real sockets: the figures move while the body comes, and nothing of it stays behind. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, Post, type Request, type RunningServer } from 'obol';
import { uploadProgress } from 'obol/uploads';
import { collectingLogger } from '../support/collecting-logger.js';
import { RawClient } from '../support/raw-client.js';
import { stressed } from '../support/stress.js';

const B = 'boundary';
const PIECE = 'x'.repeat(64 * 1024);
const HEAD = `--${B}\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n`;
const TAIL = `\r\n--${B}--\r\n`;
const PIECES = 8;
/** Those that may follow at one time. */
const FOLLOWERS = 200;
const LENGTH = HEAD.length + PIECES * PIECE.length + TAIL.length;

@Controller()
class UploadController {
  @Post('/upload')
  upload(req: Request) {
    return { length: req.form.getFile('f')?.length };
  }
}

const logger = collectingLogger();
let server: RunningServer;

beforeAll(async () => {
  const app = await bootstrap({
    controllers: [UploadController],
    logger,
    features: [uploadProgress({ patience: 60_000, maxFollowers: FOLLOWERS })],
  });
  server = await app.listen({ port: 0, signals: false, drainLinger: 20, drainTimeout: 1000 });
});

afterAll(async () => {
  await server.close();
});

async function begin(id: string): Promise<RawClient> {
  const client = await RawClient.connect(server.port);
  return client.send(
    `POST /upload?upload-id=${id} HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=${B}\r\n` +
      `Content-Length: ${LENGTH}\r\n\r\n${HEAD}`,
  );
}

async function follow(id: string): Promise<RawClient> {
  const client = await RawClient.connect(server.port);
  return client.request(`GET /upload-progress/${id}`, ['Accept: text/event-stream']);
}

async function figuresOf(id: string): Promise<Record<string, unknown>> {
  const client = await RawClient.connect(server.port);
  const response = await client.request(`GET /upload-progress/${id}`).response();
  client.destroy();
  return JSON.parse(response.text) as Record<string, unknown>;
}

function eventsIn(text: string): { event: string; data: Record<string, unknown> }[] {
  return [...text.matchAll(/event: (\w+)\ndata: (.*)\n/g)].map(([, event = '', data = '']) => ({
    event,
    data: JSON.parse(data) as Record<string, unknown>,
  }));
}

test('the figures move while the upload comes, and end with it', async () => {
  const id = crypto.randomUUID();
  const follower = await follow(id);
  await follower.until((text) => text.includes('retry: 1000\n\n'));
  const client = await begin(id);
  for (let piece = 1; piece <= PIECES; piece++) {
    client.send(PIECE);
    const received = HEAD.length + piece * PIECE.length;
    await follower.until((text) => text.includes(`"received":${received},"total":${LENGTH},`));
  }
  client.send(TAIL);
  expect(JSON.parse((await client.response()).text)).toEqual({ length: PIECES * PIECE.length });
  const events = await follower.response();
  const last = eventsIn(events.text).at(-1);
  expect(events.complete).toBe(true);
  expect(last).toEqual({
    event: 'done',
    data: {
      state: 'complete',
      received: LENGTH,
      total: LENGTH,
      rate: expect.any(Number),
      filename: 'f.bin',
    },
  });
  expect(await figuresOf(id)).toEqual(last?.data);
  client.destroy();
  follower.destroy();
});

test('an upload whose client leaves has failed', async () => {
  const id = crypto.randomUUID();
  const [follower, client] = [await follow(id), await begin(id)];
  client.send(PIECE);
  await follower.until((text) => text.includes(`"received":${HEAD.length + PIECE.length},`));
  client.socket.resetAndDestroy();
  const events = await follower.response();
  expect(eventsIn(events.text).at(-1)).toMatchObject({ event: 'failed', data: { state: 'failed' } });
  expect(await figuresOf(id)).toMatchObject({ state: 'failed', total: LENGTH });
  follower.destroy();
});

test('a second upload under the id of one that arrives is refused, and does it no harm', async () => {
  const id = crypto.randomUUID();
  const first = await begin(id);
  while ((await figuresOf(id))['state'] !== 'running');
  const second = await begin(id);
  expect((await second.response()).status).toBe(409);
  first.send(PIECE.repeat(PIECES) + TAIL);
  expect((await first.response()).status).toBe(200);
  first.destroy();
  second.destroy();
});

describe('followers that leave', () => {
  /** One that asks again as long as the server has not seen yet that others have left. */
  async function admitted(id: string): Promise<RawClient> {
    for (;;) {
      const follower = await follow(id);
      await follower.until((text) => text.includes('\r\n\r\n'));
      if (follower.pending.startsWith('HTTP/1.1 200')) return follower;
      follower.destroy();
    }
  }

  test('make room for others: more follow one after another than may at one time', async () => {
    const id = crypto.randomUUID();
    const client = await begin(id);
    for (let round = 0; round < stressed(5, 50); round++) {
      const followers = await Promise.all(Array.from({ length: FOLLOWERS / 4 }, () => admitted(id)));
      await Promise.all(followers.map((follower) => follower.until((text) => text.includes('progress'))));
      for (const follower of followers) follower.socket.resetAndDestroy();
    }
    client.send(PIECE.repeat(PIECES) + TAIL);
    expect((await client.response()).status).toBe(200);
    expect(logger.errors).toEqual([]);
    client.destroy();
  });
});
