/** What the compiler says of what a method with a contract takes last and gives. */
/* oxlint-disable typescript/no-invalid-void-type -- what a handler, or a decorator, returns */
import type { Answer } from '../message/make-response.js';
import type { Reply } from '../message/reply.js';
import type { Response } from '../message/response.js';
import type { Contract, Each, Entry, Parts } from '../contracts/contract.js';
import type { Input, Schema } from '../schema/standard-schema.js';

/** Deeply `readonly`, as `reply()` gives what it was given. */
export type Frozen<T> = 0 extends 1 & T
  ? T
  : T extends (...args: never[]) => unknown
    ? T
    : T extends object
      ? { readonly [K in keyof T]: Frozen<T[K]> }
      : T;

/** The entry of a plain value: that of the lowest 2xx with content. */
type Plain<R> = R extends Entry
  ? R
  : 200 extends keyof R
    ? R[200]
    : 201 extends keyof R
      ? R[201]
      : 202 extends keyof R
        ? R[202]
        : 203 extends keyof R
          ? R[203]
          : 206 extends keyof R
            ? R[206]
            : never;

/** The statuses of a schema that stands alone. */
type Success = 200 | 201 | 202 | 203 | 204 | 205 | 206;

/** The entry of a reply with the status S. */
type At<R, S> = R extends Entry
  ? number extends S
    ? R
    : S extends Success | undefined
      ? R
      : never
  : [S] extends [undefined]
    ? Plain<R>
    : S extends keyof R
      ? R[S]
      : number extends S
        ? R[keyof R]
        : never;

/** What a handler may give for an entry. */
type Give<E> = E extends Schema
  ? Input<E>
  : E extends Each<infer S>
    ? AsyncIterable<Input<S>> | Iterable<Input<S>>
    : E extends null
      ? null | undefined | void
      : never;

type Empty<R> = 204 extends keyof R
  ? null | undefined | void
  : 205 extends keyof R
    ? null | undefined | void
    : never;

/** What answers by itself. */
type Ready = Response | Answer | globalThis.Response;

/** What a handler with this contract may return, for those who write the type down. */
export type Returned<C extends { readonly returns?: unknown }> = C extends { readonly returns: infer R }
  ? | Give<Plain<R>>
    | Empty<R>
    | Ready
    | Reply<Frozen<Give<Plain<R>>>, undefined>
    | (R extends Entry
        ? Reply<Frozen<Give<R>>, Success | undefined>
        : { [S in keyof R & number]: Reply<Frozen<Give<R[S]>>, S> }[keyof R & number])
  : unknown;

/** Awaited, at a tenth of its cost: `Awaited` looks at the members of each promise. */
export type Settled<V> = V extends Promise<infer X> ? X : V extends PromiseLike<infer Y> ? Awaited<Y> : V;

/** What is wrong with a contract itself; never for nothing. */
export type WrongContract<C> = [keyof C] extends [never]
  ? never
  : Contract extends C
    ? ["the contract has lost its types; write 'satisfies Contract' in place of ': Contract'"]
    : [Exclude<keyof C, keyof Contract>] extends [never]
      ? never
      : ['a contract has no member', Exclude<keyof C, keyof Contract>];

/** Whether a handler gives what its contract has. */
export type GivesWell<M, C> = C extends { readonly returns: unknown }
  ? M extends (...args: never[]) => infer V
    ? // In an object, so that types with type parameters are compared at once.
      { it: V } extends { it: Returned<C> | Promise<Returned<C>> }
      ? true
      : [Stray<Settled<V>, C['returns']>] extends [never]
        ? true
        : false
    : false
  : true;

/** Those members of a union that `returns` does not allow. */
type Stray<V, R> = 0 extends 1 & V
  ? never
  : V extends Ready
    ? never
    : V extends Reply<infer D, infer S>
      ? [D] extends [Frozen<Give<At<R, S>>>]
        ? never
        : V
      : V extends Give<Plain<R>> | Empty<R>
        ? never
        : V;

/** Why not. */
export type WhyGivesWrong<M, C> = C extends { readonly returns: infer R }
  ? M extends (...args: never[]) => infer V
    ? WrongReturn<Stray<Settled<V>, R>, R>
    : never
  : never;

type WrongReturn<V, R> =
  V extends Reply<infer D, infer S>
    ? [At<R, S>] extends [never]
      ? ["the contract's 'returns' has no", S]
      : Misfit<D, Frozen<Give<At<R, S>>>>
    : [Plain<R>] extends [never]
      ? ["the contract's 'returns' has no 2xx for", V]
      : V extends void
        ? ["the contract's 'returns' has no 204, but the handler returns", V]
        : Plain<R> extends Each
          ? V extends AsyncIterable<infer I> | Iterable<infer I>
            ? Misfit<I, Give<Plain<R>> extends AsyncIterable<infer W> | Iterable<infer W> ? W : never>
            : ["'returns: each(...)' takes a generator or a list, not", V]
          : V extends AsyncGenerator | Generator
            ? ["a generator needs 'returns: each(...)'"]
            : Misfit<V, Give<Plain<R>>>;

type Misfit<V, I> =
  Differing<V, I> extends infer K
    ? [K] extends [never]
      ? ['the handler returns', V, "the contract's 'returns' takes", I]
      : IsUnion<K> extends true
        ? ["what the handler returns differs from the contract's 'returns' in", K]
        : [
            `the handler returns '${K & string}' as`,
            Member<V, K>,
            "the contract's 'returns' takes",
            Member<I, K>,
          ]
    : never;

type Member<T, K> = K extends keyof T ? T[K] : undefined;

/** Names of members that do not fit. */
type Differing<V, I> = V extends readonly unknown[]
  ? never
  : I extends readonly unknown[]
    ? never
    : V extends object
      ? I extends object
        ? {
            [K in keyof I & string]-?: K extends keyof V
              ? V[K] extends I[K]
                ? never
                : K
              : object extends Pick<I, K>
                ? never
                : K;
          }[keyof I & string]
        : never
      : never;

type IsUnion<K, All = K> = K extends unknown ? ([All] extends [K] ? false : true) : never;

/** Whether there is a contract, whose parts a handler gets as one object; that of one without parts is empty, and names it to clients. */
export type HasContract<C> = [keyof C] extends [never] ? false : true;

/** Why the handler's last parameter does not take what a contract gives. */
export type WrongValid<C, Own> =
  Exclude<keyof Own & string, keyof Parts<C>> extends infer Extra
    ? [Extra] extends [never]
      ? WrongPart<Parts<C>, Own, Differing<Parts<C>, Own>>
      : ['the contract has no', Extra]
    : never;

type WrongPart<G, Own, K> = [K] extends [never]
  ? ["the handler's object is Valid<...> of another contract, or takes", Own, 'the contract gives', G]
  : IsUnion<K> extends true
    ? ['the contract gives another type than the handler takes of', K]
    : Differing<Member<G, K>, Member<Own, K>> extends infer N
      ? [N] extends [never]
        ? [`the contract gives '${K & string}' as`, Member<G, K>, 'the handler takes', Member<Own, K>]
        : IsUnion<N> extends true
          ? [`the contract gives another '${K & string}' than the handler takes; it differs in`, N]
          : [
              `the contract gives '${K & string}.${N & string}' as`,
              Member<Member<G, K>, N>,
              'the handler takes',
              Member<Member<Own, K>, N>,
            ]
      : never;
