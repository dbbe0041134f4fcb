/** Contracts: what a route takes and gives, as schemas. Their types, and the check of what was written. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { isSchema, type Output, type Schema } from '../schema/standard-schema.js';

/** A schema for each item of what a handler gives one after the other. */
export interface Each<S extends Schema = Schema> {
  readonly each: S;
}

/** What an answer of one status is: of a schema, items of a schema, or nothing. */
export type Entry = Schema | Each | null;

/** What a route takes and gives. Write it as a constant, `const addNote = { ... } satisfies Contract`. */
export interface Contract {
  /** The JSON body. */
  readonly body?: Schema;
  /** Media types that the JSON body may have; any other is 415. Default `application/json` and all that end in `+json`. */
  readonly bodyTypes?: readonly string[];
  /** The query: texts by name, a list where a name is repeated. What the schema wants as a number, a flag or a list is made one. */
  readonly query?: Schema;
  /** Header fields by name, in lower case. */
  readonly headers?: Schema;
  readonly cookies?: Schema;
  /** The form: texts and files by name. */
  readonly form?: Schema;
  /** What the handler gives, by status; a schema alone is that of every success, 200 by default. */
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

/**
 * Checks what JavaScript, or a type that was lost, lets pass.
 * @throws ObolError E_CONTRACT
 */
export function assertContract(contract: unknown): asserts contract is Contract {
  if (typeof contract !== 'object' || contract === null || isSchema(contract))
    throw wrong(`${inspect(contract, { depth: 0 })} is no contract; write { body: Schema, returns: Schema }`);
  for (const [name, value] of Object.entries(contract) as [string, unknown][]) {
    if (name === 'returns') assertReturns(value);
    else if (name === 'bodyTypes') assertTypes(value);
    else if (!PARTS.includes(name as Part))
      throw wrong(
        `A contract has no member "${name}"; the members are ${PARTS.join(', ')}, bodyTypes and returns`,
      );
    else if (value !== undefined && !isSchema(value))
      throw wrong(
        `Its ${name} is no schema, but ${inspect(value, { depth: 0 })}; give one of zod, valibot or arktype`,
      );
  }
}

function assertTypes(types: unknown): void {
  const isList =
    Array.isArray(types) &&
    types.every((type) => typeof type === 'string' && /^[a-z]+\/[\w.+-]+$/.test(type));
  if (types !== undefined && !isList)
    throw wrong(
      `Its bodyTypes are no list of media types in lower case, such as ["application/merge-patch+json"]`,
    );
}

function assertReturns(returns: unknown): void {
  if (returns === undefined || isEntry(returns)) return;
  const entries = typeof returns === 'object' ? Object.entries(returns) : [['', returns] as const];
  for (const [status, entry] of entries) {
    if (!/^[2-5]\d\d$/.test(status))
      throw wrong(`Its returns has ${JSON.stringify(status)} in place of a status, such as 201`);
    if (!isEntry(entry)) throw wrong(`Its returns has neither a schema, each(schema) nor null for ${status}`);
  }
}

function isEntry(value: unknown): value is Entry {
  return value === null || isSchema(value) || isEach(value);
}

function wrong(message: string): ObolError {
  return new ObolError('E_CONTRACT', `${message}.`);
}
