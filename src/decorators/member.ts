/** What all decorators of methods have in common: the shape the compiler checks, and the record they leave. */
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
