/** Bodies that their clients do not read: whatever makes them is held back, and ends when they leave. Row G1. */
import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  EventStreamResponse,
  GeneratorResponse,
  JsonGeneratorResponse,
  makeResponse,
  NoContentResponse,
  type Handler,
  type Request,
  type Response,
} from 'obol';
import { compression } from 'obol/compression';
import { RawClient } from '../support/raw-client.js';
import { deferred, serve, type Served } from '../support/serve.js';

const MIB = 1024 * 1024;
const LENGTH = 200 * MIB;
const CHUNK = randomBytes(64 * 1024);
const TEXT = CHUNK.toString('base64');

/** A source of chunks that counts what was asked of it, and tells when it is let go of. */
class Source {
  given = 0;
  readonly #ended = deferred();

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  *chunks<T extends string | Uint8Array>(chunk: T): Generator<T> {
    try {
      while (this.given < LENGTH) {
        this.given += chunk.length;
        yield chunk;
      }
    } finally {
      this.#ended.resolve();
    }
  }

  async *later<T extends string | Uint8Array>(chunk: T): AsyncGenerator<T> {
    for (const piece of this.chunks(chunk)) {
      await Promise.resolve();
      yield piece;
    }
  }

  node(options?: { readonly highWaterMark: number }): Readable {
    return Readable.from(this.chunks(CHUNK), { objectMode: false, ...options });
  }

  web(strategy?: { readonly highWaterMark: number }): ReadableStream<Uint8Array> {
    const chunks = this.chunks(CHUNK);
    return new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          const next = chunks.next();
          if (next.done) controller.close();
          else controller.enqueue(next.value);
        },
        cancel: () => void chunks.return(undefined),
      },
      strategy,
    );
  }
}

const compressed = (response: Response): Handler => {
  const through = compression({ encodings: ['gzip'], levels: { gzip: 1 } });
  return (request: Request) => through(request, () => response);
};

const SOURCES: Readonly<Record<string, (source: Source) => Response | Handler>> = {
  'a generator': (source) => new GeneratorResponse(source.chunks(CHUNK)),
  'a generator of known length': (source) => new GeneratorResponse(source.chunks(CHUNK), { length: LENGTH }),
  'an async generator': (source) => new GeneratorResponse(source.later(CHUNK)),
  'a generator of text': (source) => new GeneratorResponse(source.chunks(TEXT)),
  'a Node stream': (source) => new GeneratorResponse(source.node()),
  'a web stream': (source) => new GeneratorResponse(source.web()),
  'a web stream that buffers': (source) => new GeneratorResponse(source.web({ highWaterMark: 8 })),
  'the body of a web response': (source) => makeResponse(new globalThis.Response(source.web())),
  'JSON made while it is sent': (source) => new JsonGeneratorResponse({ list: source.later(TEXT) }),
  'a stream of events': (source) => new EventStreamResponse(source.later(TEXT)),
  'a range of a stream': (source) =>
    new GeneratorResponse(source.chunks(CHUNK), { length: LENGTH }).makePartial([[1, LENGTH - 2]]),
  'a compressed stream': (source) =>
    compressed(new GeneratorResponse(source.later(CHUNK), { contentType: 'text/plain' })),
};

let served: Served | undefined;

/** The server's end of the next connection. */
function acceptedSocket(): Promise<Socket> {
  return new Promise((resolve) => {
    const onSocket = (message: unknown): void => {
      unsubscribe('net.server.socket', onSocket);
      resolve((message as { socket: Socket }).socket);
    };
    subscribe('net.server.socket', onSocket);
  });
}

afterEach(async () => {
  await served?.server.close();
  served = undefined;
});

describe.each(Object.entries(SOURCES))('%s', (_name, respond) => {
  async function start(source: Source): Promise<{ client: RawClient; socket: Socket }> {
    served = await serve(
      (request) => {
        if (request.path === '*') return new NoContentResponse();
        const answer = respond(source);
        return typeof answer === 'function' ? answer(request) : answer;
      },
      { maxRequestsPerSocket: 0 },
    );
    const accepted = acceptedSocket();
    const client = await RawClient.connect(served.port);
    client.request('GET /', ['Accept-Encoding: gzip', 'Range: bytes=1-']);
    await once(client.socket, 'data');
    client.socket.pause();
    return { client, socket: await accepted };
  }

  test('is held back by a client that reads nothing more, and let go of when it leaves', async () => {
    const source = new Source();
    const { client, socket } = await start(source);
    // It stands still once many other requests were answered between two looks that see the same.
    const other = await RawClient.connect(served?.port ?? 0);
    for (let before = -1; before !== source.given;) {
      before = source.given;
      for (let i = 0; i < 200; i++) await other.request('OPTIONS *').response();
    }
    other.destroy();
    // The buffers of the system at both ends take some megabytes; ours next to nothing.
    expect(source.given).toBeLessThan(24 * MIB);
    expect(socket.writableLength).toBeLessThan(512 * 1024);
    client.destroy();
    await source.ended;
    expect(served?.logger.errors).toEqual([]);
  });
});
