/** Watches a multipart body go by: where its first part begins, and how many parts it has (RFC 2046 5.1.1). */
import { HttpError } from '../http/http-error.js';

const MAX_PREAMBLE = 8 * 1024;
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;

/** The boundary of a multipart type. @throws HttpError 400 when it is missing or malformed */
export function checkBoundary(boundary: string | undefined): string {
  if (boundary !== undefined && BOUNDARY.test(boundary)) return boundary;
  throw new HttpError(400, 'The multipart body has no valid boundary');
}

/**
 * Counts the delimiters of a body that comes in pieces. Parsers drop parts they do not like without a word; a count
 * that differs from what they told about shows it.
 */
export class BoundaryCounter {
  readonly #delimiter: Buffer;
  /** The end of what went by, in which a delimiter may have begun. */
  #tail = Buffer.from('\r\n');
  #seen = 0;
  #delimiters = 0;

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`);
  }

  /** Delimiters so far: one more than parts once the body is complete. */
  get delimiters(): number {
    return this.#delimiters;
  }

  /** @throws HttpError 400 when no part has begun within the first 8 KiB */
  see(chunk: Buffer): void {
    const window = Buffer.concat([this.#tail, chunk]);
    const delimiter = this.#delimiter;
    let next = 0;
    for (let at = window.indexOf(delimiter); at >= 0; at = window.indexOf(delimiter, next)) {
      // The tail that was kept is counted among what was seen before, but for the line break put there at first.
      if (this.#delimiters++ === 0 && this.#seen + at - this.#tail.length > MAX_PREAMBLE) throw lateBoundary();
      next = at + delimiter.length;
    }
    this.#seen += chunk.length;
    if (this.#delimiters === 0 && this.#seen > MAX_PREAMBLE + delimiter.length) throw lateBoundary();
    this.#tail = window.subarray(Math.max(next, window.length - delimiter.length + 1));
  }
}

function lateBoundary(): HttpError {
  return new HttpError(400, 'The multipart body does not begin with its boundary');
}
