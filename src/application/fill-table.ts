/** Fills the dispatch table with what controllers bring: routes, hooks, state, error and default handlers. */
import { ObolError, type Problem } from '../ground/errors.js';
import { ERROR, STATE } from '../decorators/error-handling.js';
import { AFTER, BEFORE, DEFAULT } from '../decorators/hooks.js';
import type { GuardSetup } from '../message/guard.js';
import type { Method } from '../routing/router.js';
import { Prefix } from '../routing/prefix.js';
import { bindAction, type Action, type Call, type ControllerSource } from '../dispatch/action.js';
import { DispatchTable, type RouteDefinition, type TableOptions } from '../dispatch/dispatch-table.js';
import { compileRoute } from '../dispatch/invoke.js';
import type { ScopeEntry } from '../dispatch/scope.js';
import type { Container } from './container.js';
import type { ScannedController, ScannedMember } from './scan.js';

/** A controller that has been read. */
interface Examined {
  readonly scanned: ScannedController;
  /** Undefined when it cannot be made. */
  readonly source: ControllerSource | undefined;
}

type Ready = Examined & { readonly source: ControllerSource };

/** What is at hand while members are bound to what they need. */
interface Binding {
  readonly container: Container;
  readonly report: (problem: Problem) => void;
}

/** The table of all that can be made of the controllers; what is mistaken is reported. */
export function buildTable(
  examined: readonly Examined[],
  binding: Binding,
  options: TableOptions,
): DispatchTable {
  const controllers = examined.filter((item): item is Ready => item.source !== undefined);
  const table = new DispatchTable(
    controllers.map((item) => scopeOf(item, binding)),
    options,
  );
  for (const { scanned, source } of controllers) {
    const prefixParameters = scanned.prefix?.parameters.length ?? 0;
    for (const member of scanned.members) addRoute(table, member, { source, binding, prefixParameters });
  }
  return table;
}

function addRoute(
  table: DispatchTable,
  member: ScannedMember,
  {
    source,
    binding,
    prefixParameters,
  }: { source: ControllerSource; binding: Binding; prefixParameters: number },
): void {
  const { template } = member;
  if (!template) return;
  const conflicts = table.add({
    methods: member.methods,
    template,
    prefixParameters,
    action: actionOf(member, source),
    guards: bindGuards(member, template.text, binding),
    middleware: member.middleware,
    body: member.body,
  });
  for (const { method, existing } of conflicts) {
    const other = { path: existing.path, name: existing.name, place: existing.definition.action.place };
    binding.report(duplicate(method, member, other));
  }
}

/** Puts the guards of a member together; what they throw is a mistake of the application. */
function bindGuards(
  member: ScannedMember,
  path: string,
  { container, report }: Binding,
): RouteDefinition['guards'] {
  const setup: GuardSetup = {
    name: member.name,
    path,
    resolve: (token) => container.resolve(token),
    tryResolve: (token) => container.tryResolve(token),
  };
  return member.guards.map(({ name, bind }) => {
    try {
      return { name, check: bind(setup) };
    } catch (error) {
      const message = `The guard @${name} could not be put together: ${error instanceof Error ? error.message : String(error)}`;
      const code = error instanceof ObolError ? error.code : 'E_DEPENDENCY';
      report({ code, message, member: member.name, place: member.place });
      return { name, check: () => undefined };
    }
  });
}

/** The same comparison by text alone, for an application that cannot be built. */
export function findDuplicates(
  controllers: readonly ScannedController[],
  report: (problem: Problem) => void,
): void {
  const seen = new Map<string, { path: string; name: string; place: string }>();
  for (const member of controllers.flatMap((controller) => controller.members)) {
    if (!member.template) continue;
    const path = member.template.text;
    for (const method of member.methods.filter((item) => item !== 'HEAD')) {
      const key = `${method} ${path}`;
      const other = seen.get(key);
      if (other) report(duplicate(method, member, other));
      else seen.set(key, { path, name: member.name, place: member.place });
    }
  }
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

function actionOf({ name, place, record, target }: ScannedMember, source: ControllerSource): Action {
  return { name, place, source, property: record.property, target };
}

/** What a controller brings besides routes. */
function scopeOf({ scanned, source }: Ready, binding: Binding): ScopeEntry {
  const named = (member: ScannedMember): { name: string; place: string } => ({
    name: member.name,
    place: member.place,
  });
  const call = <Rest extends [] | [unknown]>(member: ScannedMember): Call<Rest> =>
    bindAction(actionOf(member, source));
  const entry = {
    prefix: scanned.prefix && new Prefix(scanned.prefix),
    before: [] as ScopeEntry['before'][number][],
    after: [] as ScopeEntry['after'][number][],
    states: [] as ScopeEntry['states'][number][],
    errors: [] as ScopeEntry['errors'][number][],
    defaults: [] as ScopeEntry['defaults'][number][],
  };
  for (const member of scanned.members) {
    const { record, methods } = member;
    if (BEFORE.owns(record)) entry.before.push({ ...named(member), call: call(member) });
    if (AFTER.owns(record)) entry.after.push({ ...named(member), call: call(member) });
    if (STATE.owns(record))
      entry.states.push({ ...named(member), status: record.value.status, methods, call: call(member) });
    if (ERROR.owns(record)) {
      entry.errors.push({
        ...named(member),
        errorClass: record.value.errorClass,
        methods,
        call: call(member),
      });
    }
    if (DEFAULT.owns(record)) {
      const guards = bindGuards(member, '/*', binding).map(({ check }) => check);
      const parts = {
        name: member.name,
        call: call<[]>(member),
        guards,
        middleware: member.middleware,
        body: member.body,
      };
      entry.defaults.push({ ...named(member), methods, answer: compileRoute(parts) });
    }
  }
  return entry;
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
