/** The records that a connection is made of (FastCGI 1.0, section 3.3). */
import { FastcgiError } from './fastcgi-error.js';

/** What records are of. */
export const TYPE = {
  begin: 1,
  abort: 2,
  end: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
} as const;

/** One that was read. */
export interface FastcgiRecord {
  /** One of `TYPE`, or any other, which is to be passed over. */
  readonly type: number;
  /** Of the request; 0 for what concerns the connection. */
  readonly id: number;
  readonly content: Buffer;
}

const VERSION = 1;
const HEADER = 8;
/** Bytes of the content of one record. */
const MAX_CONTENT = 65_535;

/** One record, with at most 65,535 bytes of content. */
export function record(type: number, id: number, content: Uint8Array): Buffer {
  return Buffer.concat([headerOf(type, id, content.length), content]);
}

/**
 * A piece of a stream as records, one after the other. None where there are no bytes: an empty record is the end of its stream,
 * which {@link endOfStream} is.
 */
export function* streamed(type: number, id: number, bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += MAX_CONTENT) {
    const content = bytes.subarray(at, at + MAX_CONTENT);
    yield headerOf(type, id, content.length);
    yield content;
  }
}

export function endOfStream(type: number, id: number): Buffer {
  return headerOf(type, id, 0);
}

function headerOf(type: number, id: number, length: number): Buffer {
  return Buffer.from([VERSION, type, id >> 8, id & 0xff, length >> 8, length & 0xff, 0, 0]);
}

/** Takes records out of bytes that come in pieces of any size. */
export class RecordReader {
  #pieces: Buffer[] = [];
  #size = 0;
  /** Bytes that the next step needs: a header, or a whole record. */
  #needed = HEADER;

  /** Whether a record has begun that is not whole yet. */
  get isWithin(): boolean {
    return this.#size > 0;
  }

  /** @returns those that are whole now @throws FastcgiError for bytes that are of another protocol */
  push(chunk: Buffer): FastcgiRecord[] {
    this.#pieces.push(chunk);
    this.#size += chunk.length;
    const records: FastcgiRecord[] = [];
    while (this.#size >= this.#needed) {
      const next = this.#next();
      if (next) records.push(next);
    }
    return records;
  }

  #next(): FastcgiRecord | undefined {
    const [first] = this.#pieces;
    const bytes = first && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
    if (bytes[0] !== VERSION)
      throw new FastcgiError(
        502,
        `no FastCGI 1: it begins with ${JSON.stringify(bytes.toString('latin1', 0, 20))}`,
      );
    const end = HEADER + bytes.readUInt16BE(4);
    const size = end + bytes.readUInt8(6);
    const isWhole = bytes.length >= size;
    this.#keep(isWhole ? bytes.subarray(size) : bytes, isWhole ? HEADER : size);
    if (!isWhole) return undefined;
    return { type: bytes.readUInt8(1), id: bytes.readUInt16BE(2), content: bytes.subarray(HEADER, end) };
  }

  #keep(rest: Buffer, needed: number): void {
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    this.#needed = needed;
  }
}
