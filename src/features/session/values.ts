/** The values of a session: JSON and nothing else, told so when they are set and not when they come back changed. */
import { ObolError } from '../../ground/errors.js';

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
  checkKey(key, key);
  if (typeof value === 'string' || Number.isFinite(value)) return JSON.stringify(value);
  const pending: Item[] = [{ value, path: key, level: 1 }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const why = whyNotJson(item);
    if (why !== undefined) throw wrong(item.path, why);
    if (typeof item.value !== 'object' || item.value === null) continue;
    for (const [name, child] of Object.entries(item.value)) {
      checkKey(name, `${item.path}.${name}`);
      if (child !== undefined)
        pending.push({ value: child, path: `${item.path}.${name}`, level: item.level + 1 });
    }
  }
  return JSON.stringify(value);
}

/**
 * The value of a text that somebody else kept.
 * @throws SyntaxError for a text that is not JSON, ObolError E_SESSION_DATA for one that this file would never write
 */
export function valueOf(key: string, text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Only a text with one of those keys in it is worth the walk; an escape may hide one.
  if (/proto|constructor|\\u/.test(text) || POISONED.has(key)) textOf(key, value);
  return value;
}

function checkKey(key: string, path: string): void {
  if (POISONED.has(key)) throw wrong(path, 'has a key that no session may have');
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

function wrong(path: string, why: string): ObolError {
  const message = `The session value ${JSON.stringify(path.slice(0, 200))} ${why}. A session keeps plain JSON: strings, numbers, booleans, null, arrays and objects of these.`;
  return new ObolError('E_SESSION_DATA', message);
}
