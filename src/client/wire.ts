/** What a value is to a client, after JSON. */

type AnyFunction = (...args: never[]) => unknown;

/** What JSON leaves out of objects. */
type Dropped = undefined | symbol | AnyFunction;

/** A value after JSON: a `Date` is a string, a member that is `undefined` is missing, a set is a list. */
export type Wire<T> = 0 extends 1 & T
  ? T
  : unknown extends T
    ? unknown
    : T extends string | number | boolean | null
      ? T
      : T extends { toJSON(...args: never[]): infer J }
        ? Wire<J>
        : T extends bigint | AnyFunction | Dropped
          ? never
          : T extends readonly unknown[]
            ? { -readonly [I in keyof T]: WireItem<T[I]> }
            : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
              ? object
              : T extends object
                ? WireObject<T>
                : never;

/** In a list, what JSON has no text for is null. */
type WireItem<T> = Wire<T> | (T extends Dropped ? null : never);

type WireObject<T> = Flat<
  { -readonly [K in keyof T as IsSure<T, K> extends true ? Kept<T, K> : never]: Wire<T[K]> } & {
    -readonly [K in keyof T as IsSure<T, K> extends true ? never : Kept<T, K>]?: Wire<Exclude<T[K], Dropped>>;
  }
>;

/** Whether a member is always there. */
type IsSure<T, K extends keyof T> = T[K] extends Exclude<T[K], Dropped> ? true : false;

/** The name of a member; never where JSON leaves it out. */
type Kept<T, K extends keyof T> = K extends symbol
  ? never
  : 0 extends 1 & T[K]
    ? K
    : [T[K]] extends [Dropped]
      ? never
      : K;

/** As one object, which editors show as a whole. */
export type Flat<T> = { [K in keyof T]: T[K] };
