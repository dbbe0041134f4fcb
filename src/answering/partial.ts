/** Parts of a body: one range as it is, several as multipart/byteranges (RFC 9110 14.6). */
import { randomBytes } from 'node:crypto';
import { isInstance } from '../ground/brand.js';
import { contentRange, type ByteRange } from '../http/range.js';
import { FileStream } from '../files/file-stream.js';
import { discardStream, toBytes, type Chunk, type ChunkStream } from '../message/chunks.js';
import type { Body, Response } from '../message/response.js';

/** A range, and what stands before it. */
interface Part {
  readonly head: string;
  readonly range: ByteRange;
}

/** What is sent instead of a whole body. */
interface Parts {
  readonly list: readonly Part[];
  /** What stands behind the last one. */
  readonly tail: string;
  /** Bytes of all of it. */
  readonly length: number;
}

/**
 * The 206 that sends these ranges of a response; undefined when its body cannot give them, since it only runs forward
 * and they run back.
 * @param full bytes of the whole body
 */
export function partialResponse(
  response: Response,
  ranges: readonly [ByteRange, ...ByteRange[]],
  full: number,
): Response | undefined {
  const isForward = response.isStream && !(FileStream.brand in (response.body as object));
  if (isForward && !isAscending(ranges)) return undefined;
  const boundary = ranges.length > 1 ? randomBytes(16).toString('hex') : undefined;
  const parts = boundary === undefined ? onePart(ranges[0]) : multipart(ranges, response, boundary, full);
  const partial = response.with({
    body: bodyOf(response, parts),
    status: 206,
    contentType: boundary === undefined ? undefined : `multipart/byteranges; boundary=${boundary}`,
    length: parts.length,
  });
  if (boundary === undefined) partial.headers.set('Content-Range', contentRange(ranges[0], full));
  return partial;
}

function isAscending(ranges: readonly ByteRange[]): boolean {
  return ranges.every(([start], i) => start > (ranges[i - 1]?.[0] ?? -1));
}

function onePart(range: ByteRange): Parts {
  return { list: [{ head: '', range }], tail: '', length: lengthOf(range) };
}

/** The boundary is drawn anew each time, and too long to be met in the data. */
function multipart(
  ranges: readonly ByteRange[],
  { contentType }: Response,
  boundary: string,
  full: number,
): Parts {
  const type = contentType === '' ? '' : `Content-Type: ${contentType}\r\n`;
  const list = ranges.map((range, i) => ({
    head:
      `${i === 0 ? '' : '\r\n'}--${boundary}\r\n` +
      `${type}Content-Range: ${contentRange(range, full)}\r\n\r\n`,
    range,
  }));
  const tail = `\r\n--${boundary}--\r\n`;
  // Header values are Latin-1, a byte for each character.
  const length = list.reduce((sum, { head, range }) => sum + head.length + lengthOf(range), tail.length);
  return { list, tail, length };
}

function lengthOf([start, end]: ByteRange): number {
  return end - start + 1;
}

function bodyOf(response: Response, parts: Parts): Body {
  if (response.isStream) return streamOf(response.takeStream(), parts);
  const whole = toBytes(response.body as Chunk);
  const pieces = parts.list.flatMap(({ head, range: [start, end] }) => [
    Buffer.from(head, 'latin1'),
    whole.subarray(start, end + 1),
  ]);
  return Buffer.concat([...pieces, Buffer.from(parts.tail, 'latin1')], parts.length);
}

function streamOf(stream: ChunkStream, parts: Parts): ChunkStream {
  if (!isInstance(stream, FileStream)) return new PartStream(new ForwardReader(stream), parts);
  const [first] = parts.list;
  return parts.tail === '' && first
    ? stream.slice(first.range[0], first.range[1] + 1)
    : new PartStream(fileReader(stream), parts);
}

/** Reads ranges of a stream. */
interface RangeReader {
  read(range: ByteRange): AsyncIterable<Uint8Array>;
  /** Lets go of what it reads. */
  destroy(): unknown;
}

/** The parts, one after the other. Lets go of what they are taken from, even when they are never read. */
class PartStream implements AsyncIterable<Uint8Array> {
  readonly #reader: RangeReader;
  readonly #parts: Parts;

  constructor(reader: RangeReader, parts: Parts) {
    this.#reader = reader;
    this.#parts = parts;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (const { head, range } of this.#parts.list) {
        if (head !== '') yield Buffer.from(head, 'latin1');
        yield* this.#reader.read(range);
      }
      if (this.#parts.tail !== '') yield Buffer.from(this.#parts.tail, 'latin1');
    } finally {
      await this.destroy();
    }
  }

  /** For those who will not read it. */
  async destroy(): Promise<void> {
    await this.#reader.destroy();
  }
}

/** Reads anywhere in a file. */
function fileReader(file: FileStream): RangeReader {
  return {
    read: ([start, end]) => file.slice(start, end + 1).read(),
    destroy: () => {
      file.destroy();
    },
  };
}

/** Reads a stream that only runs forward: skips what was not asked for, and stops behind the last range. */
class ForwardReader implements RangeReader {
  readonly #stream: ChunkStream;
  readonly #iterator: Iterator<Chunk> | AsyncIterator<Chunk>;
  #chunk: Uint8Array = Buffer.alloc(0);
  /** Position of the first byte of the chunk. */
  #at = 0;

  constructor(stream: ChunkStream) {
    this.#stream = stream;
    this.#iterator =
      Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
  }

  async *read([start, end]: ByteRange): AsyncGenerator<Uint8Array> {
    for (;;) {
      // Of a chunk that is skipped, nothing: its sender gets the chance to let others have their turn.
      yield this.#chunk.subarray(Math.max(0, start - this.#at), Math.max(0, end + 1 - this.#at));
      if (this.#at + this.#chunk.byteLength > end) return;
      const next = await this.#iterator.next();
      if (next.done === true) return;
      this.#at += this.#chunk.byteLength;
      this.#chunk = toBytes(next.value);
    }
  }

  /** At once: a stream that is being read ends its read only when it is destroyed, a web stream only by its iterator. */
  async destroy(): Promise<void> {
    await Promise.allSettled([this.#iterator.return?.(), discardStream(this.#stream)]);
  }
}
