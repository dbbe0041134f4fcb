/** The path filters of an application: to be listed, and changed while it runs. */
import { ObolError } from '../ground/errors.js';
import type { FilterInfo, PathFilterOptions } from '../routing/filters.js';
import type { PathFilters } from '../routing/path-types.js';
import type { Scope } from '../dispatch/scope.js';
import { TableList, type TableParts } from './plain-function.js';

/** A path filter, whatever type it converts to. */
export type AnyPathFilter = Omit<PathFilterOptions<unknown>, 'format'> &
  Pick<PathFilterOptions<never>, 'format'>;

/** A path filter that converts to `T`; where that is not text, it says how. */
export type PathFilterOf<T> = string extends T
  ? PathFilterOptions<T>
  : PathFilterOptions<T> & Required<Pick<PathFilterOptions<T>, 'convert'>>;

/** Path filters by name; those that {@link PathFilters} knows convert to the type that stands there. */
export type PathFilterSet = Readonly<Record<string, AnyPathFilter>> & {
  readonly [Name in keyof PathFilters]?: PathFilterOf<PathFilters[Name]>;
};

/** All path filters by name, the built-in ones first. */
export class Filters extends TableList<FilterInfo> {
  constructor(parts: TableParts) {
    super(parts, 'filters');
  }

  /** Adds a filter, or replaces one that no path uses. @throws ObolError E_FILTER, E_SETTING, E_PATTERN_COST */
  add<Name extends string>(
    name: Name,
    filter: Name extends keyof PathFilters ? PathFilterOf<PathFilters[Name]> : AnyPathFilter,
  ): this {
    this.#assertUnused(name);
    this.parts.filters.add(name, filter as PathFilterOptions<unknown>);
    return this;
  }

  /** Removes a filter that was added; the built-in one that it replaced is back. @throws ObolError E_FILTER */
  remove(name: string): this {
    this.#assertUnused(name);
    if (this.parts.filters.remove(name)) return this;
    const why = this.has(name) ? 'is built in' : 'is not there';
    throw new ObolError('E_FILTER', `The path filter "${name}" ${why}, so it cannot be removed.`);
  }

  has(name: string): boolean {
    return this.parts.filters.has(name);
  }

  get own(): FilterInfo[] {
    return this.parts.filters.list();
  }

  /** Those of other applications are for their paths alone. */
  override toJSON(): FilterInfo[] {
    return this.own;
  }

  /** What is routed was read with the filters of that time; a change would be half a change. */
  #assertUnused(name: string): void {
    const { routes, handlers } = this.parts.dispatch;
    const scoped = Object.values(handlers).flat() as Scope[keyof Scope][number][];
    const paths = [
      ...routes.map(({ template }) => template),
      ...scoped.flatMap(({ prefix }) => prefix ?? []),
    ];
    const user = paths.find(({ parameters }) => parameters.some(({ definition }) => definition === name));
    if (user)
      throw new ObolError(
        'E_FILTER',
        `The path filter "${name}" is used by "${user.text}". Remove what has that path first.`,
      );
  }
}
