/** The dispatch table: finds the route of a request, runs the hooks around it, and answers what goes wrong. */
import { discardBody } from '../answering/finalize.js';
import { andThen, isPromise, type Handler } from '../message/handler.js';
import type { Request } from '../message/request.js';
import type { MatchedRoute } from '../message/request-source.js';
import { Response } from '../message/response.js';
import { findOverlaps, type Overlap } from '../routing/overlaps.js';
import type { Path } from '../routing/path.js';
import type { Prefix } from '../routing/prefix.js';
import type { RoutePath } from '../routing/template.js';
import { isWrittenAs, normalizeMethods, Router, type Method } from '../routing/router.js';
import { bindContractAction, bindRouteAction, memberOf, type Action } from './action.js';
import type { RouteContract } from '../contracts/route-contract.js';
import { compileRoute, valueToResponse, type Recover, type Wrapping } from './invoke.js';
import { recover } from './recover.js';
import { EMPTY_SCOPE, Scopes, type Scope, type ScopedHandler } from './scope.js';
import { answerUnrouted } from './unrouted.js';

/** A route to be added to the table. */
export interface RouteDefinition extends Wrapping {
  readonly methods: readonly Method[];
  readonly template: RoutePath;
  /** That of the controller. */
  readonly prefix?: Prefix | undefined;
  /** How many parameters at the beginning of the path are in `req.params` only: those of the prefix. Default none. */
  readonly skipped?: number;
  readonly action: Action;
  /** What it takes and gives. */
  readonly contract?: RouteContract | undefined;
}

/** A route in the table. */
export interface TableRoute extends MatchedRoute {
  readonly definition: RouteDefinition;
  /** Undefined when the scope depends on the path. */
  scope: Scope | undefined;
  readonly answer: Handler;
}

/** A method of a route that another route has already. */
export interface RouteConflict {
  readonly method: Method;
  readonly existing: TableRoute;
}

/** All routes and scopes of an application, as one handler. */
export class DispatchTable {
  readonly #router = new Router<TableRoute>();
  #handlers = EMPTY_SCOPE;
  #scopes = new Scopes(EMPTY_SCOPE);
  readonly #files: Handler | undefined;

  /** @param files the document root, asked for what no route has */
  constructor(files?: Handler) {
    this.#files = files;
  }

  /** Hooks, state, error and default handlers, in the order of declaration. */
  get handlers(): Scope {
    return this.#handlers;
  }

