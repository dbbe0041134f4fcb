/** The routes of an application: to be listed, printed, and changed while it runs. */
import { ObolError } from '../ground/errors.js';
import { normalizeMethods, type Methods } from '../routing/router.js';
import type { FilterRegistry } from '../routing/filters.js';
import type { PathParameters } from '../routing/path-types.js';
import { parseTemplate } from '../routing/template.js';
import type { DispatchTable } from '../dispatch/dispatch-table.js';
import { formatRoutes, type RouteInfo } from '../dispatch/route-info.js';
import type { Request } from '../message/request.js';

/** A plain function as the handler of a route. */
export type RouteFunction<Template extends string> = (
  request: Request,
  ...parameters: PathParameters<Template>
) => unknown;

/** All routes, in the order of declaration. */
export class Routes implements Iterable<RouteInfo> {
  readonly #table: DispatchTable;
  readonly #filters: FilterRegistry;

  constructor(table: DispatchTable, filters: FilterRegistry) {
    this.#table = table;
    this.#filters = filters;
  }

  /**
   * Adds a route while the application runs.
   * @throws ObolError E_ROUTE_DUPLICATE when the path and a method are taken; E_PATH_TEMPLATE, E_ROUTE_FILTER, E_METHOD
   */
  add<const Template extends string>(
    path: Template,
    handler: RouteFunction<Template>,
    methods: Methods = 'GET',
  ): this {
    if (typeof handler !== 'function') {
      throw new ObolError(
        'E_HANDLER',
        `The handler of "${path}" must be a function (request, ...parameters) => value.`,
      );
    }
    const list = normalizeMethods(methods);
    const taken = list.find((method) => this.#table.has(method, path));
    if (taken)
      throw new ObolError(
        'E_ROUTE_DUPLICATE',
        `${taken} ${path} is routed already. Remove that route first.`,
      );
    const source = { perRequest: false, get: () => ({ handler }) };
    const conflicts = this.#table.add({
      methods: list,
      template: parseTemplate(path, this.#filters),
      action: { name: handler.name || 'anonymous', place: '', source, property: 'handler' },
      guards: [],
      middleware: [],
    });
    const [conflict] = conflicts;
    if (!conflict) return this;
    for (const method of list) this.#table.remove(method, path);
    throw new ObolError(
      'E_ROUTE_DUPLICATE',
      `${conflict.method} ${path} matches the same paths as ${conflict.existing.path} of ${conflict.existing.name}.`,
    );
  }

  /** Removes a route from these methods. @throws ObolError E_ROUTE_MISSING when one of them has no such route */
  remove(path: string, methods: Methods = 'GET'): this {
    const list = normalizeMethods(methods);
    const missing = list.find((method) => !this.#table.has(method, path));
    if (missing)
      throw new ObolError('E_ROUTE_MISSING', `${missing} ${path} is not routed, so it cannot be removed.`);
    for (const method of list) this.#table.remove(method, path);
    return this;
  }

  /** Whether every one of the methods has a route of this very template. */
  has(path: string, methods: Methods = 'GET'): boolean {
    return normalizeMethods(methods).every((method) => this.#table.has(method, path));
  }

  [Symbol.iterator](): Iterator<RouteInfo> {
    return this.#table.list()[Symbol.iterator]();
  }

  /** The routes as plain data. */
  toJSON(): RouteInfo[] {
    return this.#table.list();
  }

  /** The routes as a table of text, one line each. */
  toString(): string {
    return formatRoutes(this.#table.list());
  }
}
