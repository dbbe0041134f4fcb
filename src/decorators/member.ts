/** What all decorators of methods have in common: the shape the compiler checks, and the record they leave. */
import { ObolError } from '../ground/errors.js';
import { recordMember, type MemberRole } from '../metadata/class-metadata.js';
import type { Place } from '../metadata/place.js';

/** Any method; arguments are checked by the type of the decorator, not here. */
export type AnyMethod = (...args: never[]) => unknown;

/** A decorator for methods of the type `Allowed`. */
export type MethodDecorator<Allowed extends AnyMethod> = <M extends Allowed>(
  target: object,
  property: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/** A decorator that records a role and does nothing else. */
export function roleDecorator(
  role: MemberRole,
  place: Place,
): (target: object, property: string | symbol) => void {
  return (target, property) => {
    recordMember(target, property, { ...role, place });
  };
}

/** Whether these are what a decorator is given, and not what its factory is: `@Name` in place of `@Name()`. */
export function isBareUse(given: readonly unknown[]): boolean {
  const [target, property] = given;
  const isMember = typeof property === 'string' || typeof property === 'symbol';
  const isOwner = typeof target === 'function' || (typeof target === 'object' && target !== null);
  return given.length === 3 && isOwner && isMember;
}

/** Loaders that do not check types would take it, and the decorator would do nothing: no guard, no route. */
export function bareUse(name: string, given: readonly unknown[]): ObolError {
  const [target, property] = given as [object, string | symbol];
  const owner = typeof target === 'function' ? target : target.constructor;
  const where = `${owner.name}.${String(property)}`;
  return new ObolError(
    'E_DECORATOR',
    `@${name} on ${where} stands without parentheses; write @${name}(...).`,
  );
}
