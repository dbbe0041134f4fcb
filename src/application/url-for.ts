/** Reverse URLs: from a controller's method and its parameters back to the path. */
import { ObolError, didYouMean } from '../ground/errors.js';
import type { Request } from '../message/request.js';
import { CONTROLLER } from '../decorators/controller.js';
import { ROUTE } from '../decorators/route.js';
import type { Class } from '../metadata/class.js';
import { FilterRegistry } from '../routing/filters.js';
import { fillTemplate, joinPaths, parseTemplate, type Template } from '../routing/template.js';

/** The names of the methods of a controller that can be handlers. */
export type HandlerName<Controller> = {
  [Name in keyof Controller]: Controller[Name] extends (request: Request, ...parameters: never[]) => unknown
    ? Name
    : never;
}[keyof Controller];

/** What a handler takes besides the request. */
export type HandlerParameters<Method> = Method extends (
  request: Request,
  ...parameters: infer Rest
) => unknown
  ? Rest
  : never;

/** The filters of the application that bootstrapped a controller; the newest one, should there be several. */
const filtersOf = new WeakMap<Class, FilterRegistry>();

/** Remembers which filters the paths of a controller use. */
export function bindFilters(controller: Class, filters: FilterRegistry): void {
  filtersOf.set(controller, filters);
}

/**
 * The path of a controller's method, percent-encoded. It works before `bootstrap` too, with the built-in filters.
 * @throws ObolError E_ROUTE_MISSING when the method has no route, E_URL_PARAMETER when a value does not fit
 *
 * @example urlFor(PeopleController, 'show', 'smith', 42) // '/people/smith/42'
 */
export function urlFor<Controller extends object, Name extends HandlerName<Controller>>(
  controller: Class<Controller>,
  method: Name,
  ...parameters: HandlerParameters<Controller[Name]>
): string {
  const templates = templatesOf(controller, method);
  const template =
    templates.find((candidate) => candidate.parameters.length === parameters.length) ?? templates[0];
  if (template) return fillTemplate(template, parameters);
  const routed = ROUTE.ofMembers(controller).map(({ property }) => String(property));
  const hint = didYouMean(String(method), routed);
  throw new ObolError(
    'E_ROUTE_MISSING',
    `${controller.name}.${String(method)} has no @Route, so it has no URL.${hint}`,
  );
}

function templatesOf(controller: Class, method: PropertyKey): Template[] {
  const filters = filtersOf.get(controller) ?? new FilterRegistry();
  const [own] = CONTROLLER.ofOwnClass(controller);
  return ROUTE.ofMembers(controller)
    .filter(({ property }) => property === method)
    .map(({ value }) => parseTemplate(joinPaths(own?.value.prefix ?? '', value.path), filters));
}
