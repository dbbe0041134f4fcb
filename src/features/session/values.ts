/** The values of a session: JSON and nothing else, read from their texts one by one while a request uses them. */
import { ObolError } from '../../kit.js';

/** Values by name. */
export type Values = Record<string, unknown>;

/** Texts that are new or other than before, and keys that are gone. */
export interface TextChanges {
  readonly set: Map<string, string>;
  readonly deleted: string[];
}

/**
 * The values of one kind. Each request has its own, read from texts, so that no request sees what another does to them. What
 * was not asked for cannot have changed.
 */
export class LiveValues {
  /** What they were read from. */
  readonly texts: ReadonlyMap<string, string>;
  readonly #kind: string;
  /** What was read or set; what was deleted is undefined. */
  #live = Object.create(null) as Values;
  /** Whether all that there is stands in `#live`. */
  #isWhole = false;
  #isClosed = false;

  /** @param kind the first character of the keys of its texts */
  constructor(kind: string, texts: ReadonlyMap<string, string>) {
    this.texts = texts;
    this.#kind = kind;
  }

  get(name: string): unknown {
    const live = this.#live;
    const value = live[name];
    if (value !== undefined || this.#isWhole || name in live) return value;
    const text = this.texts.get(this.#kind + name);
    return text === undefined ? undefined : (live[name] = valueOf(name, text));
  }

  /** `undefined` deletes. */
  set(name: string, value: unknown): void {
    if (value === undefined && this.#isWhole) Reflect.deleteProperty(this.#live, name);
    else this.#live[name] = value;
  }

  clear(): void {
    for (const name of Object.keys(this.all())) Reflect.deleteProperty(this.#live, name);
  }

  /**
   * One object with all of them, to read and to change.
   * @throws SyntaxError or ObolError for a text that holds no value of a session
   */
  all(): Values {
    if (this.#isWhole) return this.#live;
    const whole = Object.create(null) as Values;
    for (const key of this.texts.keys()) {
      if (!key.startsWith(this.#kind)) continue;
      const name = key.slice(1);
      const value = this.get(name);
      if (value !== undefined) whole[name] = value;
    }
    for (const [name, value] of Object.entries(this.#live)) if (value !== undefined) whole[name] = value;
    this.#isWhole = true;
    return (this.#live = this.#isClosed ? Object.freeze(whole) : whole);
  }

  /** From now on nothing can change. */
  close(): void {
    this.#isClosed = true;
    if (this.#isWhole) Object.freeze(this.#live);
  }

  /** Adds what is other than in the texts. @throws ObolError E_SESSION_DATA for a value that is no JSON */
  collect({ set, deleted }: TextChanges): void {
    for (const [name, value] of Object.entries(this.#live)) {
      const key = this.#kind + name;
      if (value === undefined) {
        if (this.texts.has(key)) deleted.push(key);
        continue;
      }
      const text = textOf(name, value);
      if (this.texts.get(key) !== text) set.set(key, text);
    }
    if (this.#isWhole) this.#collectGone(deleted);
  }

  #collectGone(deleted: string[]): void {
    for (const key of this.texts.keys())
      if (key.startsWith(this.#kind) && !(key.slice(1) in this.#live)) deleted.push(key);
  }
}

/** Nested arrays and objects in one value. */
const MAX_DEPTH = 32;

/** Keys that would reach into every object when the value is merged into another. */
const POISONED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

interface Item {
  readonly value: unknown;
  readonly path: string;
  readonly level: number;
}

/**
 * The JSON text of a value.
 * @param key under which it stands in the session, for messages
 * @throws ObolError E_SESSION_DATA for what JSON has no text for, or would give back as something else
 */
export function textOf(key: string, value: unknown): string {
  if (POISONED.has(key)) throw poisoned(key);
  if (typeof value === 'string' || Number.isFinite(value)) return JSON.stringify(value);
  checkJson({ value, path: key, level: 1 });
  return JSON.stringify(value);
}

/** @throws ObolError E_SESSION_DATA that says where in the value it is */
function checkJson(whole: Item): void {
  const pending = [whole];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const why = whyNotJson(item);
    if (why !== undefined) throw dataError(item.path, why);
    if (typeof item.value !== 'object' || item.value === null) continue;
    for (const [name, child] of Object.entries(item.value)) {
      if (POISONED.has(name)) throw poisoned(`${item.path}.${name}`);
      if (child !== undefined)
        pending.push({ value: child, path: `${item.path}.${name}`, level: item.level + 1 });
    }
  }
}

/**
 * The value of a text that was kept elsewhere.
 * @throws SyntaxError for a text that is not JSON, ObolError E_SESSION_DATA for one that this file would never write
 */
export function valueOf(key: string, text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Only a text with one of those keys in it is worth the walk; an escape may hide one.
  if (/proto|constructor|\\u/.test(text) || POISONED.has(key)) textOf(key, value);
  return value;
}

/** Whether texts that were kept elsewhere are such as this file writes. @param texts by key, whose first character is its kind */
export function areValues(texts: ReadonlyMap<string, string>): boolean {
  try {
    for (const [key, text] of texts) valueOf(key.slice(1), text);
    return true;
  } catch {
    return false;
  }
}

function poisoned(path: string): ObolError {
  return dataError(path, 'has a key that no session may have');
}

function whyNotJson({ value, level }: Item): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : `is ${String(value)}, which JSON does not know`;
    case 'object':
      return value === null ? undefined : whyNotPlain(value, level);
    default:
      return `is of type ${typeof value}`;
  }
}

function whyNotPlain(value: object, level: number): string | undefined {
  if (level > MAX_DEPTH) return `is nested deeper than ${String(MAX_DEPTH)} levels, or within itself`;
  if (Array.isArray(value)) return value.includes(undefined) ? 'has undefined in an array' : undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another realm has a prototype of its own, which in turn has none.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined;
  const { name } = value.constructor;
  return `is a ${name}${name === 'Date' ? ' (keep its toISOString())' : ''}`;
}

function dataError(path: string, why: string): ObolError {
  const message = `The session value ${JSON.stringify(path.slice(0, 200))} ${why}. A session keeps plain JSON: strings, numbers, booleans, null, arrays and objects of these.`;
  return new ObolError('E_SESSION_DATA', message);
}
