/** Watches a multipart body go by: where its first part begins, the head of each part, and how many there are. */
import { HttpError } from '../http/http-error.js';
import { checkPartHead, MAX_PART_HEAD, oversizedHead } from './part-head.js';

const MAX_PREAMBLE = 8 * 1024;
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;
const LINE_BREAK = '\r\n';
const HEAD_END = '\r\n\r\n';

/** The boundary of a multipart type (RFC 2046 5.1.1). @throws HttpError 400 when it is missing or malformed */
export function checkBoundary(boundary: string | undefined): string {
  if (boundary !== undefined && BOUNDARY.test(boundary)) return boundary;
  throw new HttpError(400, 'The multipart body has no valid boundary');
}

/**
 * Follows a body that comes in pieces. Parsers drop parts they do not like without a word; a count of delimiters that
 * differs from what they told about shows it. Nor do they bound the head of a part.
 */
export class PartWatch {
  readonly #delimiter: Buffer;
  /** The end of what went by: an unfinished head, or that in which a delimiter may have begun. */
  #tail = Buffer.from(LINE_BREAK);
  #seen = 0;
  #delimiters = 0;
  #inHead = false;
  #closed = false;

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`${LINE_BREAK}--${boundary}`);
  }

  /** Delimiters so far: one more than parts once the body is complete. */
  get delimiters(): number {
    return this.#delimiters;
  }

  /** Whether the last delimiter has gone by, and none after it. */
  get isComplete(): boolean {
    return this.#closed && !this.#inHead;
  }

  /** @throws HttpError 400 when no part has begun within the first 8 KiB, or the head of a part cannot be accepted */
  see(chunk: Buffer): void {
    const window = Buffer.concat([this.#tail, chunk]);
    const start = this.#seen - this.#tail.length;
    this.#seen += chunk.length;
    let from = 0;
    for (let to = 0; to >= 0; from = Math.max(from, to)) {
      to = this.#inHead ? this.#passHead(window, from) : this.#passDelimiter(window, from, start);
    }
    const { length } = this.#delimiter;
    if (this.#delimiters === 0 && this.#seen > MAX_PREAMBLE + length) throw lateBoundary();
    this.#tail = window.subarray(this.#inHead ? from : Math.max(from, window.length - length + 1));
  }

  /** @returns where the text after the next delimiter begins; -1 when there is none yet */
  #passDelimiter(window: Buffer, from: number, start: number): number {
    const at = window.indexOf(this.#delimiter, from);
    if (at < 0) return -1;
    if (this.#delimiters++ === 0 && start + at > MAX_PREAMBLE) throw lateBoundary();
    this.#inHead = true;
    return at + this.#delimiter.length;
  }

  /** @returns where the content after the head begins; -1 when the head is not complete yet */
  #passHead(window: Buffer, from: number): number {
    const lead = window.toString('latin1', from, from + 2);
    if (lead.length < 2) return -1;
    if (lead === '--') {
      this.#closed = true;
      this.#inHead = false;
      return from + 2;
    }
    if (lead !== LINE_BREAK) throw new HttpError(400, 'The multipart body has a malformed boundary');
    const end = window.indexOf(HEAD_END, from);
    // An unfinished head may hold all but the last byte of its end.
    const atLeast = end < 0 ? window.length - HEAD_END.length + 1 : end;
    if (atLeast - from - LINE_BREAK.length > MAX_PART_HEAD) throw oversizedHead();
    if (end < 0) return -1;
    checkPartHead(window.toString('latin1', from + 2, end));
    this.#inHead = false;
    // A delimiter may follow at once: then the line break is its own, and the part malformed.
    return end + LINE_BREAK.length;
  }
}

function lateBoundary(): HttpError {
  return new HttpError(400, 'The multipart body does not begin with its boundary');
}
