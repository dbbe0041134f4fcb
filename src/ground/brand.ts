/** Brands: by them objects of Obol's classes are known as such, whichever copy of Obol in the process made them. */
import { signIn } from './copies.js';

/** Where a class has its own brand. */
const BRAND = Symbol.for('obol.brand');

/** Every copy loads this file, whichever part of Obol is asked for. */
signIn();

type Class<T = unknown> = abstract new (...args: never[]) => T;

const isOfThisCopy = Function.prototype[Symbol.hasInstance];

/**
 * Marks all that a class makes, and what its subclasses make.
 * @param name the same in every copy; what all of them may do with such an object changes with the major version only
 * @returns the brand: `BRAND in object` where a request is too short for calling {@link isInstance}
 */
export function brand(target: Class, name: string): symbol {
  const mark = Symbol.for(`obol.v1.${name}`);
  Object.defineProperty(target, BRAND, { value: mark });
  Object.defineProperty(target.prototype, mark, { value: true });
  return mark;
}

/** As {@link brand}, for a class whose `instanceof` does as {@link isInstance}: it is asked where no request waits for it. */
export function branded(target: Class, name: string): void {
  brand(target, name);
  Object.defineProperty(target, Symbol.hasInstance, {
    value(this: Class, value: unknown) {
      return isInstance(value, this);
    },
  });
}

/** The brand of a class itself; undefined for one that has none, a subclass of a branded one among them. */
export function brandOf(target: unknown): symbol | undefined {
  return typeof target === 'function' && Object.hasOwn(target, BRAND)
    ? (target as { readonly [BRAND]?: symbol })[BRAND]
    : undefined;
}

/** As `instanceof`; true also for what the same class of another copy has made. */
export function isInstance<T>(value: unknown, target: Class<T>): value is T {
  if (isOfThisCopy.call(target, value)) return true;
  const mark = brandOf(target);
  return mark !== undefined && typeof value === 'object' && value !== null && mark in value;
}
