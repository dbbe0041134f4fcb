/** A local redirect: the answer of another path of this server, which the client learns nothing of (RFC 3875 6.2.2). */
import { RedirectResponse, type Request, type Response } from '../../kit.js';
import type { ScriptHead } from './script-head.js';

/** A path of this server; `//host` is another server, and a fragment is for the client. */
const LOCAL = /^\/(?!\/)[^#]*$/;

/** The answer of the path; undefined where the head is no local redirect. */
export function localRedirect(
  _request: Request,
  { status, location }: ScriptHead,
): Response | Promise<Response> | undefined {
  if (status !== undefined || location === undefined || !LOCAL.test(location)) return undefined;
  return new RedirectResponse(location);
}
