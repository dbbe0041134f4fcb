/** `csrf()`: middleware that refuses what pages of other sites make a browser send. */
import { ObolError } from '../errors.js';
import { escapeHtml } from '../http/html.js';
import { isPromise, type Handler, type Middleware } from '../message/handler.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import { isSafe, judge } from './judge.js';
import { planOf, type CsrfOptions, type CsrfPlan } from './options.js';
import { CsrfRefused } from './refusal.js';
import { REQUEST_SECRET, RequestSecret } from './request-secret.js';
import { CSRF_FIELD, sentToken } from './sent-token.js';

/**
 * Refuses requests of other sites with 403, unless their method is GET, HEAD, OPTIONS or TRACE, which must change nothing.
 *
 * Browsers say where a request comes from: `Sec-Fetch-Site` decides where it is there, else `Origin`, which must be that
 * of this server or one of `trustedOrigins`. Pages need nothing for that. A client that says neither needs a token if it
 * sends a cookie or a password: in the header `X-CSRF-Token`, or in the field `_csrf` of a form of at most 1 MiB.
 * Without either it could only do what anybody can, and passes; its login, for one, is not protected.
 *
 * @example await bootstrap({ controllers, middleware: [csrf()] });
 * @throws ObolError E_SETTING for a wrong option
 */
export function csrf(options: CsrfOptions = {}): Middleware {
  const plan = planOf(options);
  return (request, next) => {
    const secret = new RequestSecret(plan, request);
    request.set(REQUEST_SECRET, secret);
    const checking = isSafe(request.method) ? undefined : check(request, secret, plan);
    if (checking) return checking.then(() => answer(request, secret, next));
    return answer(request, secret, next);
  };
}

/** @returns undefined when there is nothing to wait for @throws CsrfRefused */
function check(request: Request, secret: RequestSecret, plan: CsrfPlan): Promise<void> | undefined {
  if (plan.except(request)) return undefined;
  const verdict = judge(request, plan.trusted, plan.hasCredentials);
  if (verdict === 'pass') return undefined;
  if (verdict === 'token') return checkToken(request, secret, plan);
  throw new CsrfRefused(verdict, request, plan.debug);
}

async function checkToken(request: Request, secret: RequestSecret, { debug }: CsrfPlan): Promise<void> {
  const token = await sentToken(request);
  if (token === undefined) throw new CsrfRefused('token-missing', request, debug);
  if (!(await secret.accepts(token))) throw new CsrfRefused('token-wrong', request, debug);
}

function answer(request: Request, secret: RequestSecret, next: Handler): Response | Promise<Response> {
  const failed = (error: unknown): never => {
    secret.close();
    throw error;
  };
  try {
    const response = next(request);
    if (!isPromise(response)) return secret.finish(response);
    return response.then((settled) => secret.finish(settled), failed);
  } catch (error) {
    return failed(error);
  }
}

/**
 * A token for a page of this request, another one each time. The client must get the response with its cookie.
 * @throws ObolError E_CSRF without the middleware, or when the head of the response has gone out
 */
export function csrfToken(request: Request): string {
  const secret = request.get(REQUEST_SECRET);
  if (secret) return secret.token();
  throw new ObolError(
    'E_CSRF',
    'A token was asked for, but csrf() has not seen the request; add it to the application: middleware: [csrf()].',
  );
}

/** The token as a hidden field, to be put into a form as it is. @throws ObolError E_CSRF as `csrfToken` */
export function csrfField(request: Request): string {
  return `<input type="hidden" name="${CSRF_FIELD}" value="${escapeHtml(csrfToken(request))}">`;
}
