/** The dispatch table: finds the route of a request, runs the hooks around it, and answers what goes wrong. */
import type { Guard } from '../message/guard.js';
import { discardBody } from '../answering/finalize.js';
import { isPromise, type Handler, type Middleware } from '../message/handler.js';
import type { MatchedRoute, Request } from '../message/request.js';
import type { BodyOptions } from '../message/request-body.js';
import { Response } from '../message/response.js';
import { findOverlaps, type Overlap } from '../routing/overlaps.js';
import { normalizeMethods, Router, type Method } from '../routing/router.js';
import type { Template } from '../routing/template.js';
import { bindRouteAction, type Action } from './action.js';
import { compileRoute, valueToResponse, type Recover } from './invoke.js';
import { recover } from './recover.js';
import type { RouteInfo } from './route-info.js';
import { Scopes, type Scope, type ScopeEntry } from './scope.js';
import { answerUnrouted } from './unrouted.js';

/** A route to be added to the table. */
export interface RouteDefinition {
  readonly methods: readonly Method[];
  readonly template: Template;
  /** How many of the template's parameters belong to the controller's prefix; they are in `req.params` only. */
  readonly prefixParameters?: number;
  readonly action: Action;
  readonly guards: readonly { readonly name: string; readonly check: Guard }[];
  readonly middleware: readonly Middleware[];
  /** How the route wants the body read, where that differs from the application. */
  readonly body?: BodyOptions | undefined;
}

/** A route in the table. */
export interface TableRoute extends MatchedRoute {
  readonly definition: RouteDefinition;
  /** Undefined when the scope depends on the path. */
  readonly scope: Scope | undefined;
  readonly answer: Handler;
}

/** What the table needs to know of the application. */
export interface TableOptions {
  /** The document root, asked for what no route has. */
  readonly files?: Handler | undefined;
}

/** All routes and scopes of an application, as one handler. */
export class DispatchTable {
  readonly #router = new Router<TableRoute>();
  readonly #scopes: Scopes;
  readonly #files: Handler | undefined;

  constructor(scopes: readonly ScopeEntry[], options: TableOptions) {
    this.#scopes = new Scopes(scopes);
    this.#files = options.files;
  }

  /** Adds a route for each of its methods. @returns the methods that another route has already, which keep it */
  add(definition: RouteDefinition): { method: Method; existing: TableRoute }[] {
    const { template, methods } = definition;
    const conflicts: { method: Method; existing: TableRoute }[] = [];
    // HEAD that comes with GET needs no entry: the router gives it the route of GET, and another may have its own.
    const explicit = methods.filter((method) => method !== 'HEAD' || !methods.includes('GET'));
    const route = this.#compile(definition);
    for (const method of explicit) {
      const existing = this.#router.add(method, template, route);
      if (existing) conflicts.push({ method, existing });
    }
    return conflicts;
  }

  /** Removes the route of this very template text. @returns whether there was one */
  remove(method: Method, path: string): boolean {
    return this.#router.remove(method, path);
  }

  /** Whether a route of this very template text is there; HEAD comes with GET. */
  has(method: Method, path: string): boolean {
    return this.#router.entries.some(
      (entry) =>
        entry.template.text === path &&
        (entry.method === method || (method === 'HEAD' && entry.method === 'GET')),
    );
  }

  /** All routes in the order of declaration, the methods of one handler and path together. */
  list(): RouteInfo[] {
    const methods = new Map<RouteDefinition, Method[]>();
    for (const { method, value } of this.#router.entries) {
      methods.set(value.definition, [...(methods.get(value.definition) ?? []), method]);
    }
    return [...methods].map(([definition, list]) => this.#describe(definition, list));
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
        const allow = path === '*' ? this.#allMethods() : this.#router.allowed(path);
        const unrouted = { allow, defaults: scope.defaults, files: this.#files };
        answer =
          scope.before.length === 0
            ? answerUnrouted(request, unrouted)
            : runBefore(scope, request, () => answerUnrouted(request, unrouted));
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
  readonly recover: Recover = (error, request) => recover(error, request, this.#scopeOf(request));

  #scopeOf(request: Request): Scope {
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
    if (answer instanceof Response) return this.#runAfter(answer, request, scope);
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
        const hook = scope.after[i];
        const value = hook?.call(request, current);
        if (isPromise(value))
          return this.#continueAfter(value, { response: current, request, scope, index: i });
        if (value !== undefined)
          current = replaced(current, valueToResponse(value, request, hook?.name ?? ''));
      }
      return current;
    } catch (error) {
      return recover(error, request, scope);
    }
  }

  async #continueAfter(pending: PromiseLike<unknown>, at: AfterPosition): Promise<Response> {
    const { response, request, scope, index } = at;
    try {
      const value = await pending;
      const current =
        value === undefined
          ? response
          : replaced(response, valueToResponse(value, request, scope.after[index]?.name ?? ''));
      return await this.#runAfter(current, request, scope, index + 1);
    } catch (error) {
      return recover(error, request, scope);
    }
  }

  #compile(definition: RouteDefinition): TableRoute {
    const { template, action, guards, middleware } = definition;
    const answer = compileRoute({
      name: action.name,
      call: bindRouteAction(action, template.parameters.length, definition.prefixParameters ?? 0),
      guards: guards.map(({ check }) => check),
      middleware,
      body: definition.body,
    });
    const scope = this.#scopes.ofTemplate(template);
    return {
      definition,
      scope,
      answer,
      name: action.name,
      path: template.text,
      parameters: template.parameters,
      ...memberOf(action),
    };
  }

  #describe(definition: RouteDefinition, methods: readonly Method[]): RouteInfo {
    const { template, action, guards, middleware } = definition;
    const scope = this.#scopes.ofTemplate(template) ?? this.#scopes.whole;
    const dot = action.name.indexOf('.');
    return {
      methods: normalizeMethods(methods),
      path: template.text,
      parameters: template.parameters.map(({ name, definition: filter }) => ({ name, filter })),
      controller: dot < 0 ? '' : action.name.slice(0, dot),
      handler: action.name.slice(dot + 1),
      name: action.name,
      guards: guards.map(({ name }) => name),
      before: scope.before.map(({ name }) => name),
      after: scope.after.map(({ name }) => name),
      middleware: middleware.length,
      scope: action.source.perRequest ? 'request' : 'application',
      place: action.place,
      ...memberOf(action),
    };
  }
}

/** Where what is recorded about the handler is found; nowhere for a plain function. */
function memberOf({ target, property }: Action): Pick<RouteInfo, 'target' | 'property'> {
  return target ? { target, property } : {};
}

/** Takes a hook's response in place of the one it got, whose stream is let go of. */
function replaced(old: Response, response: Response): Response {
  if (old !== response && old.body !== response.body) void discardBody(old).catch(() => undefined);
  return response;
}

interface AfterPosition {
  readonly response: Response;
  readonly request: Request;
  readonly scope: Scope;
  readonly index: number;
}

function runBefore(scope: Scope, request: Request, answer: Handler): Response | Promise<Response> {
  for (let i = 0; i < scope.before.length; i++) {
    const value = scope.before[i]?.call(request);
    if (isPromise(value)) return continueBefore(value, { scope, request, answer, index: i });
  }
  return answer(request);
}

async function continueBefore(
  pending: PromiseLike<unknown>,
  at: { scope: Scope; request: Request; answer: Handler; index: number },
): Promise<Response> {
  await pending;
  for (const hook of at.scope.before.slice(at.index + 1)) await hook.call(at.request);
  return at.answer(at.request);
}
