/** The call in the body of a request, read once for the check against forged requests and for the method. */
import { andThen, attempt, ContextKey, HttpError, type Request } from '../../kit.js';
import { NO_CALL, parseCall, type Call } from './call.js';

/** Bytes of a body. */
const LIMIT = 1024 * 1024;

const CALL = new ContextKey<Promise<Call>>('obol.module-call', { ofApplication: true });

/**
 * @returns that of no body at once
 * @throws HttpError as a rejection: 413 over 1 MiB, 415 for what is not called JSON, 400 for what is none or has another form
 */
export function readCall(request: Request): Call | Promise<Call> {
  if (!request.hasBody || request.contentLength === 0) return NO_CALL;
  const known = request.get(CALL);
  if (known) return known;
  const call = read(request);
  request.set(CALL, call);
  return call;
}

async function read(request: Request): Promise<Call> {
  const { mimeType } = request;
  if (mimeType === 'application/json' || mimeType.endsWith('+json'))
    return callIn(await request.readText(LIMIT));
  throw new HttpError(415, 'The body must be application/json', { headers: { Accept: 'application/json' } });
}

/** A body without a byte in it is as good as none. */
function callIn(text: string): Call {
  return text === '' ? NO_CALL : parseCall(text);
}

/** The token in the body; undefined where that is no call, which is no proof of anything. */
export function tokenInCall(request: Request): string | undefined | Promise<string | undefined> {
  return attempt(
    () => andThen(readCall(request), ({ csrfToken }) => csrfToken),
    () => undefined,
  );
}
