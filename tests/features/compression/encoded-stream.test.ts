/** Streams in a coding: pace, flushes, what goes wrong, and who is let go of. */
import { pbkdf2 } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Coding, Encoder } from '../../../src/features/compression/codings.js';
import { planOf } from '../../../src/features/compression/options.js';
import { EncodedStream } from '../../../src/features/compression/encoded-stream.js';
import { GeneratorResponse } from '../../../src/message/responses.js';
import { discardBody } from '../../../src/answering/finalize.js';
import { discardStream } from '../../../src/message/chunks.js';
import { Response, type Chunk, type ChunkStream } from '../../../src/message/response.js';
import { decoded } from '../../support/decode.js';
import { deferred } from '../../support/serve.js';

const gzip = encoderOf('gzip', 6);

function encoderOf(coding: Coding, level: number): Encoder {
  const [encoder] = planOf({ encodings: [coding], levels: { [coding]: level } }).encoders;
  if (!encoder) throw new Error(`This Node has no ${coding}`);
  return encoder;
}

function encoded(body: ChunkStream, init: { flushes?: boolean; length?: number } = {}): EncodedStream {
  return new EncodedStream(new GeneratorResponse(body, { length: init.length }), gzip, init.flushes ?? false);
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return decoded(Buffer.concat(chunks), 'gzip');
}

/** The text that has come out of a stream so far. */
class Unzipped {
  readonly iterator: AsyncIterator<Uint8Array>;
  readonly #gunzip = createGunzip();
  #text = '';

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.iterator = stream[Symbol.asyncIterator]();
    this.#gunzip.on('data', (bytes: Buffer) => (this.#text += bytes.toString()));
  }

  async readUntil(text: string): Promise<void> {
    while (this.#text !== text) {
      const step = await this.iterator.next();
      if (step.done === true) throw new Error(`The stream ended after ${JSON.stringify(this.#text)}`);
      await new Promise((resolve) => this.#gunzip.write(step.value, resolve));
      await turn();
    }
  }
}

/** Gives each of Node's four threads work for much longer than a source may pause. */
async function busyThreads(): Promise<void> {
  const work = promisify(pbkdf2);
  await Promise.all([1, 2, 3, 4].map(() => work('', 'salt', 150_000, 64, 'sha512')));
}

const never = (): Promise<never> => new Promise(() => undefined);

describe('every kind of source comes out whole:', () => {
  test.each<[string, () => ChunkStream]>([
    ['an array', () => ['a', '', Buffer.from('b'), 'é']],
    [
      'a generator',
      function* () {
        yield* ['a', 'b', 'é'];
      },
    ],
    [
      'an async generator',
      async function* () {
        yield* ['a', 'b', 'é'];
      },
    ],
    ['a Node stream', () => Readable.from([Buffer.from('ab'), Buffer.from('é')])],
    ['a web stream', () => new Blob(['a', 'bé']).stream()],
  ])('%s', async (_name, source) => {
    expect(await read(encoded(source()))).toBe('abé');
    expect(await read(encoded(source(), { flushes: true }))).toBe('abé');
    expect(await read(encoded(source(), { length: 4 }))).toBe('abé');
  });

  test('nothing at all', async () => {
    expect(await read(encoded([]))).toBe('');
  });

  test('null, as a body without content', async () => {
    expect(await read(new EncodedStream(new Response(null), gzip, false))).toBe('');
  });
});

describe('pace', () => {
  test('a chunk arrives before the next is made when it is to be flushed', async () => {
    const gate = deferred();
    const stream = encoded(
      (async function* () {
        yield 'first,';
        await gate.promise;
        yield 'second';
      })(),
      { flushes: true },
    );
    const unzipped = new Unzipped(stream);
    await unzipped.readUntil('first,');
    gate.resolve();
    await unzipped.readUntil('first,second');
  });

  test('what a source gave before a pause arrives in the pause', async () => {
    const gate = deferred();
    const stream = encoded(
      (async function* () {
        yield 'a';
        yield 'b';
        await gate.promise;
        yield 'c';
        await never();
      })(),
    );
    const unzipped = new Unzipped(stream);
    await unzipped.readUntil('ab');
    gate.resolve();
    await unzipped.readUntil('abc');
    await stream.destroy();
  });

  test('it arrives too when the coder takes longer than the pause to begin', async () => {
    const work = busyThreads();
    const stream = encoded(
      (async function* () {
        yield 'a';
        await never();
      })(),
    );
    await new Unzipped(stream).readUntil('a');
    await work;
    await stream.destroy();
  });

  test('chunks that come one after the other are gathered', async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `${i}\n`);
    let count = 0;
    for await (const chunk of encoded(lines)) count += chunk.byteLength > 0 ? 1 : 0;
    expect(count).toBeLessThan(lines.length / 10);
  });

  test('the source goes no faster than it is read', async () => {
    const block = Buffer.alloc(16 * 1024, 0);
    for (let i = 0; i < block.length; i++) block[i] = (i * 7919 * ((i % 251) + 1)) % 256;
    let given = 0;
    const store = encoderOf('gzip', 0);
    const source = (function* () {
      for (;;) {
        given++;
        yield block;
      }
    })();
    const stream = new EncodedStream(new GeneratorResponse(source), store, false);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    for (let i = 0; i < 200; i++) await turn();
    expect(given).toBeLessThan(20);
    await stream.destroy();
  });

  test('a source that always has more lets others have their turn', async () => {
    let done = false;
    const source = function* (): Generator<Chunk> {
      while (!done) yield '';
      yield 'end';
    };
    setTimeout(() => (done = true), 20);
    expect(await read(encoded(source()))).toBe('end');
  });
});

