/** The table of paths that a browser needs, made from the routes of an application. */
import { isEach, returnsOf, type Contract } from '../contracts/contract.js';
import type { RouteInfo } from '../dispatch/table-info.js';
import { isSchema } from '../schema/standard-schema.js';
import type { ClientRoute, ClientRoutes } from './routes.js';

/** What of a route its table is made of. */
export type TabledRoute = Pick<
  RouteInfo,
  'methods' | 'path' | 'isExpression' | 'controller' | 'handler' | 'target' | 'contract'
>;

/** The statuses of a schema that stands alone. */
const SUCCESSES = [200, 201, 202, 203, 204, 205, 206];

/**
 * The text of a module, JavaScript and TypeScript alike, that exports `routes`: the paths of each controller by its methods.
 * @param routes those of an application: `app.routes`
 *
 * @example
 * ```ts
 * writeFileSync('public/routes.js', clientRoutes(app.routes));
 * // in the browser: client<typeof IssuesController>('/', { routes: routes.IssuesController })
 * ```
 */
export function clientRoutes(routes: Iterable<TabledRoute>): string {
  const lines = Object.entries(routesByController(routes)).map(([controller, methods]) => {
    const members = Object.entries(methods).map(
      ([method, list]) => `    ${keyOf(method)}: ${JSON.stringify(list)},\n`,
    );
    return `  ${keyOf(controller)}: {\n${members.join('')}  },\n`;
  });
  return `/** The paths of each controller, for its client: written by "obol routes --client". */\nexport const routes = {\n${lines.join('')}};\n`;
}

/** As an object of JavaScript has it, where `__proto__` alone is something else. */
function keyOf(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : JSON.stringify(name);
}

/**
 * The routes of each controller, those of expressions left out, which give no path. Another class of the same name has a number
 * behind it.
 */
export function routesByController(routes: Iterable<TabledRoute>): Record<string, ClientRoutes> {
  const names = new Map<object, string>();
  const table = new Map<string, Map<string, ClientRoute[]>>();
  for (const route of routes) {
    if (route.target === undefined || route.isExpression) continue;
    const name = names.get(route.target) ?? freeName(route.controller, table);
    names.set(route.target, name);
    const methods = table.get(name) ?? new Map<string, ClientRoute[]>();
    table.set(name, methods);
    const { methods: answered, path, contract } = route;
    const entry = clientRoute(answered, path, contract?.contract);
    methods.set(route.handler, [...(methods.get(route.handler) ?? []), entry]);
  }
  return Object.fromEntries([...table].map(([name, methods]) => [name, Object.fromEntries(methods)]));
}

/** A route as a client knows it. @param methods of which a client uses the first */
export function clientRoute(
  methods: readonly string[],
  path: string,
  contract: Contract | undefined,
): ClientRoute {
  const method = methods.find((each) => each !== 'HEAD') ?? 'HEAD';
  const [bodyType] = contract?.bodyTypes ?? [];
  return { method, path, ...(bodyType !== undefined && { bodyType }), ...(contract && statusesOf(contract)) };
}

function statusesOf(contract: Contract): Pick<ClientRoute, 'statuses' | 'each'> {
  const { returns } = contract;
  const entries = returnsOf(contract);
  if (entries === undefined) return {};
  const isAlone = returns === null || isSchema(returns) || isEach(returns);
  const statuses = isAlone ? SUCCESSES : [...entries.keys()];
  const each = isAlone
    ? isEach(returns)
      ? SUCCESSES
      : []
    : statuses.filter((status) => isEach(entries.get(status)));
  return { statuses, ...(each.length > 0 && { each }) };
}

function freeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}${String(number)}`;
  return free;
}
