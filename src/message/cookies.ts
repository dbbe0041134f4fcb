/** The cookies of a request, as features read them: whether or not the application wants `request.cookies`. */
import { ContextKey } from '../ground/context-key.js';
import { parseCookies } from '../http/cookie.js';
import type { Request } from './request.js';

const COOKIES = new ContextKey<ReadonlyMap<string, string>>('cookies');

/**
 * What the client sent, by name. The setting `autoCookies` is about `request.cookies`, which handlers read: without it,
 * sessions and logins still find theirs.
 * @throws HttpError 431 when there are too many
 */
export function cookiesOf(request: Request): ReadonlyMap<string, string> {
  const { cookies } = request;
  if (cookies.size > 0 || !request.headers.has('cookie')) return cookies;
  const known = request.get(COOKIES);
  if (known) return known;
  const sent = parseCookies(request.headers.get('cookie') ?? '');
  request.set(COOKIES, sent);
  return sent;
}