  /** A request that is under way keeps those that it began with. */
  set handlers(handlers: Scope) {
    this.#handlers = handlers;
    this.#scopes = new Scopes(handlers);
    for (const { value } of this.#router.entries)
      value.scope = this.#scopes.ofTemplate(value.definition.template);
  }

  /** Adds a route for each of its methods. @returns the methods that another route has already, which keep it */
  add(definition: RouteDefinition): RouteConflict[] {
    const { template, methods } = definition;
    const conflicts: RouteConflict[] = [];
    // HEAD that comes with GET needs no entry: the router gives it the route of GET, and another may have its own.
    const explicit = methods.filter((method) => method !== 'HEAD' || !methods.includes('GET'));
    const route = this.#compile(definition);
    for (const method of explicit) {
      const existing = this.#router.add(method, template, route);
      if (existing) conflicts.push({ method, existing });
    }
    return conflicts;
  }

  /** Takes back what `add` has added of a definition. */
  withdraw(definition: RouteDefinition): void {
    this.#router.remove(({ value }) => value.definition === definition);
  }

  /** Removes the routes of this very template or expression from these methods. */
  remove(methods: readonly Method[], path: string | RegExp | Path): void {
    this.#router.remove(({ method, template }) => methods.includes(method) && isWrittenAs(template, path));
  }

  /** Whether a route of this very template or expression is there; what comes with GET is none of HEAD. */
  has(method: Method, path: string | RegExp | Path): boolean {
    return this.#router.entries.some((entry) => entry.method === method && isWrittenAs(entry.template, path));
  }

  /** All routes in the order of declaration, with those of their methods that they still have. */
  get routes(): RouteDefinition[] {
    const methods = new Map<RouteDefinition, Method[]>();
    for (const { method, value } of this.#router.entries) {
      methods.set(value.definition, [...(methods.get(value.definition) ?? []), method]);
    }
    return [...methods].map(([definition, list]) => ({ ...definition, methods: normalizeMethods(list) }));
  }

  /** What applies to every path that a template matches. */
  scopeOf(template: RoutePath): Scope {
    return this.#scopes.surelyOf(template);
  }

  /** Routes that match a common URL where only their order decides. */
  overlaps(): Overlap<TableRoute>[] {
    return findOverlaps(this.#router.entries);
  }

  /** Answers a request: before hooks, the route, after hooks. Never throws, never rejects. */
  readonly handle: Handler = (request) => {
    let scope = this.#scopes.whole;
    let answer: Response | Promise<Response>;
    try {
      const path = request.path;
      const found = this.#router.match(request.method, path);
      if (found) {
        const route = found.value;
        request.route = route;
        request.paramValues = found.values;
        scope = route.scope ?? this.#scopes.ofPath(path);
        answer = scope.before.length === 0 ? route.answer(request) : runBefore(scope, request, route.answer);
      } else {
        scope = this.#scopes.ofPath(path);
        answer = this.#answerUnrouted(request, path, scope);
      }
    } catch (error) {
      answer = recover(error, request, scope);
    }
    if (answer instanceof Response && scope.after.length === 0) return answer;
    return this.#finish(answer, request, scope);
  };

  /**
   * Answers what middleware around the table throws, with the handlers that errors of this path have within the table.
   * No after hook runs: the request may not have come to the table, or have left it, hooks and all.
   */
  readonly recover: Recover = (error, request) => recover(error, request, this.#scopeOfRequest(request));

  #answerUnrouted(request: Request, path: string, scope: Scope): Response | Promise<Response> {
    const allow = path === '*' ? this.#allMethods() : this.#router.allowed(path);
    const unrouted = { allow, defaults: scope.defaults, files: this.#files };
    return scope.before.length === 0
      ? answerUnrouted(request, unrouted)
      : runBefore(scope, request, () => answerUnrouted(request, unrouted));
  }

  #scopeOfRequest(request: Request): Scope {
    try {
      return this.#scopes.ofPath(request.path);
    } catch {
      return this.#scopes.whole;
    }
  }

  #allMethods(): readonly Method[] {
    return normalizeMethods(['OPTIONS', ...this.#router.entries.map(({ method }) => method)]);
  }

  #finish(
    answer: Response | Promise<Response>,
    request: Request,
    scope: Scope,
  ): Response | Promise<Response> {
    if (!isPromise(answer)) return this.#runAfter(answer, request, scope);
    const recovered = answer.then(undefined, (error: unknown) => recover(error, request, scope));
    return scope.after.length === 0
      ? recovered
      : recovered.then((response) => this.#runAfter(response, request, scope));
  }

  /** Runs the after hooks; one that fails is answered like any error, and those behind it are left out. */
  #runAfter(response: Response, request: Request, scope: Scope, from = 0): Response | Promise<Response> {
    try {
      let current = response;
      for (let i = from; i < scope.after.length; i++) {
        const value = scope.after[i]?.call(request, current);
        if (isPromise(value)) return this.#continueAfter(value, current, request, { scope, index: i });
        const next = replaced(current, value, request, scope.after[i]);
        if (!(next instanceof Response))
          return this.#continueAfter(next, current, request, { scope, index: i });
        current = next;
      }
      return current;
    } catch (error) {
      return recover(error, request, scope);
    }
  }

  async #continueAfter(
    pending: PromiseLike<unknown>,
    response: Response,
    request: Request,
    { scope, index }: { readonly scope: Scope; readonly index: number },
  ): Promise<Response> {
    try {
      const current = await replaced(response, await pending, request, scope.after[index]);
      return await this.#runAfter(current, request, scope, index + 1);
    } catch (error) {
      return recover(error, request, scope);
    }
  }

  #compile(definition: RouteDefinition): TableRoute {
    const { template, action, skipped, errorFormat, contract } = definition;
    const call = contract
      ? bindContractAction(action, skipped)
      : bindRouteAction(action, template.parameters.length, skipped);
    const answer = compileRoute({ ...definition, name: action.name, call });
    const scope = this.#scopes.ofTemplate(template);
    return {
      definition,
      scope,
      answer,
      name: action.name,
      path: template.text,
      parameters: template.parameters,
      errorFormat,
      bodyPart: contract?.bodyPart,
      ...memberOf(action),
    };
  }
}

/** Takes what a hook gave, if anything, in place of the response it got, whose stream is let go of. */
function replaced(
  old: Response,
  value: unknown,
  request: Request,
  hook?: ScopedHandler,
): Response | Promise<Response> {
  if (value === undefined) return old;
  const response = valueToResponse(value, request, hook?.action.name ?? '');
  return andThen(response, letGoOf, old);
}

function letGoOf(response: Response, old: Response): Response {
  if (old !== response && old.body !== response.body) void discardBody(old).catch(() => undefined);
  return response;
}

/** Runs the before hooks, and then answers. */
function runBefore(scope: Scope, request: Request, answer: Handler, from = 0): Response | Promise<Response> {
  for (let i = from; i < scope.before.length; i++) {
    const value = scope.before[i]?.call(request);
    if (isPromise(value)) return Promise.resolve(value).then(() => runBefore(scope, request, answer, i + 1));
  }
  return answer(request);
}
