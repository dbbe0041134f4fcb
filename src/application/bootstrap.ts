/** Puts an application together from annotated controllers, or says everything that is wrong with them. */
import { ConfigurationError, ObolError, type Problem } from '../ground/errors.js';
import { oneLine } from '../ground/logger.js';
import type { GuardSetup } from '../message/guard.js';
import type { Handler } from '../message/handler.js';
import type { Method } from '../routing/router.js';
import { FilterRegistry, type PathFilterOptions } from '../routing/filters.js';
import { Prefix } from '../routing/prefix.js';
import { bindAction, type Action, type Call, type ControllerSource } from '../dispatch/action.js';
import { DispatchTable, type RouteDefinition } from '../dispatch/dispatch-table.js';
import { compileRoute } from '../dispatch/invoke.js';
import type { ScopeEntry } from '../dispatch/scope.js';
import { bindFilters } from '../dispatch/url-for.js';
import { Application, type Listen } from './application.js';
import { Container } from './container.js';
import { startAll } from './feature.js';
import { findControllers } from './find-controllers.js';
import {
  contributions,
  parentContainer,
  readSettings,
  type AnyPathFilter,
  type BootstrapOptions,
} from './options.js';
import { Routes } from './routes.js';
import { scanController, type ScannedController, type ScannedMember } from './scan.js';

/** A controller that has been read and can be made. */
interface Ready {
  readonly scanned: ScannedController;
  readonly source: ControllerSource;
}

/** What the host does for an application, which knows neither sockets nor files. */
export interface Hosting<ListenOptions> {
  readonly listen: Listen<ListenOptions>;
  /** A handler of the files in a folder. @throws ObolError when it is none */
  readonly openDocumentRoot?: (root: string, options: { readonly listing: boolean }) => Handler;
}

/**
 * Scans controllers, checks everything, builds the singletons and compiles the dispatch table.
 * @throws ConfigurationError with all mistakes found
 */
export async function assemble<ListenOptions>(
  options: BootstrapOptions,
  { listen, openDocumentRoot }: Hosting<ListenOptions>,
): Promise<Application<ListenOptions>> {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const hostSettings = readSettings(options, report);
  const { logger } = hostSettings;
  const filters = registerFilters(options.filters ?? {}, report);
  const files = attempt(() => openFiles(options, openDocumentRoot), report);
  const { middleware, ...given } = contributions(options);
  const container = new Container({ parent: parentContainer(options), ...given, logger });
  const classes = await findControllers(options.controllers, report);
  const scanned = classes.map((controller) => scanController(controller, filters, report)).filter(isDefined);
  const ready = scanned.map((item) => ({
    scanned: item,
    source: container.add(item.controller, item.name, item.place),
  }));
  if (problems.length + container.problems.length === 0) container.build();
  if (problems.length + container.problems.length > 0) {
    // Routes are compared all the same, so that one run tells every mistake; nothing is built for it.
    findDuplicates(scanned, report);
    await giveUp(new ConfigurationError([...problems, ...container.problems]), container);
  }
  const controllers = ready.filter((item): item is Ready => item.source !== undefined);
  const binding: Binding = { container, report };
  const scopes = controllers.map((item) => scopeOf(item, binding));
  const table = new DispatchTable(scopes, { logger, debug: options.debug ?? false, files });
  fillTable(table, controllers, binding);
  if (problems.length > 0) await giveUp(new ConfigurationError(problems), container);
  for (const { scanned: item } of controllers) bindFilters(item.controller, filters);
  warnOfOverlaps(table, (line) => {
    logger.warn(oneLine(line));
  });
  const routes = new Routes(table, filters);
  const { features = [] } = options;
  await startAll(features, { logger }).catch((error: unknown) => giveUp(error, container));
  return new Application({
    handler: table.handle,
    recover: table.recover,
    middleware,
    features,
    routes,
    container,
    hostSettings,
    listen,
  });
}

/** Disposes what was built already, since nobody will ever close an application that does not come to be. */
async function giveUp(failure: unknown, container: Container): Promise<never> {
  await container.dispose().catch((error: unknown) => {
    if (failure instanceof ConfigurationError) failure.cause = error;
  });
  throw failure;
}

function openFiles(
  { documentRoot, documentIndex: listing = false }: BootstrapOptions,
  open: Hosting<unknown>['openDocumentRoot'],
): Handler | undefined {
  return documentRoot === undefined ? undefined : open?.(documentRoot, { listing });
}

function registerFilters(
  own: Readonly<Record<string, AnyPathFilter>>,
  report: (problem: Problem) => void,
): FilterRegistry {
  const filters = new FilterRegistry();
  for (const [name, filter] of Object.entries(own)) {
    attempt(() => {
      filters.add(name, filter as PathFilterOptions<unknown>);
    }, report);
  }
  return filters;
}

/** A developer's mistake is reported with all the others. */
function attempt<T>(step: () => T, report: (problem: Problem) => void): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof ObolError)) throw error;
    report({ code: error.code, message: error.message });
    return undefined;
  }
}

/** What is at hand while members are bound to what they need. */
interface Binding {
  readonly container: Container;
  readonly report: (problem: Problem) => void;
}

function fillTable(table: DispatchTable, controllers: readonly Ready[], binding: Binding): void {
  for (const { scanned, source } of controllers) {
    const prefixParameters = scanned.prefix?.parameters.length ?? 0;
    for (const member of scanned.members) addRoute(table, member, { source, binding, prefixParameters });
  }
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
  const setup: GuardSetup = { name: member.name, path, resolve: (token) => container.resolve(token) };
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
function findDuplicates(controllers: readonly ScannedController[], report: (problem: Problem) => void): void {
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

function actionOf(member: ScannedMember, source: ControllerSource): Action {
  return { name: member.name, place: member.place, source, property: member.record.property };
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
    if (record.kind === 'before') entry.before.push({ ...named(member), call: call(member) });
    if (record.kind === 'after') entry.after.push({ ...named(member), call: call(member) });
    if (record.kind === 'state')
      entry.states.push({ ...named(member), status: record.status, methods, call: call(member) });
    if (record.kind === 'error') {
      entry.errors.push({ ...named(member), errorClass: record.errorClass, methods, call: call(member) });
    }
    if (record.kind === 'default') {
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

function warnOfOverlaps(table: DispatchTable, warn: (line: string) => void): void {
  for (const { first, second, witness } of table.overlaps()) {
    warn(
      `${first.method} ${witness} matches "${first.template.text}" (${first.value.name}) and ` +
        `"${second.template.text}" (${second.value.name}); the first takes it because it was declared first.`,
    );
  }
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}
