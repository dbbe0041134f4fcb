/** The token that a client sends: in a header, or in a form that is small enough to be looked into before the guards. */
import { BodyBytes, type Request } from '../../kit.js';

/** The header that scripts send the token in. */
export const CSRF_HEADER = 'X-CSRF-Token';

/** The field that forms send it in. */
export const CSRF_FIELD = '_csrf';

/** Bytes of a body that are read before a guard has looked at who sends it. */
const BODY_SIZE = 1024 * 1024;

const FORMS: ReadonlySet<string> = new Set(['application/x-www-form-urlencoded', 'multipart/form-data']);

/**
 * The header decides if it is there. The bytes of a form stay where the route finds them and reads them in its own way.
 * @returns undefined when there is none, when a form has several, and when it is too large or encoded
 * @throws HttpError 400 or 413 for a form that cannot be read
 */
export function sentToken(request: Request): string | undefined | Promise<string | undefined> {
  const header = request.headers.get(CSRF_HEADER);
  if (header !== undefined) return header;
  const isReadable = FORMS.has(request.mimeType) && !request.headers.has('content-encoding');
  return isReadable && request.contentLength <= BODY_SIZE ? fieldOf(request) : undefined;
}

async function fieldOf(request: Request): Promise<string | undefined> {
  const bytes = await request.readBytes(BODY_SIZE);
  // All of it is in memory already, so that no file of it need be written anywhere.
  const form = await new BodyBytes([bytes], request).readForm({ memoryFileSize: BODY_SIZE });
  const tokens = form.getList(CSRF_FIELD);
  return tokens.length === 1 ? tokens[0] : undefined;
}
