/** Routes by method and path: what is there, what matches, and which methods a path allows. */
import { types } from 'node:util';
import { ObolError, didYouMean } from '../ground/errors.js';
import type { Path } from './path.js';
import { RouteTree, type Match } from './route-tree.js';
import { isTemplate, type RoutePath } from './template.js';

/** The methods a route can have (RFC 9110 9.3, RFC 5789; QUERY is the safe method with a body). */
export const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'QUERY',
] as const;

/** A method that a route can have. */
export type Method = (typeof METHODS)[number];

/** What decorators accept as methods: one, several, or the constants below. */
export type Methods = Method | readonly Method[];

export const METHOD_GET_POST: readonly Method[] = ['GET', 'HEAD', 'POST'];
export const METHOD_ALL: readonly Method[] = METHODS;

/** Every method of the list once, GET bringing HEAD with it. @throws ObolError E_METHOD for an unknown one */
export function normalizeMethods(methods: Methods): readonly Method[] {
  const list = typeof methods === 'string' ? [methods] : methods;
  if (list.length === 0)
    throw new ObolError('E_METHOD', 'The list of methods is empty; leave it out for GET.');
  for (const method of list) {
    if (METHODS.includes(method)) continue;
    const hint = didYouMean(method, METHODS);
    throw new ObolError('E_METHOD', `"${method}" is no method. Known methods: ${METHODS.join(', ')}.${hint}`);
  }
  return METHODS.filter((method) => list.includes(method) || (method === 'HEAD' && list.includes('GET')));
}

/** One entry of the router. */
export interface RouterEntry<T> {
  readonly method: Method;
  readonly template: RoutePath;
  readonly value: T;
}

/** All routes, one tree for each method. A HEAD request takes the route of GET unless it has its own. */
export class Router<T> {
  #trees = new Map<string, RouteTree<T>>();
  #entries: RouterEntry<T>[] = [];

  /** All entries in the order of declaration. */
  get entries(): readonly RouterEntry<T>[] {
    return this.#entries;
  }

  /** Adds a route. @returns the value that already stands there, in which case nothing is changed */
  add(method: Method, template: RoutePath, value: T): T | undefined {
    const existing = this.#treeOf(method).add(template, value);
    if (existing === undefined) this.#entries.push({ method, template, value });
    return existing;
  }

  /** Removes the entries that match; those that stay keep their order. */
  remove(matches: (entry: RouterEntry<T>) => boolean): void {
    const rest = this.#entries.filter((entry) => !matches(entry));
    this.#trees = new Map();
    this.#entries = [];
    for (const entry of rest) this.add(entry.method, entry.template, entry.value);
  }

  /** Finds the route of a method and a canonical path. */
  match(method: string, path: string): Match<T> | undefined {
    const found = this.#trees.get(method)?.match(path);
    return found === undefined && method === 'HEAD' ? this.#trees.get('GET')?.match(path) : found;
  }

  /** The methods that a canonical path has routes for, in the order of {@link METHODS}. */
  allowed(path: string): Method[] {
    return METHODS.filter((method) => this.match(method, path) !== undefined);
  }

  #treeOf(method: Method): RouteTree<T> {
    let tree = this.#trees.get(method);
    if (!tree) this.#trees.set(method, (tree = new RouteTree()));
    return tree;
  }
}

/** Whether a path was made of this very template or expression. */
export function isWrittenAs(path: RoutePath, given: string | RegExp | Path): boolean {
  return path.text === String(given) && isTemplate(path) !== types.isRegExp(given);
}
