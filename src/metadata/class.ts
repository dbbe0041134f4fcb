/** Classes, and the chain of those that a class extends. */

/** Any class. */
export type Class<T = unknown> = abstract new (...args: never[]) => T;

/** Whether a value can be constructed and has a prototype of its own, as classes do. */
export function isClass(value: unknown): value is Class {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}

/** Whether a function is a class that can only be constructed, not called. */
export function isWrittenAsClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
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

/**
 * Whether a class has no name of its own. Where none of its members is decorated either, a decorator has put it in place of
 * the class that it extends, as `(target) => class extends target {}` does.
 */
export function standsForBase(target: Class): boolean {
  const base = baseOf(target);
  return base !== undefined && (target.name === base.name || UNNAMED.test(target.name));
}

/** What a message calls a class. Names that compilers and minifiers made up would say nothing, or the wrong thing. */
export function classNameOf(target: Class): string {
  if (!UNNAMED.test(target.name)) return isMinified(target) ? '(minified class)' : target.name;
  const base = baseOf(target);
  if (!base) return '(unnamed class)';
  const addsNothing = Reflect.ownKeys(target.prototype as object).length === 1;
  return addsNothing ? classNameOf(base) : `(unnamed class extends ${classNameOf(base)})`;
}

/** No name, or what compilers call a class without one: `class_1` and `default_1`, `_class`, `_Class`, `_a`. */
const UNNAMED = /^(?:|class_\d+|_[Cc]lass\d*|_[a-z]\d*|_?default(?:_\d+)?)$/;

/**
 * Whether a short name that is no word stands in a text without a space before its brace: `class t{`, or `class extends e{`
 * called `t`. esbuild, and tsx with it, can write texts like that and keep the name: `class _Db{`, `class{static{k(this,"Db")}`.
 */
function isMinified(target: Class): boolean {
  const { name } = target;
  if (name.length > 3 || /^[A-Z][a-z]{2}$/.test(name)) return false;
  const text = Function.prototype.toString.call(target);
  const isKept = ['class _NAME{', 'class _NAME ', '(this,"NAME")'].some((form) =>
    text.includes(form.replace('NAME', () => name)),
  );
  return !isKept && /^class(?:[^{]*[^\s{])?\{/.test(text);
}

function baseOf(target: Class): Class | undefined {
  const base: unknown = Object.getPrototypeOf(target);
  return isClass(base) ? base : undefined;
}
