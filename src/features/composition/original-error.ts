/** What an error document knows of the error that it is the page of. */
import { ContextKey, type Request, type Response } from '../../kit.js';

/** An answer whose place an error document takes. */
export interface OriginalError {
  readonly status: number;
  readonly method: string;
  /** The target as the client sent it, query included: text of the network, to be escaped in a page. */
  readonly url: string;
  /** What was thrown; undefined where a handler gave the answer. */
  readonly error: unknown;
}

/** By the request whose answer is replaced. */
const originals = new WeakMap<Request, OriginalError>();

/** The error that this request is made to show, or one around it; undefined for a request of a client. */
export function originalError(request: Request): OriginalError | undefined {
  const asker = request.subrequestOf;
  return asker && (originals.get(asker) ?? originalError(asker));
}

/** Keeps the error for the page that the request is going to ask for. */
export function rememberError(request: Request, { status }: Response): void {
  const { method, target: url } = request;
  originals.set(request, { status, method, url, error: request.get(ContextKey.ERROR) });
}
