/** `forward()`: a request answered by what answers another URL of the same server. */
import { checkOptions, type Request, type Response, type Rules } from '../../kit.js';
import { withoutBody } from './fields.js';
import { answerWithin, METHOD_RULE, requestWithin } from './subrequest.js';
import { targetOf } from './target.js';

export interface ForwardInit {
  /** With GET and HEAD the body is left behind. Default that of the request, with its body. */
  readonly method?: string | undefined;
}

const RULES: Rules<ForwardInit> = { method: METHOD_RULE };

/**
 * Answers a request with what another URL of this server answers, through the same middleware, guards and sessions; the client
 * knows nothing of it. Method, headers and body are kept: conditions and ranges are asked of the answer, a body that was read
 * whole is read again, and one that was read in part is 400. A query of the URL takes the place of that of the request.
 *
 * @param url as the client sees it, such as `urlFor(req, ...)` gives, or relative to the URL of the request
 * @throws HttpError 508 for a loop, or more than 8 requests one within another; 400 for what is no URL of this server
 *
 * @example
 * ```ts
 * routes.add('/latest', (req) => forward(req, urlFor(req, Releases, 'show', releases.newest)));
 * ```
 */
export function forward(request: Request, url: string, init: ForwardInit = {}): Response | Promise<Response> {
  checkOptions('forward', init, RULES);
  const { method } = init;
  const target = targetOf(request, url);
  const whole = target.includes('?') || request.query === '' ? target : `${target}?${request.query}`;
  const isBodyless = method === 'GET' || method === 'HEAD';
  const headers = isBodyless ? withoutBody(request.headers) : undefined;
  return answerWithin(requestWithin(request, whole, { method, headers }));
}
