/** Reverse URLs: from a controller's method and its parameters back to the path. */
import { isRegExp } from 'node:util/types';
import { isInstance } from '../ground/brand.js';
import { shared } from '../ground/copies.js';
import { ObolError, didYouMean } from '../ground/errors.js';
import { Request } from '../message/request.js';
import { CONTROLLER } from '../decorators/controller.js';
import { ROUTE } from '../decorators/route.js';
import { classNameOf, type Class } from '../metadata/class.js';
import { FilterRegistry } from '../routing/filters.js';
import type { WithoutValid } from '../contracts/contract.js';
import { isPath, textOf, type Path } from '../routing/path.js';
import { fillTemplate, joinPaths, parseTemplate, type Template } from '../routing/template.js';

/** What of a path a handler takes. */
export type HandlerParameters<Method> = Method extends (
  request: Request,
  ...parameters: infer Rest
) => unknown
  ? WithoutValid<Rest>
  : never;

/** The filters of the application that bootstrapped a controller; the newest one, should there be several. */
const filtersOf = shared('obol.filters.v1', () => new WeakMap<Class, FilterRegistry>());

/** Remembers which filters the paths of a controller use. */
export function bindFilters(controller: Class, filters: FilterRegistry): void {
  filtersOf.set(controller, filters);
}

/**
 * The path of a path value or of a controller's method, percent-encoded. It works before `bootstrap` too, with the built-in filters.
 * @param request a request of the application, whose base the URL begins with, so that it leads there from any page;
 * without one, it is the path within the application
 * @throws ObolError E_ROUTE_MISSING when the method has no route, E_URL_PARAMETER when a value does not fit
 *
 * @example
 * ```ts
 * urlFor(req, PeopleController, 'show', 'smith', 42) // '/people/smith/42', below a mount '/staff/people/smith/42'
 * urlFor(req, person, 'smith', 42) // the same of const person = path('/people/<surname:word>/<age:int>')
 * ```
 */
export function urlFor<P extends unknown[]>(path: Path<string, P>, ...values: P): string;
export function urlFor<Controller extends object, Name extends keyof Controller>(
  controller: Class<Controller>,
  method: Name,
  ...parameters: HandlerParameters<Controller[Name]>
): string;
export function urlFor<P extends unknown[]>(request: Request, path: Path<string, P>, ...values: P): string;
// The last one is what the compiler explains when none fits, so it is the one that is used most.
export function urlFor<Controller extends object, Name extends keyof Controller>(
  request: Request,
  controller: Class<Controller>,
  method: Name,
  ...parameters: HandlerParameters<Controller[Name]>
): string;
export function urlFor(...given: unknown[]): string {
  const [request] = given;
  if (isInstance(request, Request)) return request.application.baseUrl + pathOf(given.slice(1));
  return pathOf(given);
}

function pathOf([target, ...rest]: readonly unknown[]): string {
  return isPath(target) ? target.url(...rest) : pathOfMethod(target as Class, rest);
}

function pathOfMethod(target: Class, [method, ...parameters]: readonly unknown[]): string {
  const routes = ROUTE.ofMembers(target);
  const paths = routes.filter(({ property }) => property === method).map(({ value }) => value.path);
  const templates = templatesOf(target, paths);
  const template =
    templates.find((candidate) => candidate.parameters.length === parameters.length) ?? templates[0];
  if (template) return fillTemplate(template, parameters);
  const hint = didYouMean(
    String(method),
    routes.map(({ property }) => String(property)),
  );
  const why =
    paths.length === 0
      ? `has no @Route, so it has no URL.${hint}`
      : `is routed by ${paths.join(' and ')} alone, which gives no URL. Route a template to it, too.`;
  throw new ObolError('E_ROUTE_MISSING', `${classNameOf(target)}.${String(method)} ${why}`);
}

/** The templates of such paths of a controller, its prefix included, with the filters of its application; none of expressions. */
export function templatesOf(controller: Class, paths: readonly (string | RegExp | Path)[]): Template[] {
  const filters = filtersOf.get(controller) ?? new FilterRegistry();
  const [own] = CONTROLLER.ofOwnClass(controller);
  const prefix = textOf(own?.value.prefix ?? '');
  return paths
    .filter((path): path is string | Path => !isRegExp(path))
    .map((path) => parseTemplate(isPath(path) ? path.template : joinPaths(prefix, path), filters));
}
