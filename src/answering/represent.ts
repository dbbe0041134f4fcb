/** What of a response the request asked for: all of it, a part, or only whether it has changed (RFC 9110 13, 14). */
import { evaluatePreconditions, rangeHolds, type Validators } from '../http/conditional.js';
import { HttpError } from '../http/http-error.js';
import { satisfyRanges, selectRanges, unsatisfiedRange, type ByteRange } from '../http/range.js';
import { errorPage, lastResort } from './error-page.js';
import { letGo } from './finalize.js';
import { partialResponse } from './partial.js';
import { fieldsOf } from '../message/headers.js';
import type { Request } from '../message/request.js';
import { ConnectionResponse, NotModifiedResponse, RedirectResponse } from '../message/responses.js';
import type { Response } from '../message/response.js';

/**
 * For hosts, with every response that has headers, before anything of it is sent. Answers GET and HEAD with 304, 412,
 * 206 or 416 where a 200 carries ETag or Last-Modified or may be sent in parts, and the request asks for that. 412 and 416 are
 * answered by the application, later maybe. The response itself is never changed, since a handler may give the same one again; one
 * that is replaced is let go of. One that another server has given stays as it is.
 */
export function represent(request: Request, response: Response): Response | Promise<Response> {
  const isWhole = response.status === 200 && !response.ranges && !hasConditions(fieldsOf(request.headers));
  return isWhole ? response : asAsked(request, response);
}

function asAsked(request: Request, response: Response): Response | Promise<Response> {
  if (response.asIs) return response;
  if (response instanceof RedirectResponse) return response.forClient(request.headers.get('accept'));
  const isAsked = response.status === 200 && isRead(request) && !refused.has(request);
  return isAsked ? conditionally(request, response) : response;
}

function conditionally(request: Request, response: Response): Response | Promise<Response> {
  const { etag, isDivisible } = response;
  const lastModified = response.lastModified?.getTime();
  if (etag === undefined && lastModified === undefined && !isDivisible) return response;
  const validators: Validators = { etag, lastModified, exists: true };
  const verdict = evaluatePreconditions(request, validators);
  if (verdict === 'not-modified') return notModified(response);
  if (verdict === 'precondition-failed')
    return refuse(request, response, { status: 412, detail: 'A precondition does not hold' });
  if (!isDivisible || !(response.ranges ?? rangeHolds(request, validators))) return response;
  return partOf(request, response);
}

function isRead({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** `Range` and everything that begins with `If-`: most requests have none, as one pass shows. */
function hasConditions(flat: readonly string[]): boolean {
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? '';
    const first = name.charCodeAt(0) | 0x20;
    if (first === 0x69 && name.charCodeAt(2) === 0x2d) return true;
    if (first === 0x72 && name.length === 5 && name.toLowerCase() === 'range') return true;
  }
  return false;
}

/** Range means nothing to HEAD (RFC 9110 14.2); ranges that the handler gave stand whether or not the client asks for any. */
function partOf(request: Request, response: Response): Response | Promise<Response> {
  const range = request.method === 'GET' ? request.headers.get('range') : undefined;
  const { length, ranges } = response;
  if (length === undefined || !(ranges ?? range)) return response;
  const selected = ranges ? satisfyRanges(ranges, length) : selectRanges(range ?? '', length);
  if (selected === 'whole') return response;
  if (selected !== 'unsatisfiable')
    return partialResponse(response, selected as [ByteRange, ...ByteRange[]], length) ?? response;
  const detail = `The range lies outside of the ${String(length)} bytes`;
  return refuse(request, response, { status: 416, detail, range: unsatisfiedRange(length) });
}

/** Of the representation that is not sent. Last-Modified is of use only where there is no ETag (RFC 9110 15.4.5). */
const NOT_IN_304: readonly string[] = [
  'accept-ranges',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'transfer-encoding',
];

/** The page has its own; and it shall not be kept in a cache in place of what it refuses. */
const NOT_IN_REFUSAL: readonly string[] = [
  ...NOT_IN_304,
  'age',
  'cache-control',
  'content-location',
  'content-security-policy',
  'expires',
  'last-modified',
  'vary',
];

function notModified(response: Response): Response {
  void letGo(response);
  return new NotModifiedResponse({ headers: keptFields(response, NOT_IN_304) });
}

function keptFields(response: Response, dropped: readonly string[]): [string, string][] {
  const hasTag = response.headers.has('etag');
  return [...response.headers].filter(([name]) => {
    const key = name.toLowerCase();
    return !dropped.includes(key) && !(hasTag && key === 'last-modified');
  });
}

/** Requests that were refused here: a handler of their error may answer 200, and that is the answer. */
const refused = new WeakSet<Request>();

interface Refusal {
  readonly status: 412 | 416;
  readonly detail: string;
  readonly range?: string;
}

/**
 * The answer of the application to an error, or else the page of that, with those headers of the response that are not about its
 * content.
 */
function refuse(
  request: Request,
  response: Response,
  { status, detail, range }: Refusal,
): Response | Promise<Response> {
  void letGo(response);
  const headers: Record<string, string[]> = range === undefined ? {} : { 'Content-Range': [range] };
  for (const [name] of keptFields(response, NOT_IN_REFUSAL)) headers[name] = response.headers.getAll(name);
  const error = new HttpError(status, detail, { headers });
  if (!request.settings.refuse) return inItsPlace(errorPage(error, request), response);
  refused.add(request);
  return refusedBy(request.settings.refuse as Refuse, error, { request, response });
}

type Refuse = (error: HttpError, request: Request) => Response | Promise<Response>;

/** Always later: it may be no message, which a host looks for anew. */
async function refusedBy(
  answer: Refuse,
  error: HttpError,
  { request, response }: { readonly request: Request; readonly response: Response },
): Promise<Response> {
  try {
    return inItsPlace(await answer(error, request), response);
  } catch (failure) {
    return inItsPlace(lastResort(failure, request), response);
  }
}

/** What it depends on, the answer depends on as well; it is finished by the same application. */
function inItsPlace(page: Response, { headers, answeredBy }: Response): Response {
  if (ConnectionResponse.brand in page) return page;
  const own = page.toChange();
  const vary = headers.get('vary');
  if (vary !== undefined) own.headers.appendToList('Vary', ...vary.split(',').map((name) => name.trim()));
  own.answeredBy = answeredBy;
  return own;
}
