/** The JSON text of a value, or an error where the text would not say what the value holds. */
import { inspect, types } from 'node:util';
import { isDevelopment } from '../ground/development.js';
import { ObolError } from '../ground/errors.js';
import { isError } from '../ground/realms.js';
import { kindOf, withArticle } from '../ground/wording.js';

/** As JSON.stringify gives it. @throws ObolError E_RESPONSE_TYPE for what has no text, or would lose its members */
export function jsonText(data: unknown): string {
  if (types.isSet(data)) return jsonText([...data]);
  if (typeof data === 'number' && !Number.isFinite(data)) throw withoutText(data);
  const loss = lossOf(data);
  if (loss !== undefined) throw unsuitable(`the value is ${loss}`);
  let text: unknown;
  try {
    text = JSON.stringify(data);
  } catch (cause) {
    throw withoutText(data, cause);
  }
  if (typeof text !== 'string') throw withoutText(data);
  if (isDevelopment(false)) checkMembers(data);
  return text;
}

/** @param cause what JSON.stringify threw, where it did */
export function withoutText(data: unknown, cause?: unknown): ObolError {
  if (cause !== undefined) {
    const why = isError(cause) ? cause.message.replace(/\n\s*/g, ' ') : inspect(cause, { depth: 0 });
    // What a toJSON() throws has a stack of use; of JSON.stringify itself the message says it all.
    return unsuitable(`the value has no JSON text: ${why}.`, /circular|BigInt/.test(why) ? undefined : cause);
  }
  if (typeof data === 'object')
    return unsuitable(`the toJSON() of ${kindOf(data)} gives nothing; let it give a value.`);
  return unsuitable(`JSON has no text for ${typeof data === 'number' ? String(data) : kindOf(data)}.`);
}

/**
 * Whether a value is of the platform and JSON makes `{}` of it, whatever it holds: a Map, a Blob, a WeakRef, an
 * AbortSignal.
 */
export function isOpaque(value: object): boolean {
  return Object.prototype.toString.call(value) !== '[object Object]' && Object.keys(value).length === 0;
}

/** For development: looks for members of which JSON does not write what they hold. @throws ObolError E_RESPONSE_TYPE that names one */
export function checkMembers(data: unknown): void {
  checkWithin(data, '', new Set());
}

/** What has members of its own that JSON does not see. */
const LOST: readonly (readonly [(value: unknown) => boolean, what: string, cure: string])[] = [
  [types.isMap, 'a Map', 'Write Object.fromEntries(map).'],
  [types.isSet, 'a Set', 'Write [...set].'],
  [types.isPromise, 'a Promise', 'Await it.'],
  [types.isGeneratorObject, 'a generator', 'Write [...generator], or use a JsonGeneratorResponse.'],
];

/** What is lost of a value, and what to do, as the end of a sentence; undefined where nothing is. */
function lossOf(value: unknown): string | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : `${String(value)}, which JSON makes null of. Write null.`;
  if (types.isDate(value))
    return Number.isNaN(value.getTime())
      ? 'an invalid Date, which JSON makes null of. Write null.'
      : undefined;
  const isAsked = typeof value === 'object' && value !== null && !hasText(value) && !Array.isArray(value);
  return isAsked ? lossOfObject(value) : undefined;
}

function lossOfObject(value: object): string | undefined {
  const lost = LOST.find(([isOne]) => isOne(value));
  if (lost) return `${lost[1]}, which JSON makes {} of. ${lost[2]}`;
  if (ArrayBuffer.isView(value))
    return `${kindOf(value)}, which JSON makes an object of. Write [...bytes], or text such as base64.`;
  if (isError(value))
    return `${kindOf(value)}, whose message JSON leaves out. Write what clients may read of it.`;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return isOpaque(value) ? `${withArticle(tag)}, which JSON makes {} of. Write what it holds.` : undefined;
}

function hasText(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function';
}

/** @param around where the value is within what was returned, such as `people[0]` @throws ObolError E_RESPONSE_TYPE */
function checkWithin(value: unknown, around: string, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value) || hasText(value)) return;
  seen.add(value);
  for (const [key, member] of Object.entries(value)) {
    if (typeof member !== 'object' && typeof member !== 'number') continue;
    const path = pathOf(around, key, Array.isArray(value));
    const loss = lossOf(member);
    if (loss !== undefined) throw unsuitable(`its member ${path} is ${loss}`);
    checkWithin(member, path, seen);
  }
}

function pathOf(path: string, key: string, isIndex: boolean): string {
  if (isIndex) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

function unsuitable(message: string, cause?: unknown): ObolError {
  return new ObolError('E_RESPONSE_TYPE', message, cause === undefined ? undefined : { cause });
}
