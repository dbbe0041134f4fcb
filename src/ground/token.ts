/** What dependencies are named by where a class is not enough: typed tokens, and the ways to ask for what they stand for. */
import type { InjectionToken } from 'tsyringe';

/** All copies of Obol in a process meet here; a change to the form of a {@link Descriptor} counts the version up. */
const ASKED: unique symbol = Symbol.for('obol.dependency.v1');

declare const GIVES: unique symbol;

/** How a constructor asks for something, in the form in which tsyringe keeps it. */
export interface Descriptor {
  readonly token: unknown;
  /** Whether all that is registered is asked for, and not the last alone. */
  readonly multiple: boolean;
  /** Whether nothing registered is fine too. */
  readonly isOptional: boolean;
}

/** A dependency that says more than a class does, and gives a `T`. */
export interface Asked<T> {
  readonly [ASKED]: Descriptor;
  /** For the compiler alone. */
  readonly [GIVES]?: () => T;
}

/** What a list of dependencies is made of: classes, abstract ones too, tokens, and what `lazy()` gives. */
export type Dependency<T = unknown> = (abstract new (...args: never[]) => T) | Asked<T>;

/** What something may be registered under, or resolved by. */
export type AnyToken<T = unknown> = InjectionToken<T> | (abstract new (...args: never[]) => T) | Token<T>;

/**
 * Names a dependency that is no class, with its type: a setting, a function, an interface.
 *
 * @example
 * ```ts
 * export const CLOCK = new Token<() => Date>('clock');
 * // providers: [{ provide: CLOCK, useValue: () => new Date() }], and Injectable(CLOCK) before a class that takes it
 * ```
 */
export class Token<T> implements Asked<T> {
  readonly [ASKED]: Descriptor;
  declare readonly [GIVES]?: () => T;
  /** What it is to tsyringe: for `@inject(CLOCK.symbol)` and `container.register(CLOCK.symbol, ...)`. */
  readonly symbol: symbol;

  /** @param name how messages call it; two tokens of one name are two */
  constructor(readonly name: string) {
    this.symbol = Symbol(name);
    this[ASKED] = { token: this.symbol, multiple: false, isOptional: false };
  }

  /** Asks for a dependency that may be missing: `undefined` then. */
  static optional<T>(dependency: Dependency<T>): Asked<T | undefined> {
    return asked({ ...descriptorOf(dependency), isOptional: true });
  }

  /** Asks for all that is registered under a token, in the order of registration, as an array. */
  static all<T>(dependency: Dependency<T>): Asked<T[]> {
    return asked({ ...descriptorOf(dependency), multiple: true });
  }
}

/** A dependency that asks like this. */
export function asked<T>(descriptor: Descriptor): Asked<T> {
  return { [ASKED]: descriptor };
}

/** How an entry of a list asks; anything that is neither a class nor made here is a token by itself. */
export function descriptorOf(dependency: unknown): Descriptor {
  return isAsked(dependency) ? dependency[ASKED] : { token: dependency, multiple: false, isOptional: false };
}

/** What a token is to tsyringe. */
export function injectionToken<T>(token: AnyToken<T>): InjectionToken<T> {
  return descriptorOf(token).token as InjectionToken<T>;
}

/** Whether a value is a dependency that is no class, of whatever copy of Obol. */
export function isAsked(value: unknown): value is Asked<unknown> {
  return typeof value === 'object' && value !== null && ASKED in value;
}
