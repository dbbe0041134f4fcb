/** Whether a form was sent by a page of this server, as far as browsers tell (Fetch Metadata, RFC 6454 7). */
import { HttpError } from '../http/http-error.js';
import type { Request } from '../message/request.js';

/** @throws HttpError 403 when another site sent the form; programs, which tell nothing, pass */
export function assertSameOrigin(request: Request): void {
  if (!isSameOrigin(request)) throw new HttpError(403, 'Another site sent this form');
}

function isSameOrigin({ headers, peer }: Request): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = headers.get('origin');
  return (
    origin === undefined || origin.replace(/^https?:\/\//i, '').toLowerCase() === peer.host.toLowerCase()
  );
}
