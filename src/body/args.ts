/** Named values from a client: query arguments now, form fields with the same interface. */
import { inspect, type InspectOptions } from 'node:util';
import { HttpError } from '../http/http-error.js';

/** Text to value; throwing, `undefined` and `NaN` mean that the text is no such value. */
export type Convert<T> = (text: string) => T | undefined;

/** Read-only values by name, several for one name. Names are the client's and never become object keys. */
export class Args<Member = string> implements Iterable<[string, Member | string]> {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #members: ReadonlyMap<string, readonly (Member | string)[]>;

  /** @param members all that there is, where that is more than text */
  constructor(
    values: ReadonlyMap<string, readonly string[]> = new Map(),
    members: ReadonlyMap<string, readonly (Member | string)[]> = values,
  ) {
    this.#values = values;
    this.#members = members;
  }

  /** Number of different names. */
  get size(): number {
    return this.#members.size;
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  /** All names, in the order sent. */
  names(): string[] {
    return [...this.#members.keys()];
  }

  /** The first value, converted; the default, as it is, when there is none. @throws HttpError 400 naming the argument */
  getFirst(name: string): string | undefined;
  getFirst<D>(name: string, fallback: D): string | D;
  getFirst<T, D = undefined>(name: string, fallback: D, convert: Convert<T>): T | D;
  getFirst(name: string, fallback?: unknown, convert?: Convert<unknown>): unknown {
    const value = this.#values.get(name)?.[0];
    if (value === undefined) return fallback;
    return convert ? converted(name, value, convert) : value;
  }

  /** All values, each converted; empty when there is none. @throws HttpError 400 naming the argument */
  getList(name: string): string[];
  getList<T>(name: string, convert: Convert<T>): T[];
  getList(name: string, convert?: Convert<unknown>): unknown[] {
    const values = this.#values.get(name) ?? [];
    return convert ? values.map((value) => converted(name, value, convert)) : [...values];
  }

  /** The only value, or the list when there are several; each converted. @throws HttpError 400 naming the argument */
  getValue(name: string): string | string[] | undefined;
  getValue<D>(name: string, fallback: D): string | string[] | D;
  getValue<T, D = undefined>(name: string, fallback: D, convert: Convert<T>): T | T[] | D;
  getValue(name: string, fallback?: unknown, convert: Convert<unknown> = (text) => text): unknown {
    const values = this.getList(name, convert);
    return values.length === 0 ? fallback : values.length === 1 ? values[0] : values;
  }

  /** The only value of each name, or the list; an object without a prototype. */
  toJSON(): Record<string, Member | string | (Member | string)[]> {
    const json = Object.create(null) as Record<string, Member | string | (Member | string)[]>;
    for (const [name, [first, ...more]] of this.#members)
      if (first !== undefined) json[name] = more.length === 0 ? first : [first, ...more];
    return json;
  }

  /** The same as a JSON text. */
  toString(): string {
    return JSON.stringify(this);
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `${this.constructor.name} ${inspect({ ...this.toJSON() }, options)}`;
  }

  /** Every name with every value. */
  *[Symbol.iterator](): IterableIterator<[string, Member | string]> {
    for (const [name, values] of this.#members) for (const value of values) yield [name, value];
  }
}

function converted<T>(name: string, text: string, convert: Convert<T>): T {
  let value: T | undefined;
  let cause: unknown;
  try {
    value = convert(text);
  } catch (error) {
    cause = error;
  }
  if (value === undefined || Number.isNaN(value)) {
    throw new HttpError(400, `The argument ${JSON.stringify(name)} has a value that does not fit`, { cause });
  }
  return value;
}
