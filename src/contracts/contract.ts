/** Contracts: what a route takes and gives, as schemas. Browsers may load this file, too, with what a page and its server share. */
import { isSchema, type Output, type Schema } from '../schema/standard-schema.js';

/** A schema for each item of what a handler gives one after the other. */
export interface Each<S extends Schema = Schema> {
  readonly each: S;
}

/** What an answer of one status is: of a schema, items of a schema, or nothing. */
export type Entry = Schema | Each | null;

/** What a route takes and gives. Write it as a constant, `const addNote = { ... } satisfies Contract`. */
export interface Contract {
  /** The JSON body. Default not judged. */
  readonly body?: Schema;
  /** Media types that the JSON body may have; any other is 415. Default `application/json` and all that end in `+json`. */
  readonly bodyTypes?: readonly string[];
  /** The query: texts by name, a list where a name is repeated. What the schema wants as a number, a flag or a list is made one. Default not judged. */
  readonly query?: Schema;
  /** Header fields by name, in lower case. Default not judged. */
  readonly headers?: Schema;
  /** Cookies by name. Default not judged. */
  readonly cookies?: Schema;
  /** The form: texts and files by name. Default not judged. */
  readonly form?: Schema;
  /** What the handler gives, by status; a schema alone is that of every success, 200 by default. Default not judged. */
  readonly returns?: Entry | Readonly<Record<number, Entry>>;
}

/** What of a request a contract may have a schema for. */
export type Part = 'body' | 'query' | 'headers' | 'cookies' | 'form';

export const PARTS: readonly Part[] = ['headers', 'cookies', 'query', 'body', 'form'];

/** The parts of a contract, validated. */
export type Parts<C> = { readonly [K in keyof C & Part]: C[K] extends Schema ? Output<C[K]> : unknown };

declare const CONTRACT: unique symbol;

/** Never there: says to typed clients of which contract an object is. */
export interface Of<C> {
  readonly [CONTRACT]?: C;
}

/** The parameters of a path, without the validated object that may come after them. */
export type WithoutValid<P extends unknown[]> =
  Required<P> extends [...infer Before, infer Last] ? (typeof CONTRACT extends keyof Last ? Before : P) : P;

/** The contract that what a handler takes is of; never for what is of none. */
export type ContractOf<V> = typeof CONTRACT extends keyof V ? NonNullable<V[typeof CONTRACT]> : never;

/** What a handler takes after the parameters of its path: `{ body, query }: Valid<typeof addNote>`. */
export type Valid<C extends Contract> = Parts<C> & Of<C>;

/**
 * For what a handler gives one after the other: a generator or a list, sent as a JSON array.
 *
 * @example
 * ```ts
 * const listNotes = { returns: each(Note) } satisfies Contract;
 * ```
 */
export function each<S extends Schema>(schema: S): Each<S> {
  return { each: schema };
}

/** What is said of one status, for each. */
export type ReturnsByStatus = ReadonlyMap<number, Entry>;

/** The entries of `returns` by status. */
export function returnsOf({ returns }: Contract): ReturnsByStatus | undefined {
  if (returns === undefined) return undefined;
  if (returns === null) return new Map([[204, null]]);
  if (isSchema(returns) || isEach(returns)) return new Map([[200, returns]]);
  return new Map(Object.entries(returns).map(([status, entry]) => [Number(status), entry]));
}

/** Whether an entry is one of items. */
export function isEach(entry: unknown): entry is Each {
  return typeof entry === 'object' && entry !== null && 'each' in entry && isSchema(entry.each);
}
