/** `cors()`: which pages of other origins may read what an application answers. */
import {
  andThen,
  type Feature,
  type Handler,
  type Headers,
  type Middleware,
  NoContentResponse,
  type Request,
  Response,
  withHeaders,
} from '../../kit.js';
import { FIELD_NAME, planOf, type CorsOptions, type CorsPlan, type Fields } from './options.js';

/** What goes into `features`. */
export interface CorsFeature extends Feature {
  /** One middleware, for handlers that are no application; errors of what is inside must be responses there. */
  readonly outermost: readonly [Middleware];
}

const ALLOWED_ORIGIN = 'Access-Control-Allow-Origin';

/**
 * The CORS protocol (https://fetch.spec.whatwg.org/#http-cors-protocol): lets scripts of other origins read answers, refusals
 * and errors among them. Preflights are answered before any middleware, guard or route sees them, whatever the path is; 403
 * for origins that may not. A response that has an Access-Control-Allow-Origin of its own stays as it is.
 *
 * It protects nothing: what is not allowed here is done all the same, and only not read. `csrf()` refuses what must not be done.
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, features: [cors({ origins: ['https://shop.example.com'] })] });
 * ```
 * @throws ObolError E_SETTING for a wrong option
 */
export function cors(options: CorsOptions): CorsFeature {
  const plan = planOf(options);
  const layer: Middleware = (request, next) =>
    andThen(plan.origins.allowedBy(request), (origin) =>
      isPreflight(request) ? preflight(request, origin, plan) : answer(request, next, { origin, plan }),
    );
  // Of two, one would answer the preflights and both the rest.
  return { outermost: [layer], providers: [{ provide: 'cors()', useValue: options }] };
}

function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method');
}

function preflight(request: Request, origin: string | undefined, plan: CorsPlan): Response {
  const response = origin === undefined ? refused() : new NoContentResponse();
  const { headers } = response;
  allow(headers, { origin, plan, fields: plan.preflight });
  if (origin === undefined || !plan.reflectsHeaders) return response;
  const asked = fieldNames(request.headers.get('access-control-request-headers') ?? '');
  if (asked.length > 0) headers.set('Access-Control-Allow-Headers', asked.join(', '));
  headers.appendToList('Vary', 'Access-Control-Request-Headers');
  return response;
}

/** For the console of the browser: no script sees it. */
function refused(): Response {
  const text = '403 Pages of this origin may not read what is answered here\n';
  return new Response(text, { status: 403, contentType: 'text/plain; charset=utf-8' });
}

/** Those of a list that are names; of all else nothing comes back. */
function fieldNames(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => FIELD_NAME.test(name));
}

interface Grant {
  /** The value of Access-Control-Allow-Origin; undefined for none. */
  readonly origin: string | undefined;
  readonly plan: CorsPlan;
}

function answer(request: Request, next: Handler, { origin, plan }: Grant): Response | Promise<Response> {
  return withHeaders(request, next, (headers) => {
    if (!headers.has(ALLOWED_ORIGIN)) allow(headers, { origin, plan, fields: plan.answer });
  });
}

function allow(headers: Headers, { origin, plan, fields }: Grant & { readonly fields: Fields }): void {
  if (origin !== undefined) {
    headers.set(ALLOWED_ORIGIN, origin);
    for (const [name, value] of fields) headers.set(name, value);
  }
  if (plan.origins.differ) headers.appendToList('Vary', 'Origin');
}
