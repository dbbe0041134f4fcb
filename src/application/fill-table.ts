/** Fills the dispatch table with what controllers bring: routes, hooks, state, error and default handlers. */
import { ERROR, STATE } from '../decorators/error-handling.js';
import { AFTER, BEFORE, DEFAULT } from '../decorators/hooks.js';
import { bindAction, type Action, type ControllerSource } from '../dispatch/action.js';
import { DispatchTable } from '../dispatch/dispatch-table.js';
import type { Wrapping } from '../dispatch/invoke.js';
import { defaultHandler, type Scope } from '../dispatch/scope.js';
import type { Handler } from '../message/handler.js';
import { Expression } from '../routing/expression.js';
import { adapted } from './adapted.js';
import { orReport, type Report } from './report.js';
import type { Container } from './container.js';
import { bindGuard, bindLayer } from './plain-function.js';
import { takenAlready } from './routes.js';
import type { ScannedController, ScannedMember } from './scan.js';

/** A controller that has been read. */
interface Examined {
  readonly scanned: ScannedController;
  /** Undefined when it cannot be made. */
  readonly source: ControllerSource | undefined;
}

/** What is at hand while members are bound to what they need. */
interface Binding {
  readonly container: Container;
  readonly report: Report;
}

/** Stands for the controllers of an application that is not to be. */
const NOTHING: ControllerSource = { perRequest: true, get: () => ({}) };

/** A member and what it is bound to. */
interface Bound {
  readonly member: ScannedMember;
  readonly action: Action;
}

/**
 * The table of all that can be made of the controllers; what is mistaken is reported.
 * @param files the document root
 */
export function buildTable(
  examined: readonly Examined[],
  binding: Binding,
  files: Handler | undefined,
): DispatchTable {
  const { isAbandoned } = binding.container;
  const members = examined.flatMap(({ scanned, source }) =>
    scanned.members.map((member) => ({
      member,
      action: actionOf(member, isAbandoned || !source ? NOTHING : source),
    })),
  );
  const table = new DispatchTable(files);
  const formats = examined.flatMap(({ scanned: { prefix, errorFormat: format } }) =>
    prefix && format ? [{ prefix, format }] : [],
  );
  table.handlers = { ...handlersOf(members, binding), formats };
  for (const bound of members) addRoute(table, bound, binding);
  return table;
}

function actionOf({ name, place, record, target, adapt }: ScannedMember, source: ControllerSource): Action {
  const { property } = record;
  return { name, place, source: adapt ? adapted(source, property, adapt) : source, property, target };
}

function addRoute(table: DispatchTable, { member, action }: Bound, binding: Binding): void {
  const { template, methods, prefix, skipped = 0, contract } = member;
  if (!template) return;
  const wrapping = wrappingOf(member, template.text, binding);
  const where = { member: member.name, place: member.place };
  const conflicts = orReport(
    () => table.add({ methods, template, prefix, skipped, action, contract, ...wrapping }),
    binding.report,
    where,
  );
  for (const conflict of conflicts ?? []) {
    const message = `${takenAlready(conflict, template)}. Change one of the two paths or methods.`;
    binding.report({ code: 'E_ROUTE_DUPLICATE', message, ...where });
  }
}

/** Puts the guards and layers of a member together; what they throw is a mistake of the application. */
function wrappingOf(member: ScannedMember, path: string, { container, report }: Binding): Wrapping {
  const { name, place, middleware, body, errorFormat } = member;
  const at = { name, path, container };
  const bound = <S, B>(sources: readonly S[], bind: (source: S, where: typeof at) => B): B[] =>
    sources.flatMap((source) => orReport(() => bind(source, at), report, { member: name, place }) ?? []);
  const guards = bound(member.guards, bindGuard);
  return { guards, layers: bound(member.layers, bindLayer), middleware, body, errorFormat };
}

/** Handlers by kind, in the order of declaration. */
type Handlers = { -readonly [K in keyof Scope]: Scope[K][number][] };

function handlersOf(members: readonly Bound[], binding: Binding): Scope {
  const handlers: Handlers = { before: [], after: [], states: [], errors: [], defaults: [], formats: [] };
  for (const bound of members) addHandler(handlers, bound, binding);
  return handlers;
}

function addHandler(handlers: Handlers, { member, action }: Bound, binding: Binding): void {
  const { record, methods, prefix } = member;
  const scoped = { action, prefix };
  if (BEFORE.owns(record)) handlers.before.push({ ...scoped, call: bindAction(action) });
  if (AFTER.owns(record)) handlers.after.push({ ...scoped, call: bindAction(action) });
  if (STATE.owns(record))
    handlers.states.push({ ...scoped, key: record.value.status, methods, call: bindAction(action) });
  if (ERROR.owns(record))
    handlers.errors.push({ ...scoped, key: record.value.errorClass, methods, call: bindAction(action) });
  if (DEFAULT.owns(record))
    handlers.defaults.push(defaultHandler({ ...scoped, methods, ...wrappingOf(member, '/*', binding) }));
}

/** One line for each route by an expression that can match no path. */
export function warnOfUnreached(table: DispatchTable, warn: (line: string) => void): void {
  for (const { template, action } of table.routes) {
    const missed = template instanceof Expression ? template.misses : undefined;
    if (missed === undefined) continue;
    warn(
      `${template.text} (${action.name}) matches no path: an expression is held against the whole path, prefix and all, ` +
        `which begins with "${missed}" here.`,
    );
  }
}

/** One line for each pair of routes where only the order of declaration decides. */
export function warnOfOverlaps(table: DispatchTable, warn: (line: string) => void): void {
  for (const { first, second, witness } of table.overlaps()) {
    warn(
      `${first.method} ${witness} matches "${first.template.text}" (${first.value.name}) and ` +
        `"${second.template.text}" (${second.value.name}); the first takes it because it was declared first.`,
    );
  }
}
