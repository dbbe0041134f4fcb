/** What all decorators of methods have in common: the shape the compiler checks. */

/** Any method; arguments are checked by the type of the decorator, not here. */
export type AnyMethod = (...args: never[]) => unknown;

/** A decorator for methods of the type `Allowed`. */
export type MethodDecorator<Allowed extends AnyMethod> = <M extends Allowed>(
  target: object,
  property: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;
