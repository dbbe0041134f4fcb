/** What of a response the request asked for: all of it, a part, or only whether it has changed (RFC 9110 13, 14). */
import { evaluatePreconditions, rangeHolds, type Validators } from '../http/conditional.js';
import { HttpError } from '../http/http-error.js';
import { satisfyRanges, selectRanges, unsatisfiedRange, type ByteRange } from '../http/range.js';
import { errorPage } from './error-page.js';
import { letGo } from './finalize.js';
import { partialResponse } from './partial.js';
import { fieldsOf } from '../message/headers.js';
import type { Request } from '../message/request.js';
import { NotModifiedResponse, RedirectResponse } from '../message/responses.js';
import type { Response } from '../message/response.js';

/**
 * For hosts, with every response that has headers, before anything of it is sent. Answers GET and HEAD with 304, 412,
 * 206 or 416 where a 200 carries ETag or Last-Modified or may be sent in parts, and the request asks for that. The
 * response itself is never changed, since a handler may give the same one again; one that is replaced is let go of. One that
 * another server has given stays as it is.
 */
export function represent(request: Request, response: Response): Response {
  const isWhole = response.status === 200 && !response.ranges && !hasConditions(fieldsOf(request.headers));
  return isWhole ? response : asAsked(request, response);
}

function asAsked(request: Request, response: Response): Response {
  if (response.asIs) return response;
  if (response instanceof RedirectResponse) return response.forClient(request.headers.get('accept'));
  return response.status === 200 && isSafe(request) ? conditionally(request, response) : response;
}

function conditionally(request: Request, response: Response): Response {
  const { etag, isDivisible } = response;
  const lastModified = response.lastModified?.getTime();
  if (etag === undefined && lastModified === undefined && !isDivisible) return response;
  const validators: Validators = { etag, lastModified, exists: true };
  const verdict = evaluatePreconditions(request, validators);
  if (verdict === 'not-modified') return notModified(response);
  if (verdict === 'precondition-failed') return refused(request, response, new HttpError(412, FAILED));
  if (!isDivisible || !(response.ranges ?? rangeHolds(request, validators))) return response;
  return partOf(request, response);
}

const FAILED = 'A precondition does not hold';

function isSafe({ method }: Request): boolean {
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
function partOf(request: Request, response: Response): Response {
  const range = request.method === 'GET' ? request.headers.get('range') : undefined;
  const { length, ranges } = response;
  if (length === undefined || !(ranges ?? range)) return response;
  const selected = ranges ? satisfyRanges(ranges, length) : selectRanges(range ?? '', length);
  if (selected === 'whole') return response;
  if (selected !== 'unsatisfiable')
    return partialResponse(response, selected as [ByteRange, ...ByteRange[]], length) ?? response;
  const error = new HttpError(416, `The range lies outside of the ${String(length)} bytes`, {
    headers: { 'Content-Range': unsatisfiedRange(length) },
  });
  return refused(request, response, error);
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

/** The page of an error with those headers of the response that are not about its content. */
function refused(request: Request, response: Response, error: HttpError): Response {
  void letGo(response);
  const page = errorPage(error, request);
  for (const [name, value] of keptFields(response, NOT_IN_REFUSAL)) page.headers.append(name, value);
  const vary = response.headers.get('vary');
  if (vary !== undefined) page.headers.appendToList('Vary', ...vary.split(',').map((name) => name.trim()));
  return page;
}
