/** Header fields of a message: case-insensitive, several values, checked when they are set. */
import { ObolError } from '../ground/errors.js';
import { isFieldValue, isToken } from '../http/grammar.js';

/** What header fields can be made of; an array gives a name several values. */
export type HeadersInit =
  | Headers
  | Readonly<Record<string, string | number | readonly string[]>>
  | Iterable<readonly [string, string | number]>;

/** An ordered list of fields. Names keep the letter case they were set with. */
export class Headers implements Iterable<[string, string]> {
  /** `[name, value, name, value, ...]` */
  #flat: string[] = [];

  /** @throws ObolError E_HEADER_NAME or E_HEADER_VALUE where a field could not be sent as it is */
  constructor(init?: HeadersInit) {
    if (init) this.#fill(init);
  }

  /** Takes over fields that a parser has already checked. @param flat names and values in turns, not copied */
  static fromRaw(flat: readonly string[]): Headers {
    const headers = new Headers();
    headers.#flat = flat as string[];
    return headers;
  }

  /** The fields as `[name, value, name, value, ...]`, for those who write them. */
  get flat(): readonly string[] {
    return this.#flat;
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

  /** Adds a value beside those there. @throws ObolError when name or value could not be sent */
  append(name: string, value: string | number): this {
    this.#flat.push(name, checkField(name, value));
    return this;
  }

  /** Adds members to a list such as Vary, each once and compared without letter case. */
  appendToList(name: string, ...members: string[]): this {
    const present = (this.get(name) ?? '').split(',').map((item) => item.trim().toLowerCase());
    const missing = members.filter((member) => !present.includes(member.toLowerCase()));
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

  #setAll(name: string, values: readonly string[]): this {
    const checked = values.map((value) => checkField(name, value));
    this.delete(name);
    for (const value of checked) this.#flat.push(name, value);
    return this;
  }

  #fill(init: HeadersInit): void {
    if (Symbol.iterator in init) for (const [name, value] of init) this.append(name, value);
    else for (const [name, value] of Object.entries(init)) this.set(name, value);
  }
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

function wrongName(name: unknown): ObolError {
  return new ObolError(
    'E_HEADER_NAME',
    `${JSON.stringify(name)} is no header name; use letters, digits and "-".`,
  );
}

function wrongValue(name: string, value: unknown): ObolError {
  return new ObolError(
    'E_HEADER_VALUE',
    `The header ${name} cannot be ${JSON.stringify(value)}: a header holds no control characters, line breaks or ` +
      'characters beyond Latin-1. Encode the value (encodeURIComponent) or leave the characters out.',
  );
}
