/** Responses that are for one client only, because they depend on its cookies. */
import type { Response } from '../message/response.js';

/**
 * The response, made unfit for shared caches: `Vary: Cookie`, and `Cache-Control: private` where the handler says
 * nothing else.
 */
export function personalResponse(response: Response, setCookie?: string): Response {
  const own = response.toChange();
  const { headers } = own;
  const vary = headers.get('vary');
  if (vary === undefined) headers.append('Vary', 'Cookie');
  else headers.appendToList('Vary', 'Cookie');
  if (!headers.has('cache-control')) headers.append('Cache-Control', 'private');
  if (setCookie !== undefined) headers.append('Set-Cookie', setCookie);
  return own;
}
