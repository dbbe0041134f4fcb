/** Which tokens are classes that the container may make objects of when nothing is registered under them. */
import { types } from 'node:util';
import { INJECTABLE } from '../decorators/injectable.js';
import { isClass, lineage, type Class } from '../metadata/class.js';
import { providerOf } from '../metadata/provided-by.js';

/** Whether the container makes objects of it for a constructor that takes them. */
export function isInjectableClass(token: unknown): token is Class {
  return isMakeable(token) && !isForNothing(token);
}

/** Whether it can make objects of it at all. */
export function isMakeable(token: unknown): token is Class {
  return isClass(token) && !isNative(token) && !isOfFeature(token) && !lacksMethod(token);
}

/** Whether only a feature can make objects of it, so that tsyringe would fail even where it is optional. */
export function isOfFeature(token: unknown): boolean {
  return typeof token === 'function' && providerOf(token) !== undefined;
}

/**
 * Whether it comes with the language, as the type that a compiler writes down where a type means nothing at run time does. A
 * proxy, which a decorator may put in place of a class, has a text of the same form.
 */
export function isNative(token: unknown): boolean {
  return (
    typeof token === 'function' &&
    !types.isProxy(token) &&
    /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(token))
  );
}

/**
 * Whether a class is abstract, as far as that shows at run time, where the word is gone: it calls a method that neither it
 * nor what it extends has, or it is empty.
 */
export function looksAbstract(target: unknown): boolean {
  return isClass(target) && !isNative(target) && (lacksMethod(target) || isForNothing(target));
}

/** Whether objects of it would be of no use. An empty class that stands under `@Injectable()` is meant. */
function isForNothing(target: Class): boolean {
  return written(target).every(isEmpty) && INJECTABLE.ofClass(target).length === 0;
}

/** Whether a class calls methods that it lacks: an abstract one leaves nothing but the calls of it. What stands in the source otherwise, too, may be a field. */
export function lacksMethod(target: Class): boolean {
  const source = written(target)
    .map((owner) => Function.prototype.toString.call(owner))
    .join('\n');
  if (source.includes('Object.assign(this')) return false;
  const calls = [...source.matchAll(/\bthis\.([\w$]+)\(/g)].map(([, name = '']) => name);
  const words = new Map<string, number>();
  for (const [word] of source.matchAll(/[\w$]+/g)) words.set(word, (words.get(word) ?? 0) + 1);
  const isOnlyCalled = (name: string): boolean =>
    words.get(name) === calls.filter((call) => call === name).length;
  return calls.some((name) => !(name in (target.prototype as object)) && isOnlyCalled(name));
}

/** The class and what it extends, without what comes with the language. */
function written(target: Class): Class[] {
  return lineage(target).filter((owner) => !isNative(owner));
}

function isEmpty(target: Class): boolean {
  return (
    Reflect.ownKeys(target.prototype as object).length === 1 &&
    /^class[^{]*\{\s*\}$/.test(withoutComments(Function.prototype.toString.call(target)))
  );
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');
}
