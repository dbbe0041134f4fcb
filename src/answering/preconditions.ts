/** Preconditions that have to be judged before a handler acts (RFC 9110 13.2). */
import { evaluatePreconditions, type Validators } from '../http/conditional.js';
import { HttpError } from '../http/http-error.js';
import { httpDate } from '../http/date.js';
import { abort } from '../message/abort.js';
import type { Request } from '../message/request.js';
import { NotModifiedResponse } from '../message/responses.js';

/** What is known of a resource before a request changes it. */
export interface ResourceState {
  /** As in the ETag of its responses. */
  readonly etag?: string | undefined;
  readonly lastModified?: Date | number | undefined;
  /** Default: when either of the two is given. */
  readonly exists?: boolean | undefined;
}

/**
 * Leaves the handler unless the preconditions of the request hold. Call it before anything is changed: of a response to
 * PUT or DELETE nothing can be taken back. GET and HEAD need it only to save the work of making the answer.
 *
 * @example
 * ```ts
 * checkPreconditions(req, { etag: page.etag });     // lost updates: If-Match
 * checkPreconditions(req, { exists: pages.has(id) }); // create only: If-None-Match: *
 * ```
 * @throws HttpError 412; 304 for GET and HEAD of what has not changed
 */
export function checkPreconditions(request: Request, { etag, lastModified, exists }: ResourceState): void {
  const time = lastModified === undefined ? undefined : Number(lastModified);
  const validators: Validators = { etag, lastModified: time, exists };
  const verdict = evaluatePreconditions(request, validators);
  if (verdict === 'precondition-failed') throw new HttpError(412, 'A precondition does not hold');
  if (verdict === 'proceed') return;
  const response = new NotModifiedResponse(etag === undefined ? {} : { etag });
  if (etag === undefined && time !== undefined) response.headers.set('Last-Modified', httpDate(time));
  abort(response);
}
