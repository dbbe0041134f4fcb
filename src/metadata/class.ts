/** Classes, and the chain of those that a class extends. */

/** Any class. */
export type Class<T = unknown> = abstract new (...args: never[]) => T;

/** Whether a value can be constructed and has a prototype of its own, as classes do. */
export function isClass(value: unknown): value is Class {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}

/** The class and all that it extends, base first. */
export function lineage(target: Class): Class[] {
  const chain: Class[] = [];
  for (let owner: unknown = target; typeof owner === 'function' && owner !== Function.prototype;) {
    chain.unshift(owner as Class);
    owner = Object.getPrototypeOf(owner);
  }
  return chain;
}
