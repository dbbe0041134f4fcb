/** What an application says of a route: plain data, the same for printing, debugging and documents. */
import type { Class } from '../metadata/class.js';
import type { Method } from '../routing/router.js';

/** One parameter of a path. */
export interface ParameterInfo {
  readonly name: string;
  /** As written after the colon: `int`, `re:[a-z]+`; `''` for any text. */
  readonly filter: string;
}

/** One route. */
export interface RouteInfo {
  /** The methods it answers, HEAD among them where GET is. */
  readonly methods: readonly Method[];
  /** The whole path template, prefix included. */
  readonly path: string;
  readonly parameters: readonly ParameterInfo[];
  /** Name of the controller; `''` for a plain function. */
  readonly controller: string;
  /** Name of the method or function. */
  readonly handler: string;
  /** `Controller.method`. */
  readonly name: string;
  readonly guards: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Number of middleware around this route alone. */
  readonly middleware: number;
  /** Whether the controller lives as long as the application or one request. */
  readonly scope: 'application' | 'request';
  /** `file:line:column` of the decorator; `''` when unknown. */
  readonly place: string;
  /** The class itself and the key of the method, for `MetadataKey.of(route)`; undefined for a plain function. */
  readonly target?: Class;
  readonly property?: string | symbol;
}

/** The routes as an aligned table, one line each. */
export function formatRoutes(routes: readonly RouteInfo[]): string {
  const rows = routes.map((route) => [
    route.methods.filter((method) => method !== 'HEAD' || !route.methods.includes('GET')).join(','),
    route.path,
    [route.name, ...route.guards.map((guard) => `@${guard}`)].join(' '),
  ]);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
