/** Scopes: the hooks, state, error and default handlers that apply to a path, nearest prefix first. */
import type { HttpError } from '../http/http-error.js';
import type { ErrorPageFormat } from '../message/error-template.js';
import type { Handler } from '../message/handler.js';
import type { MatchedRoute } from '../message/request-source.js';
import type { Response } from '../message/response.js';
import type { Class } from '../metadata/class.js';
import type { Prefix } from '../routing/prefix.js';
import type { RoutePath } from '../routing/template.js';
import type { Method } from '../routing/router.js';
import { bindRouteAction, memberOf, type Action, type Call } from './action.js';
import { compileRoute, type Wrapping } from './invoke.js';

/** A handler that is no route: it applies below its prefix, and without one everywhere. */
export interface ScopedHandler {
  readonly action: Action;
  readonly prefix: Prefix | undefined;
}

/** How errors are shown below a prefix where no route has the request. */
interface ErrorPages {
  readonly prefix: Prefix;
  readonly format: ErrorPageFormat;
}

/** A hook, or what answers for some methods. */
interface Called<Rest extends unknown[] = []> extends ScopedHandler {
  readonly call: Call<Rest>;
}

/** What a handler answers, and for which methods. */
interface Answering<Key> {
  readonly key: Key;
  readonly methods: readonly Method[];
}

export type StateHandler = Called<[HttpError]> & Answering<number>;

export type ErrorClassHandler = Called<[unknown]> & Answering<Class<object>>;

export interface DefaultHandler extends ScopedHandler, Answering<undefined>, Wrapping {
  readonly answer: Handler;
  /** What a request that it answers has in place of a route. */
  readonly route: MatchedRoute;
}

/** Compiles a default handler, as a route is compiled. */
export function defaultHandler(parts: Omit<DefaultHandler, 'answer' | 'key' | 'route'>): DefaultHandler {
  const { action, errorFormat } = parts;
  const answer = compileRoute({ ...parts, name: action.name, call: bindRouteAction(action, 0) });
  const route = { path: '/*', name: action.name, parameters: [], errorFormat, ...memberOf(action) };
  return { ...parts, key: undefined, answer, route };
}

/** What applies to a request, in the order in which it is asked. */
export interface Scope {
  readonly before: readonly Called[];
  readonly after: readonly Called<[Response]>[];
  readonly states: readonly StateHandler[];
  readonly errors: readonly ErrorClassHandler[];
  readonly defaults: readonly DefaultHandler[];
  readonly formats: readonly ErrorPages[];
}

/** The scope of an application that has routes and nothing else. */
export const EMPTY_SCOPE: Scope = {
  before: [],
  after: [],
  states: [],
  errors: [],
  defaults: [],
  formats: [],
};

/** All scopes of an application. */
export class Scopes {
  /** Nearest first: the deeper prefix; of equals the one declared first. */
  readonly #all: Scope;
  readonly #prefixes: readonly Prefix[];
  /** Merged scopes by the prefixes in them, so that routes of one scope share one object. */
  readonly #merged = new Map<string, Scope>();
  /** What applies to a request whose path cannot even be read. */
  readonly whole: Scope;

  /** @param all every handler, in the order of declaration */
  constructor(all: Scope) {
    this.#all = eachList(all, (list) => [...list].sort((a, b) => depthOf(b) - depthOf(a)));
    const prefixes = Object.values(all).flatMap((list: readonly Scoped[]) =>
      list.flatMap(({ prefix }) => prefix ?? []),
    );
    this.#prefixes = [...new Map(prefixes.map((prefix) => [prefix.text, prefix])).values()];
    this.whole = this.#merge(() => false);
  }

  /** The scope of every path that a template matches; undefined when it depends on the path. */
  ofTemplate(template: RoutePath): Scope | undefined {
    const depends = this.#prefixes.some((prefix) => prefix.relationTo(template) === 'sometimes');
    return depends ? undefined : this.surelyOf(template);
  }

  /** What applies to every path that a template matches, whatever else applies to some of them. */
  surelyOf(template: RoutePath): Scope {
    return this.#merge((prefix) => prefix.relationTo(template) === 'always');
  }

  /** The scope of a canonical path. */
  ofPath(path: string): Scope {
    if (this.#prefixes.length === 0) return this.whole;
    return this.#merge((prefix) => prefix.covers(path));
  }

  #merge(applies: (prefix: Prefix) => boolean): Scope {
    const chosen = this.#prefixes.filter(applies).map(({ text }) => text);
    const key = JSON.stringify(chosen);
    let scope = this.#merged.get(key);
    if (!scope) {
      scope = eachList(this.#all, (list) =>
        list.filter(({ prefix }) => prefix === undefined || chosen.includes(prefix.text)),
      );
      this.#merged.set(key, scope);
    }
    return scope;
  }
}

type Scoped = Pick<ScopedHandler, 'prefix'>;

function depthOf({ prefix }: Scoped): number {
  return prefix?.depth ?? 0;
}

function eachList(all: Scope, change: <H extends Scoped>(list: readonly H[]) => readonly H[]): Scope {
  return {
    before: change(all.before),
    after: change(all.after),
    states: change(all.states),
    errors: change(all.errors),
    defaults: change(all.defaults),
    formats: change(all.formats),
  };
}
