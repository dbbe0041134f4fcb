/** Header fields of a message: case-insensitive, several values, checked when they are set. */
import { inspect, type InspectOptions } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { isFieldValue, isToken } from '../http/grammar.js';
import { noHeaders, shown, wrongName, wrongValue } from '../http/wrong-fields.js';

/** What header fields can be made of; an array gives a name several values. */
export type HeadersInit =
  | Headers
  | Readonly<Record<string, string | number | readonly string[]>>
  | Iterable<readonly [string, string | number]>;

/** For this package: headers of fields that a parser has checked. @param flat names and values in turns, not copied */
export let checkedHeaders: (flat: readonly string[]) => Headers;

/** For this package: the fields of headers as `[name, value, name, value, ...]`, not copied. */
export let fieldsOf: (headers: Headers) => readonly string[];

/** Fields that have one value by their definition: a second line would leave it to the reader which of them counts. */
const SINGLE: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-allow-origin',
  'access-control-max-age',
  'age',
  'authorization',
  'content-disposition',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'date',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'origin',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'server',
  'strict-transport-security',
  'user-agent',
  'x-frame-options',
]);

/** What a client proves itself with: printed and returned, it would end in logs and in answers. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** An ordered list of fields. Names keep the letter case they were set with. */
export class Headers implements Iterable<[string, string]> {
  /** `[name, value, name, value, ...]` */
  #flat: string[] = [];

  static {
    checkedHeaders = (flat) => {
      const headers = new Headers();
      headers.#flat = flat as string[];
      return headers;
    };
    // Those of another copy of Obol have theirs elsewhere.
    fieldsOf = (headers) => (#flat in headers ? headers.#flat : (headers as Headers).flat);
  }

  /** @throws ObolError E_HEADER_NAME, E_HEADER_VALUE or E_HEADERS where fields could not be sent as they are */
  constructor(init?: HeadersInit) {
    if (init) this.#fill(init);
  }

  /** The fields as `[name, value, name, value, ...]`, a copy. */
  get flat(): readonly string[] {
    return [...this.#flat];
  }

  /** The value; several are joined as a list would be (RFC 9110 5.3), cookies with `; `. */
  get(name: string): string | undefined {
    const key = name.toLowerCase();
    const flat = this.#flat;
    let value: string | undefined;
    for (let i = 0; i < flat.length; i += 2) {
      if (!isAt(flat, i, key)) continue;
      const next = flat[i + 1] ?? '';
      value = value === undefined ? next : `${value}${key === 'cookie' ? '; ' : ', '}${next}`;
    }
    return value;
  }

  /** Every value of a name, in order. */
  getAll(name: string): string[] {
    const key = name.toLowerCase();
    return this.#flat.filter((_, i, flat) => i % 2 === 1 && isAt(flat, i - 1, key));
  }

  has(name: string): boolean {
    const key = name.toLowerCase();
    const flat = this.#flat;
    for (let i = 0; i < flat.length; i += 2) if (isAt(flat, i, key)) return true;
    return false;
  }

  /** Replaces every value of a name. @throws ObolError when name or value could not be sent */
  set(name: string, value: string | number | readonly string[]): this {
    if (Array.isArray(value)) return this.#setAll(name, value as readonly string[]);
    const checked = checkField(name, value);
    if (this.has(name)) this.delete(name);
    this.#flat.push(name, checked);
    return this;
  }

  /** Adds a value beside those there. @throws ObolError when it could not be sent, or the field has one value only */
  append(name: string, value: string | number): this {
    const checked = checkField(name, value);
    if (SINGLE.has(name.toLowerCase())) refuseSecond(this, name, checked);
    this.#flat.push(name, checked);
    return this;
  }

  /** Adds members to a list such as Vary, each once and compared without letter case; `*` is all of them. */
  appendToList(name: string, ...members: string[]): this {
    const present = (this.get(name) ?? '').split(',').map((item) => item.trim().toLowerCase());
    if (present.includes('*')) return this;
    const missing = members.filter((member) => !present.includes(member.toLowerCase()));
    const [first] = missing;
    if (first !== undefined && SINGLE.has(name.toLowerCase())) return this.append(name, missing.join(', '));
    if (missing.length > 0) this.set(name, [this.get(name), ...missing].filter(Boolean).join(', '));
    return this;
  }

  /** Removes every value of a name. */
  delete(name: string): boolean {
    const key = name.toLowerCase();
    const kept = this.#flat.filter((_, i, flat) => !isAt(flat, i - (i % 2), key));
    const removed = kept.length < this.#flat.length;
    this.#flat = kept;
    return removed;
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (let i = 0; i < this.#flat.length; i += 2) yield [this.#flat[i] ?? '', this.#flat[i + 1] ?? ''];
  }

  /**
   * By name, those that come more than once as a list; an object without a prototype. The credentials and cookies of
   * a client are there as `'[hidden]'`: they are read with `get`.
   */
  toJSON(): Record<string, string | string[]> {
    const fields = Object.create(null) as Record<string, string | string[]>;
    const names = new Map<string, string>();
    for (const [name] of this) if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
    for (const [key, name] of names)
      fields[name] = CREDENTIALS.has(key) ? '[hidden]' : alone(this.getAll(name));
    return fields;
  }

  /** The same as a JSON text. */
  toString(): string {
    return JSON.stringify(this);
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `Headers ${inspect({ ...this.toJSON() }, options)}`;
  }

  #setAll(name: string, values: readonly string[]): this {
    const checked = values.map((value) => checkField(name, value));
    const [first, other] = checked;
    if (other !== undefined && SINGLE.has(name.toLowerCase())) throw second(name, first, other);
    this.delete(name);
    for (const value of checked) this.#flat.push(name, value);
    return this;
  }

  #fill(init: HeadersInit): void {
    if (typeof init !== 'object') throw noHeaders(init);
    if (#flat in init) this.#flat = [...init.#flat];
    else if (!(Symbol.iterator in init))
      for (const [name, value] of Object.entries(init)) this.set(name, value);
    else
      for (const pair of init) {
        if (!isPair(pair)) throw noHeaders(init);
        this.append(pair[0], pair[1]);
      }
  }
}

function isPair(pair: unknown): boolean {
  return Array.isArray(pair) && pair.length === 2;
}

/** The one value, or all of them. */
export function alone<T>(values: readonly T[]): T | T[] {
  return values.length === 1 ? (values[0] as T) : [...values];
}

/** Whether the name that stands there is this one. @param key in lower case */
function isAt(flat: readonly string[], index: number, key: string): boolean {
  const name = flat[index] ?? '';
  return name.length === key.length && name.toLowerCase() === key;
}

function checkField(name: string, value: unknown): string {
  if (typeof name !== 'string' || !isToken(name)) throw wrongName(name);
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && isFieldValue(text)) return text;
  throw wrongValue(name, value);
}

function refuseSecond(headers: Headers, name: string, value: string): void {
  if (headers.has(name)) throw second(name, headers.get(name), value);
}

function second(name: string, first: string | undefined, other: string): ObolError {
  return new ObolError(
    'E_HEADER_VALUE',
    `The header ${name} has one value, and cannot be ${shown(other)} beside ${shown(first)}. set() replaces it.`,
  );
}
