/** A local redirect: the answer of another path of this server, which the client learns nothing of (RFC 3875 6.2.2). */
import { andThen, type Request, type Response } from '../../kit.js';
import { forward } from '../composition/forward.js';
import type { ScriptHead } from './script-head.js';

/** A path of this server; `//host` is another server, and a fragment is for the client. */
const LOCAL = /^\/(?!\/)[^#]*$/;

/**
 * The answer of the path, with the cookies that the script has set; undefined where its head is no local redirect.
 * @throws HttpError 508 for a loop, 400 for a path that is none
 */
export function localRedirect(
  request: Request,
  { status, location, headers }: ScriptHead,
): Response | Promise<Response> | undefined {
  if (status !== undefined || location === undefined || !LOCAL.test(location)) return undefined;
  // The query of the request was for the script.
  const url = location.includes('?') ? location : `${location}?`;
  const cookies = headers.getAll('set-cookie');
  const answer = forward(request, url, { method: request.method === 'HEAD' ? 'HEAD' : 'GET' });
  return cookies.length === 0 ? answer : andThen(answer, (response) => withCookies(response, cookies));
}

/** In a copy, since a handler may give the same response to others. */
function withCookies(response: Response, cookies: readonly string[]): Response {
  const own = response.isStream ? response : response.with({});
  for (const cookie of cookies) own.headers.append('Set-Cookie', cookie);
  return own;
}
