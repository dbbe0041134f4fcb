/** The head of a part of a multipart body (RFC 7578 4.2). */
import { isToken, splitList } from '../http/grammar.js';
import { HttpError } from '../http/http-error.js';

const MAX_HEADERS = 20;
const DISPOSITION = 'content-disposition';
/** Names in the extended notation, whole (RFC 5987) or in pieces (RFC 2231). */
const EXTENDED_NAME = /^(?:file)?name\*/i;

/** Bytes that the head of a part may have. */
export const MAX_PART_HEAD = 8 * 1024;

/**
 * Refuses what parsers of forms pass over in silence, each in its own way.
 * @param head the lines without the empty one that ends them
 * @throws HttpError 400
 */
export function checkPartHead(head: string): void {
  const lines = head.split('\r\n');
  if (lines.length > MAX_HEADERS) throw oversizedHead();
  if (!lines.every((line) => isToken(nameOf(line))))
    throw new HttpError(400, 'The multipart body is malformed');
  const dispositions = lines.filter((line) => nameOf(line).toLowerCase() === DISPOSITION);
  const [disposition] = dispositions;
  if (disposition === undefined || dispositions.length > 1) {
    throw new HttpError(400, 'Each part of a form has one Content-Disposition');
  }
  if (splitList(disposition, ';').some((parameter) => EXTENDED_NAME.test(parameter))) {
    throw new HttpError(400, 'A form has plain names: filename* is not allowed');
  }
}

export function oversizedHead(): HttpError {
  return new HttpError(400, 'A part of the form has too many headers');
}

function nameOf(line: string): string {
  return line.slice(0, Math.max(line.indexOf(':'), 0));
}
