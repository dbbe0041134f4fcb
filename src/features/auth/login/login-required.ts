/** Who has to log in first: browsers are sent to a page for it, programs get 401. */
import type { Request } from '../../../kit.js';
import { cookieChallenge } from '../challenge.js';
import { Unauthorized } from '../../../kit.js';

export function isLoggedIn({ user }: Request): boolean {
  return user !== null && user !== undefined;
}

/**
 * Whether the client is a browser at a page, to be sent to log in.
 * @param formAction path of the form, where there is one
 * @returns false for who is logged in
 * @throws Unauthorized for a program that is not, since it cannot be sent anywhere
 */
export function needsLogin(request: Request, formAction?: string): boolean {
  if (isLoggedIn(request)) return false;
  if (asksForPage(request)) return true;
  throw new Unauthorized({ challenges: [cookieChallenge(formAction)] });
}

/** Whether a browser asks for a page, so that it can be sent elsewhere and back. */
function asksForPage(request: Request): boolean {
  const { method } = request;
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead && request.accepts('json', 'html') === 'html' && !request.isXhr;
}
