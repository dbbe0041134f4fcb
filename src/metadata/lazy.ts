/** Dependencies that are looked up when they are first used: for circles, and for classes that are declared later. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { asked, injectionToken, type AnyToken, type Asked, type Dependency } from '../ground/token.js';
import { classNameOf, isClass, type Class } from './class.js';
import { delay, type InjectionToken } from 'tsyringe';

/** What tsyringe's `delay()` makes, as far as it is used here. */
export interface Delayed {
  readonly wrap: () => unknown;
  createProxy(create: (token: InjectionToken) => object): object;
}

const DelayedConstructor = delay(() => Object).constructor as new (
  wrap: () => InjectionToken<object>,
) => Delayed;

/** Like what `delay()` makes, but its methods reach the `#private` members of the object, which a proxy does not have. */
class LazyConstructor extends DelayedConstructor {
  override createProxy(create: (token: InjectionToken) => object): object {
    let made: object | undefined;
    return new Proxy(
      {},
      standIn(() => (made ??= create(this.wrap() as InjectionToken))),
    );
  }
}

/** There is no stand-in for what is no object, nor for a function, which would have to be called. */
interface NoStandIn<T> {
  readonly __no_stand_in__: T;
}

type StandIn<T> = T extends (...args: never[]) => unknown
  ? NoStandIn<T>
  : T extends Class
    ? NoStandIn<T>
    : T extends object
      ? T
      : NoStandIn<T>;

/**
 * A dependency that is looked up when it is first used. The constructor gets a stand-in for it at once, so two classes can
 * take each other, and a list can name a class that is declared later.
 * @param dependency gives the class, or the token, of an object: a stand-in for a function cannot be called
 * @throws ObolError E_DEPENDENCY for what is no function that gives one
 *
 * @example
 * ```ts
 * Injectable(lazy(() => Egg)) // before: class Hen { constructor(readonly egg: Egg) {} }
 * ```
 */
export function lazy<T>(dependency: () => Dependency<T>): Asked<StandIn<T>> {
  const given: unknown = dependency;
  if (typeof given !== 'function' || isClass(given)) throw new ObolError('E_DEPENDENCY', notLazy(given));
  const token = new LazyConstructor(() => injectionToken(dependency() as AnyToken<object>));
  return asked({ token, multiple: false, isOptional: false });
}

function notLazy(given: unknown): string {
  const name = isClass(given) ? classNameOf(given) : inspect(given, { depth: 0 });
  return `lazy(${name}) names the dependency at once; write lazy(() => ${isClass(given) ? name : 'X'}).`;
}

/** Whether a token is looked up only when it is used, as `delay(() => X)` and `lazy(() => X)` make one. */
export function isDelayed(token: unknown): token is Delayed {
  return typeof token === 'object' && token !== null && 'wrap' in token && 'createProxy' in token;
}

function standIn(real: () => object): ProxyHandler<object> {
  return {
    get(_, key) {
      const object = real();
      const member: unknown = Reflect.get(object, key, object);
      return typeof member === 'function' && key !== 'constructor'
        ? (member.bind(object) as unknown)
        : member;
    },
    set(_, key, value) {
      const object = real();
      return Reflect.set(object, key, value, object);
    },
    has: (_, key) => Reflect.has(real(), key),
    deleteProperty: (_, key) => Reflect.deleteProperty(real(), key),
    ownKeys: () => Reflect.ownKeys(real()),
    getPrototypeOf: () => Reflect.getPrototypeOf(real()),
    getOwnPropertyDescriptor(_, key) {
      const property = Reflect.getOwnPropertyDescriptor(real(), key);
      return property && { ...property, configurable: true };
    },
  };
}
