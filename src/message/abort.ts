/** Ways to leave a handler with an answer: thrown, so that they work at any depth. */
import { brand, isInstance } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { HttpError } from '../http/http-error.js';
import { shown } from '../http/wrong-fields.js';
import { Response } from './response.js';
import { RedirectResponse, type RedirectInit } from './responses.js';

/** An answer on its way out as an exception. */
export class ResponseError extends HttpError {
  static {
    brand(this, 'ResponseError');
  }

  readonly response: Response;

  constructor(response: Response) {
    super(response.status);
    this.response = response;
  }
}

/**
 * Leaves the handler with a status or a ready response.
 * @throws HttpError always; ObolError E_ABORT when given anything else
 */
export function abort(answer: number | Response, detail?: string): never {
  if (isInstance(answer, Response)) throw new ResponseError(answer);
  if (typeof answer !== 'number') {
    throw new ObolError('E_ABORT', `abort() takes a status such as 404 or a response, not ${shown(answer)}.`);
  }
  throw new HttpError(answer, detail);
}

/**
 * Leaves the handler and sends the client elsewhere.
 * @param init.message read by those who do not follow, with a link where HTML is asked for
 * @throws HttpError always
 */
export function redirect(location: string | URL, init: RedirectInit = {}): never {
  throw new ResponseError(new RedirectResponse(location, init));
}
