/** Splits a multipart body into the heads and contents of its parts (RFC 2046 5.1.1). */
import { HttpError } from '../http/http-error.js';
import { malformed, oversizedHead } from './malformed.js';

/** Bytes that the head of a part may have. */
export const MAX_PART_HEAD = 8 * 1024;

const MAX_PREAMBLE = 8 * 1024;
/** More than the grammar gives (RFC 2046 5.1.1), as clients do: it is only compared. No space at its end, which mail gateways drop. */
const BOUNDARY = /^[\x20-\x7e\x80-\xff]{0,199}[\x21-\x7e\x80-\xff]$/;
const LINE_BREAK = '\r\n';
const HEAD_END = '\r\n\r\n';
const CR = 0x0d;

/** Who takes the parts. */
export interface PartReceiver {
  /** @param head its lines, without the empty one that ends them */
  beginPart(head: Buffer): void;
  /** More of the content of the part. */
  content(bytes: Buffer): void;
  endPart(): void;
}

/** Splits a body that comes in pieces, handing on what came without copying it. */
export class PartSplitter {
  readonly #delimiter: Buffer;
  readonly #receiver: PartReceiver;
  /** What came last and is not used yet: an unfinished head, or that in which a delimiter may have begun. */
  #rest: Buffer = Buffer.from(LINE_BREAK);
  #place: 'preamble' | 'head' | 'content' | 'epilogue' = 'preamble';
  /** Bytes before the first delimiter; the line break that stands for the one before the body is none. */
  #preamble = -LINE_BREAK.length;
  /** Whether the line break that ends the head has gone by: it must not be that of a delimiter, too. */
  #hasBegun = false;

  /** @throws HttpError 400 when the boundary of the type is missing or malformed */
  constructor(boundary: string | undefined, receiver: PartReceiver) {
    if (boundary === undefined || !BOUNDARY.test(boundary))
      throw new HttpError(400, 'The multipart body has no valid boundary');
    this.#delimiter = Buffer.from(`${LINE_BREAK}--${boundary}`, 'latin1');
    this.#receiver = receiver;
  }

  /** Whether the last delimiter has gone by. */
  get isComplete(): boolean {
    return this.#place === 'epilogue';
  }

  /** @throws HttpError 400 when no part has begun within the first 8 KiB, or a head or delimiter cannot be accepted */
  write(chunk: Buffer): void {
    const window = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let to = 0; to >= 0; from = Math.max(from, to))
      to = this.#place === 'head' ? this.#passHead(window, from) : this.#passContent(window, from);
    if (this.#place !== 'head') {
      const end = this.#beginOfDelimiter(window, from);
      this.#handOn(window, from, end);
      from = end;
    }
    this.#rest = window.subarray(from);
  }

  /** @returns where the text after the next delimiter begins; -1 when there is none yet */
  #passContent(window: Buffer, from: number): number {
    const at = window.indexOf(this.#delimiter, from);
    if (at < 0) return -1;
    this.#handOn(window, from, at);
    if (this.#place === 'epilogue' || (this.#place === 'content' && !this.#hasBegun)) throw malformed();
    if (this.#place === 'content') this.#receiver.endPart();
    this.#place = 'head';
    return at + this.#delimiter.length;
  }

  /** @returns where the line break before the content begins; -1 when the head is not complete yet */
  #passHead(window: Buffer, from: number): number {
    const lead = window.toString('latin1', from, from + LINE_BREAK.length);
    if (lead.length < LINE_BREAK.length) return -1;
    if (lead === '--') {
      this.#place = 'epilogue';
      return from + lead.length;
    }
    if (lead !== LINE_BREAK) throw new HttpError(400, 'The multipart body has a malformed boundary');
    const end = window.indexOf(HEAD_END, from);
    // An unfinished head may hold all but the last byte of its end.
    const atLeast = end < 0 ? window.length - HEAD_END.length + 1 : end;
    if (atLeast - from - LINE_BREAK.length > MAX_PART_HEAD) throw oversizedHead();
    if (end < 0) return -1;
    this.#place = 'content';
    this.#hasBegun = false;
    this.#receiver.beginPart(window.subarray(from + LINE_BREAK.length, end));
    return end + LINE_BREAK.length;
  }

  /** Where a delimiter may begin that the window cuts off; its end when none does. */
  #beginOfDelimiter(window: Buffer, from: number): number {
    const first = Math.max(from, window.length - this.#delimiter.length + 1);
    for (let at = window.indexOf(CR, first); at >= 0; at = window.indexOf(CR, at + 1)) {
      const length = window.length - at;
      if (window.compare(this.#delimiter, 0, length, at) === 0) return at;
    }
    return window.length;
  }

  #handOn(window: Buffer, from: number, to: number): void {
    if (this.#place === 'preamble' && (this.#preamble += to - from) > MAX_PREAMBLE)
      throw new HttpError(400, 'The multipart body does not begin with its boundary');
    if (this.#place !== 'content' || to === from) return;
    const start = this.#hasBegun ? from : from + LINE_BREAK.length;
    this.#hasBegun = true;
    if (to > start) this.#receiver.content(window.subarray(start, to));
  }
}
