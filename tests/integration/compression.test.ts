/** Compression over real connections: event streams, errors, and clients that leave. */
import { setTimeout as pause } from 'node:timers/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  EventStreamResponse,
  GeneratorResponse,
  JsonResponse,
  reply,
  Response,
  bootstrap,
  Controller,
  Get,
  Use,
  type Chunk,
  type Handler,
  type ServerSentEvent,
} from 'obol';
import { compression, type CompressionOptions } from 'obol/compression';
import type { Encoder } from '../../src/features/compression/codings.js';
import { EncodedStream } from '../../src/features/compression/encoded-stream.js';
import { planOf } from '../../src/features/compression/options.js';
import { collectingLogger } from '../support/collecting-logger.js';
import { decoded } from '../support/decode.js';
import { RawClient } from '../support/raw-client.js';
import { deferred, serve, type Served } from '../support/serve.js';
import { stressed } from '../support/stress.js';

const TEXT = 'A line that is said again and again.\n'.repeat(100);
const GZIP = ['Accept-Encoding: gzip'];

let served: Served | undefined;

afterEach(async () => {
  await served?.server.close();
  served = undefined;
});

async function start(handle: Handler, options?: CompressionOptions): Promise<Served> {
  const wrap = compression(options);
  return (served = await serve((request) => wrap(request, handle)));
}

/** Text that comes out of a gzip stream so far. */
class Unzipped {
  text = '';
  readonly #gunzip: Gunzip = createGunzip();
  #fed = 0;

  constructor() {
    this.#gunzip.on('data', (bytes: Buffer) => (this.text += bytes.toString()));
  }

