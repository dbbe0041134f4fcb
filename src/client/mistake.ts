/** Mistakes in the use of a client, with the codes that Obol's own errors have. Browsers have no `ObolError`. */
import type { ErrorCode } from '../ground/errors.js';

/** A mistake of the program: says what is wrong and what to do. */
export function mistake(code: ErrorCode, message: string): TypeError & { readonly code: ErrorCode } {
  return Object.assign(new TypeError(message), { code });
}
