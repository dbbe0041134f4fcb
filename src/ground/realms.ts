/** Errors by what they are and not by where they were made: under Jest, and with `node:vm`, those of Node are of another realm. */

/** The classes that every realm has a copy of. */
const BUILT_IN: ReadonlySet<string> = new Set([
  'AggregateError',
  'DOMException',
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
]);

/** As `instanceof`; true also for an error of another realm, where the class is one that every realm has. */
export function isOfClass(value: unknown, target: abstract new (...args: never[]) => unknown): boolean {
  if (value instanceof target) return true;
  return BUILT_IN.has(target.name) && isNative(target) && descendsFrom(value, target.name);
}

/** Whether a value is an error, of whatever realm. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || descendsFrom(value, 'Error');
}

/** Whether one of its prototypes is that of a class which its realm calls so, and made itself. */
function descendsFrom(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (let proto = prototypeOf(value); proto !== null; proto = prototypeOf(proto)) {
    const known: unknown = Object.getOwnPropertyDescriptor(proto, 'constructor')?.value;
    if (typeof known === 'function' && known.name === name && isNative(known)) return true;
  }
  return false;
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}

function isNative(known: unknown): boolean {
  const text = Function.prototype.toString.call(known);
  return text.includes('[native code]') || text.startsWith('class DOMException');
}
