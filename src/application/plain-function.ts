/** Plain functions as handlers: what an author gives with them, checked and bound to what the application has. */
import { inspect } from 'node:util';
import { guardSources, type GuardSource } from '../decorators/wrapping.js';
import type { Action } from '../dispatch/action.js';
import type { DispatchTable } from '../dispatch/dispatch-table.js';
import type { Wrapping } from '../dispatch/invoke.js';
import { ObolError } from '../ground/errors.js';
import { checkOptions } from '../ground/settings.js';
import type { GuardSetup } from '../message/guard.js';
import type { Middleware } from '../message/handler.js';
import { BODY_RULES, type BodyOptions } from '../message/request-body.js';
import type { ClassOrMethodDecorator } from '../metadata/metadata-key.js';
import { Place } from '../metadata/place.js';
import type { FilterRegistry } from '../routing/filters.js';
import { Prefix } from '../routing/prefix.js';
import { normalizeMethods, type Method, type Methods } from '../routing/router.js';
import { joinPaths, parseTemplate } from '../routing/template.js';
import { NotMade, type Container } from './container.js';

/** What handlers are added to, and what they are bound with. */
export interface TableParts {
  readonly dispatch: DispatchTable;
  readonly filters: FilterRegistry;
  readonly container: Container;
}

/** What may be said of any function that is added as a handler. */
export interface HandlerOptions {
  readonly methods?: Methods;
  /** Where it is written, as listings and messages say it. Default the place of the call that adds it. */
  readonly place?: string;
}

/** What may stand around a function, as decorators stand on a method. */
export interface WrappingOptions {
  /** Decorators that `createGuard` made, such as `CheckLogin()`. */
  readonly guards?: readonly ClassOrMethodDecorator[];
  /** The first is the outermost. */
  readonly middleware?: readonly Middleware[];
  /** How the body is read, where that differs from the application. */
  readonly body?: BodyOptions;
}

/** Options in full, where methods alone are enough. */
export function optionsOf<O extends HandlerOptions>(
  given: Methods | O,
  fallback: Methods,
): Omit<O, 'methods'> & { readonly methods: readonly Method[] } {
  const options = typeof given === 'string' || isList(given) ? { methods: given } : given;
  return { ...(options as O), methods: normalizeMethods(options.methods ?? fallback) };
}

function isList(value: object): value is readonly Method[] {
  return Array.isArray(value);
}

/**
 * A function as an action.
 * @param what it handles, for the message
 * @param place the caller of the caller, where none is given
 * @throws ObolError E_HANDLER for anything else
 */
export function functionAction(
  handler: unknown,
  what: string,
  place = String(new Place(functionAction, 1)),
): Action {
  if (typeof handler !== 'function')
    throw new ObolError('E_HANDLER', `The handler of ${what} must be a function, not ${inspect(handler)}.`);
  const source = { perRequest: false, get: () => ({ handler }) } as const;
  return { name: handler.name || 'anonymous', place, source, property: 'handler' };
}

/** The prefix of a text; undefined where there is none. @throws ObolError E_CONTROLLER_PREFIX, E_PATH_TEMPLATE, E_ROUTE_FILTER */
export function parsePrefix(text: string, filters: FilterRegistry): Prefix | undefined {
  if (text === '' || text === '/') return undefined;
  const template = parseTemplate(joinPaths(text, ''), filters);
  if (!template.parameters.some(({ filter }) => filter.spans)) return new Prefix(template);
  throw new ObolError(
    'E_CONTROLLER_PREFIX',
    `The prefix "${text}" has a parameter that may span several segments; put it into the routes.`,
  );
}

/** @throws ObolError E_MIDDLEWARE, E_SETTING, or what a guard throws while it is put together */
export function wrappingOf(
  { guards = [], middleware = [], body }: WrappingOptions,
  { name, path, container }: { name: string; path: string; container: Container },
): Wrapping {
  assertMiddleware(middleware, 'middleware');
  if (body) checkOptions('body', body, BODY_RULES);
  const setup = guardSetup(name, path, container);
  const sources = guards.length > 0 ? guardSources('guards', guards) : [];
  return { guards: sources.map((source) => bindGuard(source, setup)), middleware, body };
}

/** @param taker what was given the list, for the message @throws ObolError E_MIDDLEWARE */
export function assertMiddleware(list: readonly unknown[], taker: string): void {
  const wrong = list.findIndex((layer) => typeof layer !== 'function');
  if (wrong < 0) return;
  throw new ObolError(
    'E_MIDDLEWARE',
    `${taker} takes functions (request, next) => response, not ${inspect(list[wrong])}.`,
  );
}

/** What guards of a handler may use. */
export function guardSetup(name: string, path: string, container: Container): GuardSetup {
  return {
    name,
    path,
    resolve: (token) => container.resolve(token),
    tryResolve: (token) => container.tryResolve(token),
  };
}

/** @throws ObolError that names the guard, with the code of what it threw */
export function bindGuard({ name, bind }: GuardSource, setup: GuardSetup): Wrapping['guards'][number] {
  try {
    return { name, check: bind(setup) };
  } catch (cause) {
    if (cause instanceof NotMade) return { name, check: () => undefined };
    const code = cause instanceof ObolError ? cause.code : 'E_DEPENDENCY';
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ObolError(code, `The guard @${name} could not be put together: ${why}`, { cause });
  }
}
