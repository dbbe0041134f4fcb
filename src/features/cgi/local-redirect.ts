/** A local redirect: the answer of another path of this server, which the client learns nothing of (RFC 3875 6.2.2). */
import { andThen, HttpError, type Request, type Response } from '../../kit.js';
import { withoutBody } from '../composition/fields.js';
import { answerWithin, requestWithin } from '../composition/subrequest.js';
import { BadOutput, type ScriptHead } from './script-head.js';

/** A path of this server; `//host` is another server, and a fragment is for the client. */
const LOCAL = /^\/(?!\/)[^#]*$/;

/**
 * The answer of the path, with the cookies that the script has set; undefined where its head is no local redirect.
 * @throws HttpError 508 for a loop; BadOutput for a path that is none
 */
export function localRedirect(
  request: Request,
  { status, location, headers }: ScriptHead,
): Response | Promise<Response> | undefined {
  if (status !== undefined || location === undefined || !LOCAL.test(location)) return undefined;
  const cookies = headers.getAll('set-cookie');
  const answer = answerWithin(redirected(request, location));
  return cookies.length === 0 ? answer : andThen(answer, (response) => withCookies(response, cookies));
}

/** By GET, without the query of the request, which was for the script. */
function redirected(request: Request, location: string): Request {
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  try {
    return requestWithin(request, location, { method, headers: withoutBody(request.headers) });
  } catch (error) {
    if (error instanceof HttpError && error.status === 400)
      throw new BadOutput(`a local redirect to ${JSON.stringify(location.slice(0, 100))}`);
    throw error;
  }
}

function withCookies(response: Response, cookies: readonly string[]): Response {
  const own = response.toChange();
  for (const cookie of cookies) own.headers.append('Set-Cookie', cookie);
  return own;
}
