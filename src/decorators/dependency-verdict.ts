/** What the compiler says of a list of dependencies: the return type of the decorator, which it takes if that is `void`. */
/* oxlint-disable typescript/no-invalid-void-type -- what a decorator returns, one way or the other */
import type { Asked, Dependency } from '../ground/token.js';
import type { Mistake } from './verdict.js';

/** What a dependency gives the constructor. */
export type Injected<D> =
  D extends Asked<infer T> ? T : D extends abstract new (...args: never[]) => infer T ? T : never;

/**
 * `void` when a list fits a constructor, or there is none; else a {@link Mistake} that names the first parameter that it does
 * not fit. Of an overloaded constructor the last overload counts; each token that stands for a rest parameter gives one value.
 */
export type DependencyVerdict<C, D extends readonly Dependency[]> = D extends readonly []
  ? void
  : C extends abstract new (...args: infer P) => unknown
    ? AllInjected<D> extends infer Given extends unknown[]
      ? Given extends P
        ? void
        : WrongToken<D, P>
      : void
    : void;

/** The same for the one parameter that a dependency stands before; a rest parameter takes one value. */
export type InjectVerdict<C, D extends Dependency, I extends number> = C extends abstract new (
  ...args: infer P
) => unknown
  ? [D] extends [Dependency<P[I]>]
    ? void
    : Mistake<['the parameter is', P[I], 'its token gives', Injected<D>]>
  : void;

type AllInjected<D extends readonly unknown[]> = { -readonly [I in keyof D]: Injected<D[I]> };

/** `undefined`, where the first parameter may be left out. */
type Missing<Own extends unknown[]> = [] extends Own
  ? number extends Own['length']
    ? never
    : undefined
  : never;

/** Compares dependencies, not what they give: a generic class gives what the parameter is, whatever that is generic over. */
type WrongToken<
  D extends readonly unknown[],
  Own extends unknown[],
  At extends 1[] = [1],
> = D extends readonly [infer Token, ...infer More]
  ? Own extends []
    ? Mistake<[`the constructor has no parameter ${At['length'] & number}; its token gives`, Injected<Token>]>
    : Own extends [(infer Wanted)?, ...infer Rest]
      ? [Token] extends [Dependency<Wanted | Missing<Own>>]
        ? WrongToken<More, Rest, [...At, 1]>
        : Mistake<
            [
              `parameter ${At['length'] & number} of the constructor is`,
              Wanted,
              'its token gives',
              Injected<Token>,
            ]
          >
      : Mistake<['the tokens do not fit the parameters', Own]>
  : number extends D['length']
    ? Mistake<['the tokens do not fit the parameters', Own]>
    : Own extends [infer Wanted, ...unknown[]]
      ? Mistake<[`parameter ${At['length'] & number} of the constructor has no token; it is`, Wanted]>
      : void;
