/** Plain functions as handlers: what an author gives with them, checked and bound to what the application has. */
import { inspect } from 'node:util';
import { guardSources, layerSources, type GuardSource, type LayerSource } from '../decorators/wrapping.js';
import { callWhenReady } from '../answering/hold.js';
import type { Action } from '../dispatch/action.js';
import type { Wrapping } from '../dispatch/invoke.js';
import { ObolError } from '../ground/errors.js';
import { checkOptions, rule, type Rules } from '../ground/settings.js';
import type { Credentials, GuardSetup } from '../message/guard.js';
import type { Middleware } from '../message/handler.js';
import type { Request } from '../message/request.js';
import { BODY_RULES, type BodyOptions } from '../message/request-body.js';
import { isWrittenAsClass } from '../metadata/class.js';
import type { ClassOrMethodDecorator } from '../metadata/decorator-types.js';
import { Place } from '../metadata/place.js';
import type { FilterRegistry } from '../routing/filters.js';
import { textOf, type Path } from '../routing/path.js';
import { parsePrefix, type Prefix } from '../routing/prefix.js';
import type { Methods } from '../routing/router.js';
import { NotMade, OncePerRequest, type Container } from './container.js';
import { listOf, nestedLists, type Places } from './nested-tables.js';

/** What handlers are added to, and what they are bound with. */
export interface TableParts extends Places {
  readonly filters: FilterRegistry;
  readonly container: Container;
  /** Whether features fill the table: what they answer stands behind what controllers declare, and is no mistake beside it. */
  readonly isFilling?: boolean;
}

/** One part of the table: a list that can change. */
export abstract class TableList<Info> implements Iterable<Info> {
  protected readonly parts: TableParts;
  /** Its name in the table. */
  readonly #name: string;

  constructor(parts: TableParts, name: string) {
    this.parts = parts;
    this.#name = name;
  }

  [Symbol.iterator](): Iterator<Info> {
    return this.toJSON()[Symbol.iterator]();
  }

  abstract add(...given: never[]): this;

  /** What the application itself has. */
  abstract get own(): Info[];

  /** As plain data, with what handlers in the application have in tables of theirs. */
  toJSON(): Info[] {
    return this.with(nestedLists(this.parts));
  }

