/** Answers what no route has: other methods of known paths, files of the document root, default handlers, 404. */
import { MethodNotAllowed } from '../http/errors.js';
import { HttpError } from '../http/http-error.js';
import type { Handler } from '../message/handler.js';
import type { Request } from '../message/request.js';
import { NoContentResponse } from '../message/responses.js';
import { Response } from '../message/response.js';
import { METHODS, type Method } from '../routing/router.js';
import type { Scope } from './scope.js';

/** What is known of a request that no route took. */
export interface Unrouted {
  /** The methods that the path has routes for; OPTIONS comes with them. */
  readonly allow: readonly Method[];
  readonly defaults: Scope['defaults'];
  /** The document root; it throws HttpError 404 for what it does not have. */
  readonly files: Handler | undefined;
}

/** @throws HttpError 501, 405 or 404 */
export function answerUnrouted(
  request: Request,
  { allow, defaults, files }: Unrouted,
): Response | Promise<Response> {
  const { method } = request;
  if (allow.length > 0 || !METHODS.includes(method as Method)) return refuse(method, allow);
  if (!files || (method !== 'GET' && method !== 'HEAD')) return answerByDefault(request, defaults);
  const otherwise = (error: unknown): Response | Promise<Response> => {
    if (error instanceof HttpError && error.status === 404) return answerByDefault(request, defaults);
    throw error;
  };
  try {
    const answer = files(request);
    return answer instanceof Response ? answer : answer.then(undefined, otherwise);
  } catch (error) {
    return otherwise(error);
  }
}

/** @throws HttpError 501 or 405 */
function refuse(method: string, routed: readonly Method[]): Response {
  const allow = routed.length === 0 ? [] : METHODS.filter((one) => one === 'OPTIONS' || routed.includes(one));
  const headers = allow.length === 0 ? {} : { Allow: allow.join(', ') };
  if (!METHODS.includes(method as Method))
    throw new HttpError(501, `The method ${method} is not implemented`, { headers, expose: true });
  if (method !== 'OPTIONS') throw new MethodNotAllowed({ method, allow });
  return new NoContentResponse({ headers });
}

function answerByDefault(request: Request, defaults: Scope['defaults']): Response | Promise<Response> {
  const handler = defaults.find(({ methods }) => methods.includes(request.method as Method));
  if (!handler) throw new HttpError(404, 'Nothing is here');
  request.route = handler.route;
  return handler.answer(request);
}
