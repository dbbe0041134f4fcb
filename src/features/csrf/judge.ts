/** What the head of a request reports of the page that made it. */
import { Addresses, type Request } from '../../kit.js';
import type { CsrfPlan } from './options.js';
import { comparable } from './origin.js';
import { CsrfRefused, type CsrfReason } from './refusal.js';

/** `token` when the head reports nothing. */
export type Verdict = 'pass' | 'token' | Extract<CsrfReason, 'site' | 'origin'>;

/** Methods that ask for nothing to be changed (RFC 9110 9.2.1); methods are case-sensitive. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** What is compared. */
type Rules = Pick<CsrfPlan, 'trusted' | 'isOwn' | 'hasCredentials'>;

/** For requests that no plan is made for. */
export const PLAIN: Rules = {
  trusted: new Set(),
  isOwn: ({ peer }, origin) => peer.isOrigin(origin),
  hasCredentials: () => false,
};

export function isSafe(method: string): boolean {
  return SAFE.has(method);
}

/**
 * Judges by what browsers say and pages cannot: Sec-Fetch-Site first, since no proxy changes what it means, then Origin.
 * What is there and not understood counts against the request. The body and its type have no say.
 */
export function judge(
  request: Request,
  { trusted, isOwn, hasCredentials = sendsCredentials }: Rules,
): Verdict {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  if (site === 'same-origin' || site === 'none') return 'pass';
  if (origin !== undefined && trusted.has(comparable(origin))) return 'pass';
  if (site !== undefined) return 'site';
  if (origin !== undefined) return isOwn(request, origin) ? 'pass' : 'origin';
  return hasCredentials(request) ? 'token' : 'pass';
}

/** For forms without secrets, such as one that logs out. @throws CsrfRefused when a page of another site sent it */
export function refuseForeign(request: Request): void {
  const verdict = judge(request, PLAIN);
  if (verdict === 'site' || verdict === 'origin') throw new CsrfRefused(verdict, request, { debug: false });
}

/**
 * For what logs a client in. Over plain HTTP any machine on the way, and any subdomain, can plant the cookie that tokens are bound
 * to, so that only the browser itself can say where a form came from. Over HTTPS the prefix `__Host-` keeps the cookie from them. A
 * client that comes back from a provider of single sign-on, by GET, has proved more than that.
 * @throws CsrfRefused for a client that reports neither its site nor its origin
 */
export function refuseUnreported(request: Request): void {
  const { headers, method, peer } = request;
  const isReported = headers.has('sec-fetch-site') || headers.has('origin');
  if (isReported || isSafe(method) || peer.scheme === 'https' || Addresses.LOOPBACK.has(peer.address)) return;
  throw new CsrfRefused('unreported', request, { debug: false });
}

/**
 * Whether a request carries anything that a browser adds on its own. One that does not can do no more for another site than
 * its author could do alone. Bearer tokens are added by scripts only, and those of other sites may not.
 */
function sendsCredentials({ headers, authorization }: Request): boolean {
  return headers.has('cookie') || (headers.has('authorization') && authorization?.scheme !== 'bearer');
}