  /** Takes the chunks behind the head of what was received. */
  async feed(received: string): Promise<void> {
    const bytes = Buffer.from(received, 'latin1');
    let at = bytes.indexOf('\r\n\r\n') + 4;
    const chunks: Buffer[] = [];
    for (let end = bytes.indexOf('\r\n', at); end > 0; end = bytes.indexOf('\r\n', at)) {
      const size = parseInt(bytes.toString('latin1', at, end), 16);
      if (size === 0 || end + size + 4 > bytes.length) break;
      chunks.push(bytes.subarray(end + 2, end + 2 + size));
      at = end + size + 4;
    }
    const content = Buffer.concat(chunks);
    const fresh = content.subarray(this.#fed);
    this.#fed = content.length;
    if (fresh.length > 0) await new Promise((resolve) => this.#gunzip.write(fresh, resolve));
    await pause(0);
  }

  destroy(): void {
    this.#gunzip.destroy();
  }
}

async function untilUnzipped(client: RawClient, text: string): Promise<void> {
  const unzipped = new Unzipped();
  let seen = 0;
  while (!unzipped.text.includes(text)) {
    await client.until((received) => received.length > seen);
    seen = client.pending.length;
    await unzipped.feed(client.pending);
  }
  unzipped.destroy();
}

test('wraps a whole application, or one route by @Use', async () => {
  @Controller('/')
  class Pages {
    @Get('/all')
    all() {
      return { text: TEXT };
    }

    @Use(compression({ encodings: ['deflate'] }))
    @Get('/own')
    own() {
      return reply(TEXT, 'text/css');
    }

    @Get('/out')
    out() {
      return reply(TEXT, { headers: { 'Cache-Control': 'no-transform' } });
    }
  }
  const app = await bootstrap({
    controllers: [Pages],
    middleware: [compression({ threshold: 1 })],
    logger: collectingLogger(),
  });
  const server = await app.listen({ port: 0, signals: false });
  const client = await RawClient.connect(server.port);
  const coding = async (path: string): Promise<string | undefined> => {
    const fields = ['Accept-Encoding: deflate, gzip'];
    const response = await client.request(`GET ${path}`, fields).response();
    const encoding = response.header('content-encoding');
    expect(response.header('content-length')).toBe(String(response.body.length));
    expect(decoded(response.body, encoding)).toMatch(/[a-z]/);
    return encoding;
  };
  expect(await coding('/all')).toBe('gzip');
  expect(await coding('/own')).toBe('deflate');
  expect(await coding('/out')).toBeUndefined();
  expect(await coding('/missing')).toBe('gzip');
  client.destroy();
  await server.close();
});

describe('streams', () => {
  test('an event arrives before the next one is made', async () => {
    const gate = deferred();
    const { port } = await start(
      () =>
        new EventStreamResponse(
          (async function* (): AsyncGenerator<ServerSentEvent> {
            yield { data: 'first' };
            await gate.promise;
            yield { data: 'second' };
          })(),
          { headers: { 'Cache-Control': 'no-cache' } },
        ),
    );
    const client = await RawClient.connect(port);
    client.request('GET /', GZIP);
    await untilUnzipped(client, 'data: first\n\n');
    gate.resolve();
    const response = await client.response();
    expect(response.header('content-encoding')).toBe('gzip');
    expect(decoded(response.body, 'gzip')).toBe(':\n\ndata: first\n\ndata: second\n\n');
    client.destroy();
  });

  test('event streams are sent as they are unless they give up no-transform', async () => {
    const { port } = await start(() => new EventStreamResponse(['x'.repeat(2000)]));
    const client = await RawClient.connect(port);
    const response = await client.request('GET /', GZIP).response();
    expect(response.header('content-encoding')).toBeUndefined();
    expect(response.text).toContain('data: xxx');
    client.destroy();
  });

  test('an error cuts the connection and is logged once', async () => {
    const { port, logger } = await start(
      () =>
        new GeneratorResponse(
          (async function* () {
            yield TEXT;
            // Until then what was encoded is sent, though no more has come.
            await new Promise((resolve) => setTimeout(resolve, 40));
            throw new Error('broken source');
          })(),
        ),
    );
    const client = await RawClient.connect(port);
    client.request('GET /', GZIP);
    await client.closed;
    expect(client.pending).not.toMatch(/0\r\n\r\n$/);
    expect(logger.errors).toEqual([
      expect.stringMatching(/in mid-stream, connection cut: Error: broken source/),
    ]);
  });

  test('a client that reads slowly slows the source down', async () => {
    let given = 0;
    const block = Buffer.from(Array.from({ length: 64 * 1024 }, (_, i) => (i * i * 31 + (i >> 3)) % 251));
    const source = (function* (): Generator<Chunk> {
      for (;;) {
        given += block.length;
        yield block;
      }
    })();
    const { port } = await start(() => new GeneratorResponse(source), {
      encodings: ['gzip'],
      levels: { gzip: 0 },
    });
    const client = await RawClient.connect(port);
    client.request('GET /', GZIP);
    await client.until((received) => received.length > 100);
    client.socket.pause();
    let last = -1;
    while (given !== last) {
      last = given;
      await pause(100);
    }
    expect(given).toBeLessThan(32 * 1024 * 1024);
    client.destroy();
  });
});

describe('clients that leave', () => {
  const LEAVING = stressed(100, 1000);
  const AT_A_TIME = 50;

  /** @param leaves waits for what a client sees before it goes */
  async function leaveOften(port: number, leaves: (client: RawClient) => Promise<void>): Promise<void> {
    for (let i = 0; i < LEAVING; i += AT_A_TIME) {
      const leaving = Array.from({ length: AT_A_TIME }, async () => {
        const client = await RawClient.connect(port);
        client.request('GET /', ['Accept-Encoding: br;q=0.5, gzip']);
        await leaves(client);
        client.destroy();
      });
      await Promise.all(leaving);
    }
  }

  test.each(['gzip', 'br'] as const)('leave no source open and no coder of %s', async (coding) => {
    const [encoder] = planOf({ encodings: [coding] }).encoders;
    if (!encoder) throw new Error(`This Node has no ${coding}`);
    const coders = new Set<unknown>();
    const coderGone = tally();
    const sourceGone = tally();
    const counting: Encoder = {
      ...encoder,
      stream(flushes) {
        const coder = encoder.stream(flushes);
        coders.add(coder);
        coder.once('close', coderGone.count);
        return coder;
      },
    };
    served = await serve((request) => {
      const source = new GeneratorResponse(endless(request.signal, sourceGone.count));
      return new Response(new EncodedStream(source, counting, false));
    });
    await leaveOften(served.port, (client) => client.until((received) => received.includes('\r\n\r\n')));
    await Promise.all([coderGone.reached, sourceGone.reached]);
    expect(coders.size).toBe(LEAVING);
    expect(served.logger.errors).toEqual([]);
  });

  /** Text that comes until the client has left. */
  async function* endless(signal: AbortSignal, ended: () => void): AsyncGenerator<string> {
    try {
      for (;;) {
        yield TEXT;
        await pause(5, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      ended();
    }
  }

  /** Counts up to the number of those that leave. */
  function tally(): { count: () => void; reached: Promise<void> } {
    let counted = 0;
    const { promise, resolve } = deferred();
    const count = (): void => {
      if (++counted === LEAVING) resolve();
    };
    return { count, reached: promise };
  }
});

test('what a client asks for in a pipeline comes in order', async () => {
  let turn = 0;
  const { port } = await start(() => {
    turn++;
    return turn === 1 ? new JsonResponse(TEXT.repeat(50)) : new Response(`${turn}${TEXT}`);
  });
  const client = await RawClient.connect(port);
  client.request('GET /', GZIP).request('GET /', GZIP);
  expect(decoded((await client.response()).body, 'gzip')).toBe(JSON.stringify(TEXT.repeat(50)));
  expect(decoded((await client.response()).body, 'gzip')).toBe(`2${TEXT}`);
  client.destroy();
});
