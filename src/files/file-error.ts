/** What an error of the file system is for a client. */
import { HttpError } from '../http/http-error.js';

/** There is no such file, as far as clients may know. */
const ABSENT: ReadonlySet<string> = new Set([
  'EACCES',
  'EILSEQ',
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENODEV',
  'ENOENT',
  'ENOTDIR',
  'ENXIO',
  'EPERM',
  'ERR_INVALID_ARG_VALUE',
]);
const EXHAUSTED: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

/** The one answer for what is missing, outside, hidden or forbidden. */
export function absent(cause?: unknown): HttpError {
  return new HttpError(404, 'Nothing is here', { cause });
}

/**
 * 404 for what is not there or may not be read, which look the same from outside, 503 when no descriptor is left.
 * Anything else is a failure of this machine, and stays as it is.
 */
export function fileError(error: unknown): unknown {
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (typeof code !== 'string') return error;
  if (ABSENT.has(code)) return absent(error);
  if (EXHAUSTED.has(code)) {
    const headers = { 'Retry-After': '1' };
    return new HttpError(503, 'Too many files are open', { cause: error, headers, expose: true });
  }
  return error;
}

/** Returns where an error means that there is nothing. @throws HttpError 503 out of descriptors; else the error itself */
export function refuseUnlessAbsent(error: unknown): void {
  const failure = error instanceof HttpError ? undefined : fileError(error);
  if (!(failure instanceof HttpError)) throw error;
  if (failure.status !== 404) throw failure;
}
