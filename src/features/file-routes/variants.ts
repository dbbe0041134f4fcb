/** Pages of one path and several endings: the client chooses. */
import { encodeCanonical, HttpError, respond } from '../../kit.js';
import { extname } from 'node:path';
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
export function negotiated(variants: readonly Variant[]): Page['handle'] {
  const types = variants.map(({ page }) => page.contentType.replace(/;.*/s, ''));
  return async (request, ...parameters) => {
    const chosen = variants[types.indexOf(request.accepts(...types) ?? '')];
    if (!chosen) throw new HttpError(406, undefined, { headers: { Vary: 'Accept' } });
    const response = respond(await chosen.page.handle(request, ...parameters), request);
    response.headers.appendToList('Vary', 'Accept');
    response.headers.set('Content-Location', ownName(request.path, chosen.page.file));
    return response;
  };
}

/** The URL of a page of its own, from where the client is. */
function ownName(path: string, file: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1) || 'index';
  // What stands before a colon would be a scheme.
  return encodeCanonical(name).replaceAll(':', '%3A') + extname(file);
}
