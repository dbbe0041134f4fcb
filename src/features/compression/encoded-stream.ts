/** A body that is encoded while it is sent; nothing is done for it before it is read. */
import { DeclaredLength, letGo, type Response, toBytes } from '../../kit.js';
import type { CodingStream, Encoder } from './codings.js';

/** Milliseconds after which a source that always has more to give lets others have their turn. */
const TURN = 5;

/** Milliseconds that what was given may wait for more before it is sent. */
const IDLE = 20;

type Chunk = string | Uint8Array;
type ChunkIterator = Iterator<Chunk> | AsyncIterator<Chunk>;

/** The body of a response in a coding. Who reads it, or destroys it, lets go of the body itself. */
export class EncodedStream implements AsyncIterable<Uint8Array> {
  readonly #response: Response;
  readonly #encoder: Encoder;
  readonly #flushes: boolean;
  #source: ChunkIterator | undefined;
  #coder: CodingStream | undefined;
  /** Whether the source was asked and has not answered. */
  #asked = false;
  #isOver = false;

  /** @param flushes whether each chunk has to come out at once */
  constructor(response: Response, encoder: Encoder, flushes: boolean) {
    this.#response = response;
    this.#encoder = encoder;
    this.#flushes = flushes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const source = (this.#source = this.#open());
    const coder = (this.#coder = this.#encoder.stream(this.#flushes));
    this.#feed(source, coder).catch((error: unknown) => coder.destroy(error as Error));
    let isFirst = true;
    try {
      for await (const bytes of coder as AsyncIterable<Buffer>) {
        yield isFirst ? this.#encoder.opening(bytes) : bytes;
        isFirst = false;
      }
    } catch (error) {
      // The reader that destroyed it has left.
      if (!this.#isOver) throw error;
    } finally {
      await this.destroy();
    }
  }

  /** Lets go at once of the source and of the coder's memory. Waits for the source only when it is free to answer. */
  async destroy(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#coder?.destroy();
    const gone = this.#letGo();
    if (!this.#asked) await gone;
  }

  /** Ends the source, be it a stream or the iterator of one; what goes wrong with that no longer matters. */
  async #letGo(): Promise<void> {
    const gone = letGo(this.#response);
    try {
      await this.#source?.return?.();
    } catch {
      // As above.
    }
    await gone;
  }

  #open(): ChunkIterator {
    if (!this.#response.isStream) return [(this.#response.body ?? '') as Chunk][Symbol.iterator]();
    const stream = this.#response.takeStream();
    return Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
  }

  /** Writes what the source gives, no faster than it is read. */
  async #feed(source: ChunkIterator, coder: CodingStream): Promise<void> {
    const declared = new DeclaredLength(this.#response.length);
    let idle: NodeJS.Timeout | undefined;
    let turnEnds = performance.now() + TURN;
    for (let bytes = await this.#next(source); bytes; bytes = await this.#next(source)) {
      declared.add(bytes);
      if (bytes.byteLength > 0) {
        if (!coder.write(bytes)) await writable(coder);
        if (!this.#flushes) idle = idle?.refresh() ?? this.#flushWhenIdle(coder);
      }
      if (performance.now() > turnEnds) {
        await new Promise((resolve) => setImmediate(resolve));
        turnEnds = performance.now() + TURN;
      }
    }
    declared.end();
    coder.end();
  }

  /** Nothing when there is no more, or the reader has left. */
  async #next(source: ChunkIterator): Promise<Uint8Array | undefined> {
    if (this.#isOver) return undefined;
    this.#asked = true;
    try {
      const step = await source.next();
      return step.done === true ? undefined : toBytes(step.value);
    } finally {
      this.#asked = false;
    }
  }

  /** So that what a slow source has given is not kept from the client until there is more. */
  #flushWhenIdle(coder: CodingStream): NodeJS.Timeout {
    const timer = setTimeout(() => {
      if (coder.writable) coder.flush(this.#encoder.flushKind);
    }, IDLE);
    coder.once('close', () => {
      clearTimeout(timer);
    });
    return timer;
  }
}

/** Waits until more can be written, or the reader has left. */
function writable(coder: CodingStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      coder.off('drain', done);
      coder.off('close', done);
      resolve();
    };
    coder.on('drain', done);
    coder.on('close', done);
  });
}
