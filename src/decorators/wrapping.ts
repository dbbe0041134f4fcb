/** Decorators that stand on a method or on a whole class: `@Use`, and guards made with `createGuard`. */
import type { Guard, GuardSetup } from '../message/guard.js';
import type { Middleware } from '../message/handler.js';
import { recordClass, recordMember, type Class, type Wrapping } from '../metadata/class-metadata.js';
import { Place } from '../metadata/place.js';
import { bareUse, isBareUse } from './member.js';

/** A decorator for a class or a method. */
export type ClassOrMethodDecorator = (target: object, property?: string | symbol) => void;

/** Wraps a route, or every route of a controller, in middleware; the first is the outermost. */
export function Use(...middleware: Middleware[]): ClassOrMethodDecorator {
  if (isBareUse(middleware)) throw bareUse('Use', middleware);
  return wrappingDecorator({ kind: 'use', middleware }, new Place(Use));
}

/**
 * Makes a guard decorator.
 * @param setup called once per guarded route at bootstrap with what the container offers and the decorator's own
 * arguments; gives the check itself
 * @throws ObolError E_DECORATOR, when it is used, for a decorator that stands without parentheses
 *
 * @example
 * const Role = createGuard('Role', (setup, role: string) => {
 *   const users = setup.resolve(Users);
 *   return (request) => { if (!users.hasRole(request.user, role)) abort(403); };
 * });
 * // @Role('admin') on a method or a class
 */
export function createGuard<Options extends unknown[]>(
  name: string,
  setup: (setup: GuardSetup, ...options: Options) => Guard,
): (...options: Options) => ClassOrMethodDecorator {
  return function guard(...options) {
    if (isBareUse(options)) throw bareUse(name, options);
    const bind = (given: GuardSetup): Guard => setup(given, ...options);
    return wrappingDecorator({ kind: 'guard', name, bind }, new Place(guard));
  };
}

/** A decorator that records how a class or method is wrapped, and does nothing else. */
export function wrappingDecorator(wrapping: Wrapping, place: Place): ClassOrMethodDecorator {
  return (target, property) => {
    if (property === undefined) recordClass(target as Class, { ...wrapping, place });
    else recordMember(target, property, { ...wrapping, place });
  };
}
