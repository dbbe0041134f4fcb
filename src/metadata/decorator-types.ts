/** The shapes of decorators that work in both protocols: TypeScript's legacy one, and the standard one of TC39. */
import type { Class } from './class.js';

/** Any method; arguments are checked by the type of the decorator, not here. */
export type AnyMethod = (...args: never[]) => unknown;

/** As much of a standard decorator's context as says that it stands on a method; the type of TypeScript compares `this`, too. */
export interface MethodContext {
  readonly kind: 'method';
  readonly name: string | symbol;
  readonly static: boolean;
}

/** As much of a standard decorator's context as says that it stands on a class. */
export interface ClassContext {
  readonly kind: 'class';
  readonly name: string | undefined;
}

/** The same on a field, an accessor or a class, where a decorator of methods is a mistake. */
export interface OtherContext {
  readonly kind: 'field' | 'accessor' | 'getter' | 'setter' | 'class';
}

/** A decorator for a class. */
export type ClassDecorator = (target: Class, context?: ClassContext) => void;

/** A decorator for a method, whatever that takes. */
export interface MethodDecorator {
  <M extends AnyMethod>(
    target: object,
    property: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): void;
  (method: AnyMethod, context: MethodContext): void;
}

/** A decorator for a class or a method. */
export type ClassOrMethodDecorator = ClassDecorator & MethodDecorator;

/** A decorator for a parameter of a constructor, which only the legacy protocol has. */
export type ConstructorParameterDecorator = (target: Class, property: undefined, index: number) => void;

/** The function that makes a decorator, `Get` in `@Get('/')`. */
export type DecoratorFactory = (...options: never[]) => unknown;
