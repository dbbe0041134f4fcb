/** Answers on the way of logging in: no cache keeps them, and a client that is sent on asks with GET. */
import { RedirectResponse, type Response } from '../../../kit.js';

/** For pages and errors that are of one moment. */
export const NO_STORE = { 'Cache-Control': 'no-store' } as const;

/** 303 (RFC 9110 15.4.4), so that no reload sends a password again. @param setCookie a Set-Cookie to go with it */
export function seeOther(location: URL | string, setCookie?: string): Response {
  const response = new RedirectResponse(location, { status: 303, headers: NO_STORE });
  if (setCookie !== undefined) response.headers.append('Set-Cookie', setCookie);
  return response;
}
