/** The tables of handlers that stand in an application: its middleware, its routes, and what stands around these. */
import { functionOf } from '../dispatch/action.js';
import type { DispatchTable } from '../dispatch/dispatch-table.js';
import type { RouteInfo } from '../dispatch/table-info.js';
import type { Middleware } from '../message/handler.js';

/** Where handlers stand in an application. */
export interface Places {
  readonly dispatch: DispatchTable;
  /** Around the whole application. */
  readonly middleware: readonly Middleware[];
}

/** What an application has in its own table, and handlers in it have in theirs. */
type Lists = Readonly<Record<string, unknown>>;

/** Those whose tables are just being read: where two applications are mounted in each other, neither is shown in itself. */
const underWay = new Set<Places>();

/** The lists of all tables in that of an application, one after the other; nothing of a table that is itself being read. */
export function nestedLists(places: Places): Lists[] {
  if (underWay.has(places)) return [];
  underWay.add(places);
  try {
    return [...tablesIn(places)].map((table) => Object(table.toJSON()) as Lists);
  } finally {
    underWay.delete(places);
  }
}

/** One list of several tables. */
export function listOf(tables: readonly Lists[], name: string): unknown[] {
  const entries = tables.flatMap(({ [name]: list }): unknown[] => (Array.isArray(list) ? list : []));
  const objects = entries.filter((entry) => typeof entry === 'object' && entry !== null);
  return name === 'routes' ? objects.map(completed) : objects;
}

/** What listings show of a route that says nothing of itself. */
const NOTHING_SAID: RouteInfo = {
  methods: [],
  path: '',
  isExpression: false,
  parameters: [],
  controller: '',
  handler: '',
  name: '',
  prefix: '',
  scope: 'application',
  place: '',
  guards: [],
  middleware: [],
  before: [],
  after: [],
};

/** The same route; what a handler of others leaves out, or says in another form, is as of one that says nothing. */
function completed(route: object): object {
  const given = route as Readonly<Record<string, unknown>>;
  const isSaid = (name: string, usual: unknown): boolean =>
    Array.isArray(usual) ? Array.isArray(given[name]) : typeof given[name] === typeof usual;
  const missing = Object.entries(NOTHING_SAID).filter(([name, usual]) => !isSaid(name, usual));
  return missing.length === 0 ? route : { ...route, ...Object.fromEntries(missing) };
}

/** What handlers have by the name of `table`, as far as it is one. */
interface Showing {
  toJSON(): unknown;
}

/** Each table once, in the order in which requests come to their handlers. */
function tablesIn({ dispatch, middleware }: Places): Set<Showing> {
  const defaults = dispatch.handlers.defaults;
  const around = [...dispatch.routes, ...defaults].flatMap((route) => [
    ...route.middleware,
    functionOf(route.action),
  ]);
  return new Set([...middleware, ...around].flatMap((handler) => tableOf(handler) ?? []));
}

/** A function of others may have something else by that name. */
function tableOf(handler: unknown): Showing | undefined {
  const table = typeof handler === 'function' ? (handler as { readonly table?: unknown }).table : undefined;
  return typeof (table as Partial<Showing> | null | undefined)?.toJSON === 'function'
    ? (table as Showing)
    : undefined;
}
