/** The routes of an application: to be listed, printed, and changed while it runs. */
import { ObolError } from '../ground/errors.js';
import type { RouteConflict } from '../dispatch/dispatch-table.js';
import { formatRoutes, routeInfo, type RouteInfo } from '../dispatch/table-info.js';
import type { Request } from '../message/request.js';
import { Expression } from '../routing/expression.js';
import { isPath, textOf, type ParametersOf, type Path, type SoundPath } from '../routing/path.js';
import type { Contract } from '../contracts/contract.js';
import { rule, type Rules } from '../ground/settings.js';
import { routeContract } from '../contracts/route-contract.js';
import { normalizeMethods, type Method, type Methods } from '../routing/router.js';
import { parseTemplate, type RoutePath } from '../routing/template.js';
import {
  functionAction,
  HANDLER_RULES,
  optionsOf,
  TableList,
  WRAPPING_RULES,
  wrappingOf,
  type HandlerOptions,
  type TableParts,
  type WrappingOptions,
} from './plain-function.js';

/** A plain function as the handler of a route; the groups of an expression are texts. */
export type RouteFunction<P extends string | RegExp | Path> = (
  request: Request,
  ...parameters: ParametersOf<P>
) => unknown;

/** What may be said of a route besides its path and its handler. */
export interface RouteOptions extends HandlerOptions, WrappingOptions {
  /** What it takes, as one object after the parameters of the path, and gives. Default none. */
  readonly contract?: Contract;
}

const ROUTE_RULES: Rules<RouteOptions> = { ...HANDLER_RULES, ...WRAPPING_RULES, contract: rule.any };

/** All routes, in the order of declaration. */
export class Routes extends TableList<RouteInfo> {
  constructor(parts: TableParts) {
    super(parts, 'routes');
  }

  /**
   * Adds a route while the application runs.
   * @param path a template, as text or path value, or an expression that the whole path must match
   * @param options the methods (default GET, which brings HEAD), or more than them
   * @throws ObolError E_ROUTE_DUPLICATE when the path and a method are taken; E_PATH_TEMPLATE, E_ROUTE_FILTER, E_METHOD,
   * E_HANDLER, E_MIDDLEWARE, or what a guard throws
   */
  add<const P extends string | RegExp | Path>(
    path: SoundPath<P>,
    handler: RouteFunction<P>,
    options: Methods | RouteOptions = {},
  ): this {
    const { dispatch, filters, container } = this.parts;
    const given = optionsOf('routes.add', options, ROUTE_RULES);
    const methods = normalizeMethods(given.methods ?? 'GET');
    const written: string | RegExp | Path = path as P;
    const action = functionAction(handler, `"${String(written)}"`, given.place ?? this);
    const template =
      typeof written === 'string' || isPath(written)
        ? parseTemplate(textOf(written, filters), filters)
        : new Expression(written);
    const bound = wrappingOf(given, { name: action.name, path: template.text, container });
    const route = { methods, template, action, contract: routeContract(given.contract), ...bound };
    const [conflict] = dispatch.add(route);
    if (!conflict) return this;
    dispatch.withdraw(route);
    throw new ObolError('E_ROUTE_DUPLICATE', `${takenAlready(conflict, template)}. Remove that route first.`);
  }

  /** Removes a route from these methods. @throws ObolError E_ROUTE_MISSING when one of them has no such route */
  remove(path: string | RegExp | Path, methods: Methods = 'GET'): this {
    const { dispatch } = this.parts;
    const named = normalizeMethods(methods).filter((method) => {
      // The HEAD that comes with GET goes with it; a HEAD route of its own must be named.
      if (method !== 'HEAD') return true;
      return methods.includes('HEAD') && (dispatch.has('HEAD', path) || !methods.includes('GET'));
    });
    const missing = named.find((method) => !dispatch.has(method, path));
    if (missing)
      throw new ObolError(
        'E_ROUTE_MISSING',
        `${missing} ${String(path)} is not routed, so it cannot be removed.`,
      );
    dispatch.remove(named, path);
    return this;
  }

  /** Whether every one of the methods has a route of this very template or expression; HEAD comes with GET. */
  has(path: string | RegExp | Path, methods: Methods = 'GET'): boolean {
    const { dispatch } = this.parts;
    const isThere = (method: Method): boolean =>
      dispatch.has(method, path) || (method === 'HEAD' && dispatch.has('GET', path));
    return normalizeMethods(methods).every(isThere);
  }

  get own(): RouteInfo[] {
    const { dispatch } = this.parts;
    return dispatch.routes.map((route) => routeInfo(route, dispatch));
  }

  /** The routes as a table of text, one line each. */
  override toString(): string {
    return formatRoutes(this.toJSON());
  }
}

/** Which route has a method and a path already, in words. */
export function takenAlready({ method, existing }: RouteConflict, { text }: RoutePath): string {
  const { place } = existing.definition.action;
  const same = text === existing.path ? 'is routed' : `matches the same paths as "${existing.path}", routed`;
  return `${method} "${text}" ${same} already by ${existing.name}${place && ` (${place})`}`;
}
