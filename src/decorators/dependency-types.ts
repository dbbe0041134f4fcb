/** What the compiler says of a list of dependencies and a constructor. */
import type { Asked, Dependency } from '../ground/token.js';

/** A type that fits nothing: where a list and a constructor differ, the compiler prints its text. */
export interface DependencyError<Message extends readonly unknown[]> {
  readonly __dependency_error__: Message;
}

/** What a dependency gives the constructor. */
export type Injected<D> =
  D extends Asked<infer T> ? T : D extends abstract new (...args: never[]) => infer T ? T : never;

type AllInjected<D extends readonly unknown[]> = { -readonly [I in keyof D]: Injected<D[I]> };

/**
 * `undefined` when a list fits a constructor, or there is none; else an error that names the first parameter that it does not
 * fit. Of an overloaded constructor the last overload counts; what stands for a rest parameter is one value each.
 */
export type DependencyVerdict<C, D extends readonly Dependency[]> = D extends readonly []
  ? undefined
  : C extends abstract new (...args: infer P) => unknown
    ? AllInjected<D> extends infer G extends unknown[]
      ? G extends P
        ? undefined
        : Mismatch<G, P>
      : undefined
    : undefined;

type Mismatch<G extends unknown[], P extends unknown[], At extends 1[] = [1]> = G extends [
  infer Given,
  ...infer More,
]
  ? P extends [(infer Taken)?, ...infer Rest]
    ? P extends []
      ? DependencyError<['the constructor has no parameter', At['length'], 'for', Given]>
      : [Given] extends [Taken]
        ? Mismatch<More, Rest, [...At, 1]>
        : DependencyError<['parameter', At['length'], 'is', Taken, 'but its dependency gives', Given]>
    : DependencyError<['the dependencies do not fit the parameters', P]>
  : P extends [infer Taken, ...unknown[]]
    ? DependencyError<['parameter', At['length'], 'has no dependency; it is', Taken]>
    : DependencyError<['the dependencies do not fit the parameters', P]>;
