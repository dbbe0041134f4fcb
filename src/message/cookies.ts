/** The cookies of a request, as features read and name them: whether or not the application wants `request.cookies`. */
import { createHash } from 'node:crypto';
import { ContextKey } from '../ground/context-key.js';
import { parseCookies } from '../http/cookie.js';
import { isToken } from '../http/grammar.js';
import type { Request } from './request.js';

/** A request that a handler makes may have others than that of its client. */
const COOKIES = new ContextKey<ReadonlyMap<string, string>>('cookies', { ofApplication: true });

/**
 * What the client sent, by name. The setting `autoCookies` is about `request.cookies`, which handlers read: without it,
 * sessions and logins still find theirs.
 * @throws HttpError 431 when there are too many
 */
export function cookiesOf(request: Request): ReadonlyMap<string, string> {
  const { cookies } = request;
  return cookies.size > 0 || !request.headers.has('cookie') ? cookies : sentWith(request);
}

/** What handlers do not see. */
function sentWith(request: Request): ReadonlyMap<string, string> {
  const known = request.get(COOKIES);
  if (known) return known;
  const sent = parseCookies(request.headers.get('cookie') ?? '');
  request.set(COOKIES, sent);
  return sent;
}

/** Characters of a hash that is added to a name; a base that is added as it is has fewer. */
const MAX_SUFFIX = 32;

/**
 * The name of a cookie that belongs to the application which reads the request. One below a base gets a name of its own,
 * since its path stays `/`: `SESSID` is `SESSID-shop` below `/shop`; a base that is long or no token is hashed.
 */
export function cookieNameOf(request: Request, name: string): string {
  const { base } = request.application;
  if (base === '') return name;
  const text = base.slice(1);
  // As long as a hash, it could be the hash of another.
  const isShort = text.length < MAX_SUFFIX && isToken(text);
  return `${name}-${isShort ? text : createHash('sha256').update(base).digest('hex').slice(0, MAX_SUFFIX)}`;
}
