/** Streams of text and bytes, as bodies are that are made while they are sent: begun, read and let go of. */

import { CurrentRequest } from '../ground/current-request.js';
import { ObolError } from '../ground/errors.js';
import { kindOf } from '../ground/wording.js';

/** What a stream gives: strings are sent as UTF-8. */
export type Chunk = string | Uint8Array;

/** A body that is made while it is sent. */
export type ChunkStream = Iterable<Chunk> | AsyncIterable<Chunk>;

type ChunkIterator = Iterator<Chunk> | AsyncIterator<Chunk>;
type Step = IteratorResult<Chunk>;

const END: Step = { done: true, value: undefined };

/** Text as UTF-8; bytes as they are. @throws TypeError for anything else, which a stream may give all the same */
export function toBytes(chunk: Chunk): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  const bytes: unknown = chunk;
  if (bytes instanceof Uint8Array) return bytes;
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  throw new TypeError(`A stream gives strings or bytes, not ${kindOf(bytes)}`);
}

/** How streams are let go of: those of Node, those of the web, generators. */
interface StreamEnds {
  destroy?(): unknown;
  cancel?(): Promise<unknown>;
  return?(): unknown;
}

/** Lets go of a stream that will not be read, so that its `finally` runs and its file is closed. */
export async function discardStream(stream: ChunkStream): Promise<void> {
  const ends = stream as StreamEnds;
  if (ends.destroy) await ends.destroy();
  else if (ends.cancel) await ends.cancel();
  else await ends.return?.();
}

/** A ReadableStream, of this realm or another; not each of them can be iterated. */
interface WebStream {
  readonly locked?: boolean;
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(reason?: unknown): Promise<unknown>;
  };
}

/** A stream as it is read: a web stream by a reader, since its own iterator cannot be ended while it waits for a chunk. */
export function readable(stream: ChunkStream): ChunkStream {
  return typeof (stream as Partial<WebStream>).getReader === 'function'
    ? new ReadChunks(stream as unknown as WebStream)
    : stream;
}

class ReadChunks implements AsyncIterableIterator<Chunk> {
  readonly #reader: ReturnType<WebStream['getReader']>;

  /** @throws ObolError E_RESPONSE_TYPE for a stream that has a reader already */
  constructor(stream: WebStream) {
    if (stream.locked === true)
      throw new ObolError(
        'E_RESPONSE_TYPE',
        'the stream is read elsewhere, or was read already. Return one that nothing has read.',
      );
    this.#reader = stream.getReader();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<Step> {
    const { done, value } = await this.#reader.read();
    return done ? END : { done, value: value as Chunk };
  }

  async return(): Promise<Step> {
    await this.#reader.cancel();
    return END;
  }
}

/** A stream of which the first chunk is there already. It is its own iterator: it can be read once. */
abstract class BegunStream<I extends ChunkIterator> {
  readonly #stream: ChunkStream;
  readonly iterator: I;
  #isEnded = false;
  /** The first step, until it is taken. */
  first: Step | undefined;

  constructor(stream: ChunkStream, iterator: I, first?: Step) {
    this.#stream = stream;
    this.iterator = iterator;
    this.first = first;
  }

  /** Whether it gives strings, as its first chunk is one. */
  get isText(): boolean {
    return typeof this.first?.value === 'string';
  }

  takeFirst(): Step | undefined {
    const { first } = this;
    this.first = undefined;
    return first;
  }

  /** At once: a stream of Node that is being read ends its read only when it is destroyed. */
  async destroy(): Promise<void> {
    const isItsOwn = (this.iterator as unknown) === this.#stream;
    await Promise.allSettled([this.endIterator(), isItsOwn ? undefined : discardStream(this.#stream)]);
  }

  /** Once, however often it is asked for. */
  protected endIterator(): ReturnType<NonNullable<I['return']>> | undefined {
    if (this.#isEnded) return undefined;
    this.#isEnded = true;
    return this.iterator.return?.() as ReturnType<NonNullable<I['return']>> | undefined;
  }
}

class BegunNow extends BegunStream<Iterator<Chunk>> implements IterableIterator<Chunk> {
  [Symbol.iterator](): this {
    return this;
  }

  next(): Step {
    return this.takeFirst() ?? this.iterator.next();
  }

  return(): Step {
    return this.endIterator() ?? END;
  }
}

class BegunLater extends BegunStream<AsyncIterator<Chunk>> implements AsyncIterableIterator<Chunk> {
  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    const first = this.takeFirst();
    return first ? Promise.resolve(first) : this.iterator.next();
  }

  return(): Promise<Step> {
    return this.endIterator() ?? Promise.resolve(END);
  }
}

/** A stream that is asked for nothing yet, and can be let go of while it waits. */
export function unbegun(stream: ChunkStream): ChunkStream {
  const source = readable(stream);
  return Symbol.asyncIterator in source ? new BegunLater(source, source[Symbol.asyncIterator]()) : source;
}

/** A stream that runs for the request under way, also where the host reads it later. It is asked for nothing yet. */
export function followed(stream: ChunkStream): ChunkStream {
  const source = readable(stream);
  return Symbol.asyncIterator in source
    ? new BegunLater(source, inRequest(source[Symbol.asyncIterator]()))
    : new BegunNow(source, inRequest(source[Symbol.iterator]()));
}

/** The iterator, whose steps find the request under way. */
function inRequest<I extends ChunkIterator>(iterator: I): I {
  const run = CurrentRequest.bind((step: () => unknown) => step());
  return {
    next: () => run(() => iterator.next()),
    ...(iterator.return && { return: () => run(() => iterator.return?.()) }),
  } as I;
}

/**
 * Asks a stream for its first chunk: at once where the stream is synchronous.
 * @param gone ends the wait, and the stream, when the client leaves
 * @throws what the stream throws; ObolError E_RESPONSE_TYPE for a chunk that is neither text nor bytes
 */
export function beginStream(
  stream: ChunkStream,
  gone: () => AbortSignal,
): BegunNow | BegunLater | Promise<BegunLater> {
  if (Symbol.asyncIterator in stream) return beginLater(stream, gone());
  const iterator = stream[Symbol.iterator]();
  const begun = new BegunNow(stream, iterator, iterator.next());
  check(begun);
  return begun;
}

async function beginLater(stream: AsyncIterable<Chunk>, gone: AbortSignal): Promise<BegunLater> {
  const iterator = stream[Symbol.asyncIterator]();
  const begun = new BegunLater(stream, iterator, await unlessGone(iterator.next(), gone));
  if (gone.aborted) void begun.destroy();
  else check(begun);
  return begun;
}

function check(begun: BegunNow | BegunLater): void {
  if (!begun.first || begun.first.done === true) return;
  const chunk: unknown = begun.first.value;
  if (typeof chunk === 'string' || ArrayBuffer.isView(chunk)) return;
  void begun.destroy();
  throw new ObolError(
    'E_RESPONSE_TYPE',
    `a stream gives strings or bytes, not ${kindOf(chunk)}. Return [...items] for a JSON array, or a ` +
      'JsonGeneratorResponse for a long one.',
  );
}

/** The step, or the end as soon as the client has left: what it waits for may never come. */
export function unlessGone(step: Promise<Step>, gone: AbortSignal): Promise<Step> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      resolve(END);
    };
    gone.addEventListener('abort', leave, { once: true });
    if (gone.aborted) leave();
    Promise.resolve(step)
      .then(resolve, reject)
      .finally(() => {
        gone.removeEventListener('abort', leave);
      });
  });
}
