/** Splits a multipart body: where its first part begins, the head and content of each part, and how many there are. */
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

/** Who takes a body apart. */
export interface PartReceiver {
  /** Delimiters, heads, and all content but that of files, exactly as it came. */
  frame(bytes: Buffer): void;
  /** Content of the part whose head came last, which is a file or looks like one. */
  content(bytes: Buffer): void;
  /** That content is complete. */
  endContent(): void;
}

const NOTHING = Buffer.alloc(0);
const CR = 0x0d;

/** What the head of every file has; that of a field may have it too. */
const OF_FILE = /filename|octet-stream/i;

/**
 * Splits a multipart body that comes in pieces, handing on what came without copying it. It bounds and checks the
 * heads, and it counts delimiters: parsers drop parts they do not like without a word, and a count that differs from
 * what they told about shows it.
 */
export class PartSplitter {
  readonly #delimiter: Buffer;
  readonly #receiver: PartReceiver;
  /** The end of what went by: an unfinished head, or that in which a delimiter may have begun. */
  #tail: Buffer = Buffer.from(LINE_BREAK);
  /** How much of the tail was handed on; the line break that stands for the one before the body never is. */
  #handedOn = LINE_BREAK.length;
  #seen = 0;
  #delimiters = 0;
  #inHead = false;
  /** Whether the content that is arriving may be that of a file. */
  #inFile = false;
  #closed = false;

  constructor(boundary: string, receiver: PartReceiver) {
    this.#delimiter = Buffer.from(`${LINE_BREAK}--${boundary}`);
    this.#receiver = receiver;
  }

  /** Bytes of a delimiter. */
  get delimiterSize(): number {
    return this.#delimiter.length;
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
  write(chunk: Buffer): void {
    const window = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    const start = this.#seen - this.#tail.length;
    this.#seen += chunk.length;
    let from = 0;
    for (let to = 0; to >= 0; from = Math.max(from, to)) {
      to = this.#inHead ? this.#passHead(window, from) : this.#passDelimiter(window, from, start);
    }
    if (this.#delimiters === 0 && this.#seen > MAX_PREAMBLE + this.#delimiter.length) throw lateBoundary();
    const keep = this.#inHead ? from : this.#beginOfDelimiter(window, from);
    this.#handOn(window, keep);
    this.#tail = window.subarray(keep);
    this.#handedOn = Math.max(0, this.#handedOn - keep);
  }

  /** The body has ended: hands on what was held back. */
  end(): void {
    const rest = this.#tail.subarray(this.#handedOn);
    this.#tail = NOTHING;
    if (rest.length > 0) this.#receiver.frame(rest);
  }

  /** @returns where the text after the next delimiter begins; -1 when there is none yet */
  #passDelimiter(window: Buffer, from: number, start: number): number {
    const at = window.indexOf(this.#delimiter, from);
    if (at < 0) return -1;
    if (this.#closed) throw new HttpError(400, 'The multipart body is malformed');
    if (this.#delimiters++ === 0 && start + at > MAX_PREAMBLE) throw lateBoundary();
    this.#inHead = true;
    if (this.#inFile) {
      this.#handOn(window, at);
      this.#inFile = false;
      this.#receiver.endContent();
    }
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
    const head = window.toString('latin1', from + 2, end);
    checkPartHead(head);
    this.#inHead = false;
    if (OF_FILE.test(head)) {
      this.#handOn(window, end + HEAD_END.length);
      this.#inFile = true;
    }
    // A delimiter may follow at once: then the line break is its own, and the part malformed.
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

  #handOn(window: Buffer, end: number): void {
    if (end <= this.#handedOn) return;
    const bytes = window.subarray(this.#handedOn, end);
    this.#handedOn = end;
    if (this.#inFile) this.#receiver.content(bytes);
    else this.#receiver.frame(bytes);
  }
}

function lateBoundary(): HttpError {
  return new HttpError(400, 'The multipart body does not begin with its boundary');
}
