/** Tells people who look at pages from programs, which cannot be sent to a log-in. */
import type { Request } from '../../message/request.js';

/** Whether somebody's browser asks for a page, so that it may be sent elsewhere and back. */
export function asksForPage(request: Request): boolean {
  const { method } = request;
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead && request.accepts('json', 'html') === 'html' && !request.isXhr;
}
