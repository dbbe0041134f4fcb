/** JSON bodies: UTF-8 only, of bounded depth and width, and without keys that poison objects. */
import { isUtf8 } from 'node:buffer';
import { rule, type Rules } from '../ground/settings.js';
import { HttpError } from '../http/http-error.js';

/** The limits of a JSON body. */
export interface JsonOptions {
  /** Bytes; over it the answer is 413. Default 1 MiB. */
  readonly limit?: number;
  /** Nested arrays and objects; over it 400. Default 64. */
  readonly depth?: number;
  /** Keys of one object; over it 400. Default 10,000. */
  readonly keys?: number;
}

export const JSON_RULES: Rules<JsonOptions> = {
  limit: rule.whole('bytes'),
  depth: rule.whole('levels'),
  keys: rule.whole('keys'),
};

export const JSON_LIMIT = 1024 * 1024;
const DEPTH = 64;
const KEYS = 10_000;

/** Parses a JSON text sent by a client. @throws HttpError 400 that says what is wrong */
export function parseJson(bytes: Buffer, options: JsonOptions = {}): unknown {
  if (!isUtf8(bytes)) throw new HttpError(400, 'The JSON body is not UTF-8');
  const text = bytes.toString('utf8', hasByteOrderMark(bytes) ? 3 : 0);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HttpError(400, 'The body is not valid JSON', { cause });
  }
  const { depth = DEPTH, keys = KEYS } = options;
  if (isSuspicious(text, depth, keys)) checkValue(value, depth, keys);
  return value;
}

function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes.length > 2 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** A cheap look at the text: only a text that could break a rule is worth walking the value. */
function isSuspicious(text: string, depth: number, keys: number): boolean {
  return (
    // In "__proto__" and in the "prototype" of a constructor.
    text.includes('proto') ||
    text.includes('\\u') ||
    text.length > keys * 4 ||
    count(text, '[', depth) + count(text, '{', depth) > depth
  );
}

/** How often a character stands in the text; counting ends above `most`. */
function count(text: string, char: string, most: number): number {
  let found = 0;
  for (let i = text.indexOf(char); i >= 0 && found <= most; i = text.indexOf(char, i + 1)) found++;
  return found;
}

/** Walks without recursion, so that depth cannot exhaust the stack. */
function checkValue(root: unknown, depth: number, keys: number): void {
  const pending: { value: unknown; level: number }[] = [{ value: root, level: 1 }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const { value, level } = item;
    if (typeof value !== 'object' || value === null) continue;
    if (level > depth)
      throw new HttpError(400, `The JSON body is nested deeper than ${String(depth)} levels`);
    const names = Array.isArray(value) ? [] : Object.keys(value);
    if (names.length > keys)
      throw new HttpError(400, `The JSON body has an object with more than ${String(keys)} keys`);
    if (isPoisoned(value, names)) throw new HttpError(400, 'The JSON body has a key that is not allowed');
    for (const child of Object.values(value)) pending.push({ value: child, level: level + 1 });
  }
}

/** `__proto__`, or `constructor` with a `prototype`, would reach into every object when the value is merged. */
function isPoisoned(value: object, names: readonly string[]): boolean {
  if (names.includes('__proto__')) return true;
  if (!names.includes('constructor')) return false;
  const inner = (value as { constructor: unknown }).constructor;
  return typeof inner === 'object' && inner !== null && Object.hasOwn(inner, 'prototype');
}
