/** The answer to an error with the content of a page: its head is that of both. */
import { Headers, letGo, type Request, type Response } from '../../kit.js';
import { headOf } from './fields.js';
import { addCookies, restrictCaching } from './part-head.js';

/** Of the answer that was replaced; all else in its head is not about its content, and stays. */
const OF_CONTENT = /^(?:content-(?!range$).*|accept-ranges|etag|last-modified|transfer-encoding)$/i;
const OF_BOTH = /^(?:set-cookie|vary)$/i;
/** Of the page as a page of its own: the error may be gone the next moment, and a cache must not hold it as long. */
const OF_PAGE = [
  'Cache-Control',
  'Expires',
  'Age',
  'ETag',
  'Last-Modified',
  'Accept-Ranges',
  'Content-Range',
];

/** What has answered the error, and what the page. */
interface Answering {
  readonly request: Request;
  readonly view: Request;
}

/**
 * The page with the status of the answer that it takes the place of, and with what that says besides its content: challenges,
 * `Allow`, `Retry-After`, who may keep it. Cookies and `Vary` are those of both. The other answer is let go of.
 */
export function inPlaceOf(original: Response, page: Response, { request, view }: Answering): Response {
  const head = headOf(page, view);
  const own = page.with({ status: original.status });
  const cookies = own.headers.getAll('set-cookie');
  for (const name of OF_PAGE) own.headers.delete(name);
  keepOf(original, own.headers);
  // The page has been made after that, and what it says of a cookie is the later.
  own.headers.delete('Set-Cookie');
  addCookies(own.headers, headOf(original, request));
  addCookies(own.headers, new Headers(cookies.map((cookie) => ['Set-Cookie', cookie] as const)));
  // Whether a client gets the page at all is negotiated.
  own.headers.appendToList('Vary', 'Accept');
  restrictCaching(own.headers, head, view);
  void letGo(original);
  return own;
}

function keepOf({ headers }: Response, own: Headers): void {
  for (const name of new Set([...headers].map(([each]) => each.toLowerCase())))
    if (!OF_CONTENT.test(name) && !OF_BOTH.test(name)) own.set(name, headers.getAll(name));
}
