/** The tables of handlers that stand in an application: its middleware, its routes, and what stands around these. */
import { functionOf } from '../dispatch/action.js';
import type { DispatchTable } from '../dispatch/dispatch-table.js';
import type { HandlerLike } from '../message/handler-like.js';
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
    return [...tablesIn(places)].map((table) => table.toJSON() as Lists);
  } finally {
    underWay.delete(places);
  }
}

/** One list of several tables. */
export function listOf(tables: readonly Lists[], name: string): unknown[] {
  return tables.flatMap((table) => (Array.isArray(table[name]) ? (table[name] as unknown[]) : []));
}

/** Each table once, in the order in which requests come to their handlers. */
function tablesIn({ dispatch, middleware }: Places): Set<NonNullable<HandlerLike['table']>> {
  const defaults = dispatch.handlers.defaults;
  const around = [...dispatch.routes, ...defaults].flatMap((route) => [
    ...route.middleware,
    functionOf(route.action),
  ]);
  return new Set([...middleware, ...around].flatMap((handler) => tableOf(handler) ?? []));
}

function tableOf(handler: unknown): HandlerLike['table'] {
  return typeof handler === 'function' ? (handler as HandlerLike).table : undefined;
}
