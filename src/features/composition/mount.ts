/** `mount()`: a handler below a part of the path. */
import { inspect } from 'node:util';
import {
  encodeCanonical,
  type Handler,
  type HandlerLike,
  handlerOf,
  HttpError,
  ObolError,
  parsePrefix,
  RedirectResponse,
  type Request,
  type Response,
} from '../../kit.js';

/** A path template, as text or path value. */
type Template = Parameters<typeof parsePrefix>[0];

/** A handler that answers 404 outside of its prefix, and a middleware that passes on what is outside. */
export type Mount = (request: Request, next?: Handler) => Response | Promise<Response>;

/**
 * Answers what lies below a prefix with another handler, which sees the rest of the path: `request.base` is what was taken,
 * `request.path` what is left. An application keeps its own settings; what it was not given comes from the one around it.
 * A plain handler has the sessions and logins of the application around it where the mount stands behind them:
 * `features: [sessions, { middleware: [mount(...)] }]`.
 *
 * The prefix itself, without a slash at its end, is redirected to the one with it, so that relative links lead below it.
 *
 * @param prefix such as `/shop` or `/shops/<name>`, as text or path value, compared segment by segment; handlers find its parameters in `params`
 * @throws ObolError E_PATH_TEMPLATE or E_ROUTE_FILTER for a prefix that is none, E_HANDLER for no handler
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, middleware: [mount('/shop', shop), mount('/assets', staticFiles('assets'))] });
 * ```
 */
export function mount(prefix: Template, handler: HandlerLike): Mount {
  const inner = checkedHandler(prefix, handler);
  if (String(prefix) === '/') return (request) => inner(request.below());
  const place = parsePrefix(prefix);
  return (request, next = nothing) => {
    const taken = place.match(request.path);
    if (!taken) return next(request);
    if (taken.part === request.path) return toSlash(request);
    return inner(request.below(taken.part, taken.params));
  };
}

function checkedHandler(prefix: Template, handler: HandlerLike): Handler {
  const given: unknown = handler;
  const isLike =
    typeof given === 'function' || (typeof given === 'object' && given !== null && 'handle' in given);
  if (isLike) return handlerOf(handler);
  throw new ObolError(
    'E_HANDLER',
    `mount(${inspect(String(prefix))}): ${inspect(given, { depth: 0 })} is no handler; give it an application, a folder of ` +
      'staticFiles(), or a function (request) => response.',
  );
}

function nothing(): never {
  throw new HttpError(404, 'Nothing is here');
}

/** Of 308 clients repeat method and body (RFC 9110 15.4.9). */
function toSlash({ baseUrl, path, query }: Request): Response {
  const search = query === '' ? '' : `?${query}`;
  return new RedirectResponse(`${baseUrl}${encodeCanonical(path)}/${search}`, { status: 308 });
}
