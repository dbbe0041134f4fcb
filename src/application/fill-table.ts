/** Fills the dispatch table with what controllers bring: routes, hooks, state, error and default handlers. */
import type { Problem } from '../ground/errors.js';
import { ERROR, STATE } from '../decorators/error-handling.js';
import { AFTER, BEFORE, DEFAULT } from '../decorators/hooks.js';
import { bindAction, type Action, type ControllerSource } from '../dispatch/action.js';
import { DispatchTable, type TableOptions } from '../dispatch/dispatch-table.js';
import type { Wrapping } from '../dispatch/invoke.js';
import { defaultHandler, type Scope } from '../dispatch/scope.js';
import type { Method } from '../routing/router.js';
import { attempt, type Report } from './attempt.js';
import type { Container } from './container.js';
import { bindGuard, guardSetup } from './plain-function.js';
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

/** The table of all that can be made of the controllers; what is mistaken is reported. */
export function buildTable(
  examined: readonly Examined[],
  binding: Binding,
  options: TableOptions,
): DispatchTable {
  const { isAbandoned } = binding.container;
  const members = examined.flatMap(({ scanned, source }) =>
    scanned.members.map((member) => ({
      member,
      action: actionOf(member, isAbandoned || !source ? NOTHING : source),
    })),
  );
  const table = new DispatchTable(options);
  table.handlers = handlersOf(members, binding);
  for (const bound of members) addRoute(table, bound, binding);
  return table;
}

function actionOf({ name, place, record, target }: ScannedMember, source: ControllerSource): Action {
  return { name, place, source, property: record.property, target };
}

function addRoute(table: DispatchTable, { member, action }: Bound, binding: Binding): void {
  const { template, methods, prefix } = member;
  if (!template) return;
  const wrapping = wrappingOf(member, template.text, binding);
  for (const { method, existing } of table.add({ methods, template, prefix, action, ...wrapping })) {
    const other = { path: existing.path, name: existing.name, place: existing.definition.action.place };
    binding.report(duplicate(method, member, other));
  }
}

/** Puts the guards of a member together; what they throw is a mistake of the application. */
function wrappingOf(member: ScannedMember, path: string, { container, report }: Binding): Wrapping {
  const { name, place, middleware, body } = member;
  const setup = guardSetup(name, path, container);
  const guards = member.guards.flatMap(
    (source) => attempt(() => bindGuard(source, setup), report, { member: name, place }) ?? [],
  );
  return { guards, middleware, body };
}

/** Handlers by kind, in the order of declaration. */
type Handlers = { -readonly [K in keyof Scope]: Scope[K][number][] };

function handlersOf(members: readonly Bound[], binding: Binding): Scope {
  const handlers: Handlers = { before: [], after: [], states: [], errors: [], defaults: [] };
  for (const bound of members) addHandler(handlers, bound, binding);
  return handlers;
}

function addHandler(handlers: Handlers, { member, action }: Bound, binding: Binding): void {
  const { record, methods, prefix } = member;
  const scoped = { action, prefix };
  if (BEFORE.owns(record)) handlers.before.push({ ...scoped, call: bindAction(action) });
  if (AFTER.owns(record)) handlers.after.push({ ...scoped, call: bindAction(action) });
  if (STATE.owns(record))
    handlers.states.push({ ...scoped, status: record.value.status, methods, call: bindAction(action) });
  if (ERROR.owns(record)) {
    const { errorClass } = record.value;
    handlers.errors.push({ ...scoped, errorClass, methods, call: bindAction(action) });
  }
  if (DEFAULT.owns(record))
    handlers.defaults.push(defaultHandler({ ...scoped, methods, ...wrappingOf(member, '/*', binding) }));
}

function duplicate(
  method: Method,
  member: ScannedMember,
  other: { readonly path: string; readonly name: string; readonly place: string },
): Problem {
  const path = member.template?.text ?? '';
  const same = path === other.path ? 'is routed' : `matches the same paths as "${other.path}", routed`;
  const message = `${method} "${path}" ${same} already by ${other.name} (${other.place}). Change one of the two paths or methods.`;
  return { code: 'E_ROUTE_DUPLICATE', message, member: member.name, place: member.place };
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
