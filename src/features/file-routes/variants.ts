/** Pages of one path and several endings: the client chooses. */
import { encodeCanonical, HttpError, type Request, respond, type Response } from '../../kit.js';
import { basename } from 'node:path';
import type { Page } from './page.js';

/** One of them. */
export interface Variant {
  readonly page: Page;
  /** The template of the path that is its alone. */
  readonly path: string;
}

/**
 * A handler that answers with what the client likes best (RFC 9110 12.5.1), and of those that it likes the same, with the first.
 * @throws HttpError 406, when asked, for a client that likes none
 */
export function negotiated(variants: readonly Variant[]): (request: Request) => Promise<Response> {
  const types = variants.map(({ page }) => page.contentType.replace(/;.*/s, ''));
  return async (request) => {
    const chosen = variants[types.indexOf(request.accepts(...types) ?? '')];
    if (!chosen) throw new HttpError(406, undefined, { headers: { Vary: 'Accept' } });
    const response = respond(await chosen.page.handle(request), request);
    response.headers.appendToList('Vary', 'Accept');
    response.headers.set('Content-Location', encodeCanonical(basename(chosen.page.file)));
    return response;
  };
}
