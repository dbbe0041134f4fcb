/** `mount()`: a handler below a part of the path, or of a host. */
import { inspect } from 'node:util';
import type { Handler } from '../../kit.js';
import { answerBelow, checkedHandler, passOn, type Answering, type Composed } from './handlers.js';
import { Asked, parsePoint, type MountPoint, type Point } from './mount-point.js';
import { NestedTable, type HandlerLike } from './nested-table.js';

/** What `mount` gives. */
export type Mount = Composed;

/**
 * Answers what lies below a prefix with another handler, which sees the rest of the path: `request.base` is what was taken,
 * `request.path` what is left. An application keeps its own settings; what it was not given comes from the one around it.
 * A plain handler has the sessions and logins of the application around it where the mount stands behind them:
 * `features: [sessions, { middleware: [mount(...)] }]`. What lies outside is passed on by a middleware, and else 404.
 *
 * The prefix itself, without a slash at its end, is redirected to the one with it, so that relative links lead below it.
 *
 * @param point a prefix such as `/shop` or `/shops/<name>`, as text or path value, compared segment by segment; handlers find its
 * parameters in `params`. A host may stand before it, `//example.org/shop`, with a port, `//example.org:8080`, a scheme,
 * `https://example.org`, or for all names below one, `//*.example.org`; what is not named may be any
 * @throws ObolError E_PATH_TEMPLATE or E_ROUTE_FILTER for a prefix that is none, E_MOUNT for a host that is none, E_HANDLER for no
 * handler
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, middleware: [mount('/shop', shop), mount('//files.example.org', staticFiles('files'))] });
 * ```
 */
export function mount(point: Point, handler: HandlerLike): Mount {
  const inner = checkedHandler(`mount(${inspect(String(point))})`, handler);
  const where = parsePoint(point);
  const table = new NestedTable([{ handler, point: where }]);
  return Object.assign(where.prefix ? below(where, where.prefix, inner) : ofAllPaths(where, inner), {
    table,
  });
}

function ofAllPaths({ site }: MountPoint, inner: Handler): Answering {
  if (!site) return (request) => inner(request.below());
  return (request, next) => (new Asked(request).isAt(site) ? inner(request.below()) : passOn(request, next));
}

function below({ site }: MountPoint, prefix: NonNullable<MountPoint['prefix']>, inner: Handler): Answering {
  return (request, next) => {
    const taken = !site || new Asked(request).isAt(site) ? prefix.match(request.path) : undefined;
    return taken ? answerBelow(request, inner, taken) : passOn(request, next);
  };
}
