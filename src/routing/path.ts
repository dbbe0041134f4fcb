/** Paths as values: one template, written once, for the controllers that answer it and the links that lead to it. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { FilterRegistry } from './filters.js';
import type { Faults, JoinedParameters, JoinedPath, PathParameters } from './path-types.js';
import { fillTemplate, joinPaths, parseTemplate, type Template } from './template.js';

/** Marks path values, whatever copy of Obol made them, and takes the filters to fill them with. */
const FILTERS: unique symbol = Symbol.for('obol.v1.path');

/** As much of a path value as types look at: to compare whole ones costs the compiler ten times as much. */
export interface AnyPath {
  /** As it is written: `/people/<surname:word>/<age:int>`. */
  readonly template: string;
}

/**
 * A path template as a value. It is absolute within its application, in whatever controller it is used, and its handler takes
 * all of its parameters.
 */
export interface Path<T extends string = string, P extends unknown[] = PathParameters<T>> {
  /** As it is written: `/people/<surname:word>/<age:int>`. */
  readonly template: T;

  /**
   * The path with its parameters filled in, percent-encoded, within its application: `urlFor(req, path, ...)` adds what
   * mounts have taken. It is written with the filters of the application that routes it, before `bootstrap` with the
   * built-in ones.
   * @throws ObolError E_URL_PARAMETER when a value does not fit
   */
  url(...values: P): string;

  /** A path below this one, where `/` adds nothing. */
  path<const S extends string>(
    template: S,
  ): Path<NoInfer<JoinedPath<T, S>>, JoinedParameters<P, PathParameters<S>>>;

  toString(): T;
}

/** The types of the parameters of a template, a path value or an expression, whose groups are texts. */
export type ParametersOf<P> = P extends string
  ? PathParameters<P>
  : P extends Path<string, infer Parameters>
    ? Parameters
    : string[];

/** The path itself, or what is wrong with it, which nothing fits: the compiler says so of a path that is given. */
export type SoundPath<P> = [Faults<ParametersOf<P>>] extends [never] ? P : Faults<ParametersOf<P>>;

/**
 * A path as a value, for `@Controller`, `@Get` and its like, `urlFor`, `mount` and `routes.add`.
 * @param template such as `/people/<surname:word>/<age:int>`
 * @throws ObolError E_PATH_TEMPLATE for what does not begin with a slash; what else is wrong in it, `bootstrap` says
 *
 * @example
 * ```ts
 * const people = path('/people');
 * const person = people.path('/<surname:word>/<age:int>');
 * person.url('smith', 42); // '/people/smith/42', the path of a method with `@Get(person)`
 * ```
 */
export function path<const T extends string>(template: T): Path<T> {
  const given: unknown = template;
  if (typeof given === 'string' && given.startsWith('/'))
    return new PathValue(template, {}) as Path as Path<T>;
  throw new ObolError(
    'E_PATH_TEMPLATE',
    `path(${inspect(given, { depth: 0 })}): a path is a text that starts with "/", such as path('/people').`,
  );
}

/** Whether a value was made by `path()`. */
export function isPath(value: unknown): value is Path {
  return typeof value === 'object' && value !== null && FILTERS in value;
}

/**
 * The template of a path, as text.
 * @param filters what a path value is filled with from now on; none where they are not those of an application
 * @throws ObolError E_PATH_TEMPLATE for what is neither a text nor a path value
 */
export function textOf(given: string | Path, filters?: FilterRegistry): string {
  if (typeof given === 'string') return given;
  if (!isPath(given))
    throw new ObolError(
      'E_PATH_TEMPLATE',
      `The path ${inspect(given, { depth: 0 })} is neither a text such as "/people" nor a path value.`,
    );
  if (filters) (given as Filled)[FILTERS] = filters;
  return given.template;
}

/** What the paths that were made of one another have in common. */
interface Family {
  /** Those of the application that read one of them last. */
  filters?: FilterRegistry;
}

/** A path value, as the copy of Obol that made it knows it. */
interface Filled extends Path {
  [FILTERS]: FilterRegistry;
}

class PathValue implements Path {
  readonly template: string;
  readonly #family: Family;
  #read: { readonly filters: FilterRegistry; readonly template: Template } | undefined;

  constructor(template: string, family: Family) {
    this.template = template;
    this.#family = family;
  }

  url(...values: readonly unknown[]): string {
    const filters = (this.#family.filters ??= new FilterRegistry());
    if (this.#read?.filters !== filters)
      this.#read = { filters, template: parseTemplate(this.template, filters) };
    return fillTemplate(this.#read.template, values);
  }

  path(template: string): Path {
    return new PathValue(joinPaths(this.template, template), this.#family);
  }

  toString(): string {
    return this.template;
  }

  set [FILTERS](filters: FilterRegistry) {
    this.#family.filters = filters;
  }
}
