/** `csrf()`: middleware that refuses what pages of other sites make a browser send. */
import {
  andThen,
  attempt,
  escapeHtml,
  ObolError,
  type Handler,
  type Middleware,
  type Request,
  type Response,
} from '../../kit.js';
import { isSafe, judge } from './judge.js';
import { planOf, type CsrfOptions, type CsrfPlan } from './options.js';
import { CsrfRefused } from './refusal.js';
import { REQUEST_SECRET, RequestSecret, Secrets } from './request-secret.js';
import { CSRF_FIELD, sentToken } from './sent-token.js';

/**
 * Refuses requests of other sites with 403, unless their method is GET, HEAD, OPTIONS or TRACE, which must change nothing.
 *
 * Browsers say where a request comes from: `Sec-Fetch-Site` decides where it is there, else `Origin`, which must be that
 * of this server or one of `trustedOrigins`. Pages need nothing for that. A client that says neither needs a token if it
 * sends a cookie or a password: in the header `X-CSRF-Token`, or in the field `_csrf` of a form of at most 1 MiB.
 * Without either it could only do what any client can, and passes; its login, for one, is not protected.
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, middleware: [csrf()] });
 * ```
 * @throws ObolError E_SETTING for a wrong option
 */
export function csrf(options: CsrfOptions = {}): Middleware {
  const plan = planOf(options);
  const secrets = new Secrets(plan);
  return (request, next) => {
    const secret = secrets.of(request);
    return afterCheck(request, secret, { plan, next: (admitted) => answer(admitted, secret, next) });
  };
}

/**
 * The same for a part of an application: tokens are those of the application, where it gives some. Where the options do not name
 * the origins of the server, only the address counts that the connection has reached, whatever the client says.
 * @param readToken where the body has a token, besides the header and the field of a form
 */
export function csrfWithin(options: CsrfOptions, readToken: typeof sentToken): Middleware {
  const plan = planOf(options, ({ peer }, origin) => peer.isAddressOfServer(origin));
  const secrets = new Secrets(plan);
  const readSent = (request: Request): ReturnType<typeof sentToken> =>
    andThen(sentToken(request), (token) => token ?? readToken(request));
  return (request, next) => {
    const known = request.get(REQUEST_SECRET);
    const secret = known ?? secrets.of(request);
    const goOn: Handler = known ? next : (admitted) => answer(admitted, secret, next);
    return afterCheck(request, secret, { plan, next: goOn, readToken: readSent });
  };
}

interface Checked extends Pick<CheckOptions, 'readToken'> {
  readonly plan: CsrfPlan;
  readonly next: Handler;
}

/** Answers by `next` what may be asked for. */
function afterCheck(
  request: Request,
  secret: RequestSecret,
  { plan, next, readToken }: Checked,
): Response | Promise<Response> {
  const isExempt = isSafe(request.method) || plan.except(request);
  const checking = isExempt ? undefined : check(request, secret, { plan, readToken });
  return checking ? checking.then(() => next(request)) : next(request);
}

/**
 * Gives pages tokens and refuses nothing: for features that look at their own forms with {@link assertGenuine}. Where
 * `csrf()` has seen the request, that is enough.
 * @throws ObolError E_SETTING for a wrong option
 */
export function csrfTokens(options: CsrfOptions = {}): Middleware {
  const secrets = new Secrets(planOf(options));
  return (request, next) =>
    request.get(REQUEST_SECRET) ? next(request) : answer(request, secrets.of(request), next);
}

/**
 * Looks at a form that has been read already. A client that reports no origin needs a token, whatever else it sends, so that no
 * user is logged in as another.
 * @throws CsrfRefused, also as a rejection @throws ObolError E_CSRF as `csrfToken`
 */
export function assertGenuine(request: Request, token: string | undefined): Promise<void> | undefined {
  // A controller that is called alone gets what the test wrote, which needs no token.
  const hasCredentials = (): boolean => token !== undefined || !request.settings.isolation;
  const secret = secretOf(request);
  return check(request, secret, { plan: { ...secret.plan, hasCredentials }, readToken: () => token });
}

/** Whether a token is one that a page of this client got. @throws ObolError E_CSRF as `csrfToken` */
export async function acceptsToken(request: Request, token: string | undefined): Promise<boolean> {
  return token !== undefined && (await secretOf(request).accepts(token));
}

interface CheckOptions {
  readonly plan: CsrfPlan;
  readonly readToken?: typeof sentToken | undefined;
}

/** @returns undefined when there is nothing to wait for @throws CsrfRefused */
function check(
  request: Request,
  secret: RequestSecret,
  { plan, readToken = sentToken }: CheckOptions,
): Promise<void> | undefined {
  const verdict = judge(request, plan);
  if (verdict === 'pass') return undefined;
  if (verdict === 'token') return checkToken(request, secret, readToken);
  throw new CsrfRefused(verdict, request, plan);
}

async function checkToken(
  request: Request,
  secret: RequestSecret,
  readToken: typeof sentToken,
): Promise<void> {
  const options = { debug: secret.plan.debug, headers: secret.refusalHeaders };
  const token = await readToken(request);
  if (token === undefined) throw new CsrfRefused('token-missing', request, options);
  if (!(await secret.accepts(token))) throw new CsrfRefused('token-wrong', request, options);
}

function answer(request: Request, secret: RequestSecret, next: Handler): Response | Promise<Response> {
  secret.admit();
  const failed = (error: unknown): never => {
    secret.close();
    throw error;
  };
  return attempt(() => andThen(next(request), (response) => secret.finish(response, request)), failed);
}

/**
 * A token for a page of this request, another one each time. The client must get the response with its cookie.
 * @throws ObolError E_CSRF without the middleware, or when the head of the response has gone out
 */
export function csrfToken(request: Request): string {
  return secretOf(request).token();
}

function secretOf(request: Request): RequestSecret {
  const secret = request.get(REQUEST_SECRET) ?? isolatedSecret(request);
  if (secret) return secret;
  throw new ObolError(
    'E_CSRF',
    'A token was asked for, but csrf() has not seen the request; add it to the application: middleware: [csrf()].',
  );
}

let isolatedPlan: CsrfPlan | undefined;

/** Where a test calls a controller alone, all requests are of one session, so that the form of one page is good in the next. */
function isolatedSecret(request: Request): RequestSecret | undefined {
  if (!request.settings.isolation) return undefined;
  isolatedPlan ??= planOf({ secretOf: () => 'isolated' });
  const secret = new RequestSecret(isolatedPlan, request);
  request.set(REQUEST_SECRET, secret);
  return secret;
}

/** The token as a hidden field, to be put into a form as it is. @throws ObolError E_CSRF as `csrfToken` */
export function csrfField(request: Request): string {
  return `<input type="hidden" name="${CSRF_FIELD}" value="${escapeHtml(csrfToken(request))}">`;
}