describe('an error of the source is that of the stream:', () => {
  test.each<[string, () => ChunkStream, number | undefined, string]>([
    [
      'a generator that throws at once',
      function* () {
        throw new Error('broken');
      },
      undefined,
      'broken',
    ],
    [
      'an async generator that throws later',
      async function* () {
        yield 'first';
        throw new Error('broken');
      },
      undefined,
      'broken',
    ],
    [
      'a Node stream',
      () =>
        new Readable({
          read() {
            this.destroy(new Error('broken'));
          },
        }),
      undefined,
      'broken',
    ],
    [
      'a chunk that is none',
      () => [{} as Chunk],
      undefined,
      'A stream gives strings or bytes, not an object',
    ],
    ['too much', () => ['abc', 'def'], 5, 'The stream gave more than its 5 bytes'],
    ['too little', () => ['abc'], 5, 'The stream ended after 3 of its 5 bytes'],
  ])('%s', async (_name, source, length, message) => {
    const stream = encoded(source(), length === undefined ? {} : { length });
    await expect(read(stream)).rejects.toThrow(message);
  });

  test('a response that was sent already', async () => {
    const response = new GeneratorResponse(['a']);
    expect(await read(new EncodedStream(response, gzip, false))).toBe('a');
    await expect(read(new EncodedStream(response, gzip, false))).rejects.toThrow('sent twice');
  });
});

describe('the source is let go of', () => {
  /** A source that says when it has ended. */
  function watched(pause?: () => Promise<unknown>): { source: AsyncGenerator<string>; ended: Promise<void> } {
    const { promise, resolve } = deferred();
    const source = (async function* () {
      try {
        for (;;) {
          yield 'some text '.repeat(1000);
          await pause?.();
        }
      } finally {
        resolve();
      }
    })();
    return { source, ended: promise };
  }

  test('when the reader leaves', async () => {
    const { source, ended } = watched();
    for await (const chunk of encoded(source, { flushes: true })) if (chunk.byteLength > 0) break;
    await ended;
  });

  test('when the reader leaves while the source is waited for, which then is not', async () => {
    const { source } = watched(never);
    const leave = async (): Promise<string> => {
      for await (const chunk of encoded(source, { flushes: true })) if (chunk.byteLength > 10) break;
      return 'left';
    };
    expect(await leave()).toBe('left');
  });

  test('when the stream is destroyed before it is read', async () => {
    let returned = 0;
    const body = Object.assign(['text'], { return: () => returned++ });
    const response = new Response(encoded(body));
    await discardBody(response);
    await discardBody(response);
    expect(returned).toBe(1);
  });

  test('when the stream is destroyed while it is read, which ends', async () => {
    const { source, ended } = watched(turn);
    const stream = encoded(source, { flushes: true });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const rest = (async () => {
      let step = await iterator.next();
      while (!step.done) step = await iterator.next();
      return 'ended';
    })();
    await turn();
    await discardStream(stream);
    expect(await rest).toBe('ended');
    await ended;
  });

  test('when the stream is destroyed while a source is waited for that never answers', async () => {
    const stream = encoded(watched(never).source, { flushes: true });
    const iterator = stream[Symbol.asyncIterator]();
    const rest = (async () => {
      let step = await iterator.next();
      while (!step.done) step = await iterator.next();
      return 'ended';
    })();
    await turn();
    await stream.destroy();
    expect(await rest).toBe('ended');
  });

  test('even when its own end fails', async () => {
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 'x'.repeat(1000) }),
        return: () => Promise.reject(new Error('broken end')),
      }),
    };
    const stream = encoded(source, { flushes: true });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    await expect(iterator.return(undefined)).resolves.toMatchObject({ done: true });
  });

  test('when it is a Node stream or a web stream', async () => {
    const node = new Readable({ read: () => undefined });
    node.push('some text');
    const stream = encoded(node, { flushes: true });
    await stream[Symbol.asyncIterator]().next();
    await stream.destroy();
    expect(node.destroyed).toBe(true);

    const cancelled = deferred();
    const web = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(Buffer.alloc(1000, 'x'));
      },
      cancel() {
        cancelled.resolve();
      },
    });
    for await (const chunk of encoded(web)) if (chunk.byteLength > 0) break;
    await cancelled.promise;
  });
});