  /** The same with such tables as are known already. */
  with(nested: ReturnType<typeof nestedLists>): Info[] {
    return [...this.own, ...(listOf(nested, this.#name) as Info[])];
  }
}

/** What may be said of any function that is added as a handler. */
export interface HandlerOptions {
  /** Default GET, which brings HEAD; of handlers of statuses and errors all. */
  readonly methods?: Methods;
  /** Where it is written, as listings and messages say it. Default the place of the call that adds it. */
  readonly place?: string;
}

/** What may stand around a function, as decorators stand on a method. */
export interface WrappingOptions {
  /** Decorators that `createGuard` made, such as `CheckFormLogin()`. Default none. */
  readonly guards?: readonly ClassOrMethodDecorator[];
  /** The first is the outermost. Default none. */
  readonly middleware?: readonly Middleware[];
  /** Decorators that `createLayer` made, such as `Transactional()`; the first is the outermost. Default none. */
  readonly layers?: readonly ClassOrMethodDecorator[];
  /** How the body is read, where that differs from the application. Default as the application has it. */
  readonly body?: BodyOptions;
}

export const HANDLER_RULES: Rules<HandlerOptions> = {
  methods: rule.any,
  place: rule.text('a text', () => true),
};

export const MIDDLEWARE_RULE = rule.callable('(request, next) => response');
export const MIDDLEWARES_RULE = rule.list('a list of functions', MIDDLEWARE_RULE);

export const WRAPPING_RULES: Rules<WrappingOptions> = {
  guards: rule.list('a list of guards', rule.any),
  middleware: MIDDLEWARES_RULE,
  layers: rule.list('a list of decorators', rule.any),
  body: rule.options(BODY_RULES),
};

/**
 * Options in full, where methods alone are enough.
 * @param taker such as `routes.add`, for messages
 * @throws ObolError E_SETTING for a wrong option, or one that there is not: a guard under a wrong name would guard nothing
 */
export function optionsOf<O extends HandlerOptions>(taker: string, given: Methods | O, rules: Rules<O>): O {
  const isMethods = typeof given === 'string' || Array.isArray(given);
  const options = (isMethods ? { methods: given } : given) as O;
  checkOptions(taker, options, rules);
  return options;
}

/**
 * A function as an action.
 * @param what it handles, for the message
 * @param place where it is written, or the list to which its author adds it just now
 * @throws ObolError E_HANDLER for anything else
 */
export function functionAction(
  handler: unknown,
  what: string,
  place: string | { readonly add: (...given: never[]) => unknown },
): Action {
  if (typeof handler !== 'function' || isWrittenAsClass(handler))
    throw new ObolError('E_HANDLER', `The handler of ${what} must be a function, not ${inspect(handler)}.`);
  const source = { perRequest: false, get: () => ({ handler }) } as const;
  const written = typeof place === 'string' ? place : String(new Place(place.add));
  return { name: handler.name || 'anonymous', place: written, source, property: 'handler' };
}

/** The prefix of a template; undefined where there is none. @throws ObolError E_PATH_TEMPLATE or E_ROUTE_FILTER */
export function prefixOf(path: string | Path, filters: FilterRegistry): Prefix | undefined {
  const text = textOf(path, filters);
  return text === '' || text === '/' ? undefined : parsePrefix(path, filters);
}

/** @throws ObolError E_SETTING for what is no guard or no layer, or what one throws while it is put together */
export function wrappingOf(
  { guards = [], middleware = [], layers = [], body }: WrappingOptions,
  { name, path, container }: { name: string; path: string; container: Container },
): Wrapping {
  const at = { name, path, container };
  return {
    guards: guardSources('guards', guards).map((source) => bindGuard(source, at)),
    middleware,
    layers: layerSources(layers).map((source) => bindLayer(source, at)),
    body,
  };
}

/** What a guard stands before, and what it is put together with. */
export interface GuardPlace extends Pick<GuardSetup, 'name' | 'path'> {
  readonly container: Container;
}

/**
 * Puts a guard together: once, or for each request where it takes what exists once per request.
 * @throws ObolError that names the guard, with the code of what it threw
 */
export function bindGuard(source: GuardSource, place: GuardPlace): Wrapping['guards'][number] {
  const { name, bind } = source;
  const credentials = credentialsOf(source, place);
  try {
    return { name, check: bind(guardSetup(place)), credentials };
  } catch (cause) {
    if (cause instanceof NotMade) return { name, check: () => undefined };
    if (cause instanceof OncePerRequest)
      return { name, check: (request) => checkWith(request, bind, place), credentials };
    throw notTogether(`The guard @${name}`, cause);
  }
}

/** The same for a layer. @throws ObolError that names it, with the code of what it threw */
export function bindLayer(
  { name, bind }: LayerSource,
  place: GuardPlace,
): NonNullable<Wrapping['layers']>[number] {
  try {
    return { name, run: bind(guardSetup(place)) };
  } catch (cause) {
    if (cause instanceof NotMade) return { name, run: (request, next) => next(request) };
    throw notTogether(`@${name}`, cause);
  }
}

function notTogether(what: string, cause: unknown): ObolError {
  const code = cause instanceof ObolError ? cause.code : 'E_DEPENDENCY';
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ObolError(code, `${what} could not be put together: ${why}`, { cause });
}

/** What it lacks for that, it lacks for its check as well, which reports it. */
function credentialsOf({ credentials }: GuardSource, place: GuardPlace): Credentials | undefined {
  try {
    return credentials?.(guardSetup(place));
  } catch {
    return undefined;
  }
}

/** As a controller of a request, a guard of one waits until what it takes is there. */
function checkWith(request: Request, bind: GuardSource['bind'], place: GuardPlace): unknown {
  const check = bind(guardSetup(place, request));
  return callWhenReady(request, () => check(request));
}

/** @param request where the guard is one of a request */
function guardSetup({ name, path, container }: GuardPlace, request?: Request): GuardSetup {
  return {
    name,
    path,
    resolve: (token) => (request ? container.resolveFor(request, token) : container.resolve(token)),
    tryResolve: (token) => (request ? container.tryResolveFor(request, token) : container.tryResolve(token)),
  };
}
