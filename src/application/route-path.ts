/** Reads the path of a controller's route: what it matches, and which of its parameters the method takes. */
import { ObolError } from '../ground/errors.js';
import { Expression } from '../routing/expression.js';
import type { FilterRegistry } from '../routing/filters.js';
import { isPath, textOf, type Path } from '../routing/path.js';
import type { Prefix } from '../routing/prefix.js';
import { joinPaths, parseTemplate, type RoutePath, type Template } from '../routing/template.js';
import { orReport } from './report.js';

/** The path of a route, read. */
export interface ReadPath {
  readonly template: RoutePath;
  /** How many parameters at its beginning the method does not take: those of the prefix, unless a path value says all. */
  readonly skipped: number;
}

/** Where a route stands. */
export interface RoutePlace {
  readonly prefix?: Prefix | undefined;
  readonly filters: FilterRegistry;
  /** The controller and the place of its decorator, for messages. */
  readonly owner: string;
}

/**
 * @param wanted how many parameters the method asks for
 * @param paths all paths of the method
 * @throws ObolError E_ACTION_PARAMETERS, E_PATH_PREFIX, E_PATH_TEMPLATE, E_ROUTE_FILTER or E_FILTER
 */
export function readRoutePath(
  path: string | RegExp | Path,
  wanted: number,
  paths: readonly (string | RegExp | Path)[],
  where: RoutePlace,
): ReadPath {
  const read = readPath(path, where);
  const given = countOf(read);
  // What only some paths of a method give is optional to it, and the compiler has seen to that.
  if (given >= wanted || paths.some((other) => givenBy(other, where) >= wanted)) return read;
  throw new ObolError(
    'E_ACTION_PARAMETERS',
    `"${String(path)}" gives ${String(given)} parameters, but the method asks for ${String(wanted)} besides the ` +
      'request. Add them to the path, or give them default values: a question mark (name?) does not show at run time.',
  );
}

function readPath(path: string | RegExp | Path, where: RoutePlace): ReadPath {
  const { prefix, filters } = where;
  if (isPath(path)) return { template: readAbsolute(path, where), skipped: 0 };
  const template =
    typeof path === 'string'
      ? parseTemplate(joinPaths(prefix?.text ?? '', path), filters)
      : new Expression(path, prefix);
  return { template, skipped: prefix?.parameters.length ?? 0 };
}

/** A path value, which must lie below the prefix: hooks and handlers of the controller would not apply to it elsewhere. */
function readAbsolute(path: Path, { prefix, filters, owner }: RoutePlace): Template {
  const template = parseTemplate(textOf(path, filters), filters);
  if (!prefix || prefix.relationTo(template) === 'always') return template;
  throw new ObolError(
    'E_PATH_PREFIX',
    `The path value "${template.text}" does not lie below "${prefix.text}", the prefix of ${owner}. A path value is absolute: ` +
      `make it of the prefix, as in path('${prefix.text}').path(...), or write what stands below the prefix as a text.`,
  );
}

function countOf({ template, skipped }: ReadPath): number {
  return template.parameters.length - skipped;
}

/** Any number for a path that cannot be read, which is a mistake of its own. */
function givenBy(path: string | RegExp | Path, where: RoutePlace): number {
  return (
    orReport(
      () => countOf(readPath(path, where)),
      () => undefined,
    ) ?? Infinity
  );
}
