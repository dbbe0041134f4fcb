/** The JSON text of a value, or an error where the text would not say what the value holds. */
import { inspect, types } from 'node:util';
import { isDevelopment } from '../ground/development.js';
import { ObolError } from '../ground/errors.js';
import { isError } from '../ground/realms.js';
import { kindOf } from '../ground/wording.js';

/** As JSON.stringify gives it. @throws ObolError E_RESPONSE_TYPE for what has no text, or would lose its members */
export function jsonText(data: unknown): string {
  if (typeof data === 'number' && !Number.isFinite(data)) throw withoutText(data);
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

/** For development: looks for members that JSON would make `{}` of. @throws ObolError E_RESPONSE_TYPE that names one */
export function checkMembers(data: unknown): void {
  checkMember(data, '', new Set());
}

/** What has members of its own that JSON does not see. */
const LOST: readonly (readonly [(value: unknown) => boolean, what: string, cure: string])[] = [
  [types.isMap, 'a Map', 'Write Object.fromEntries(map).'],
  [types.isSet, 'a Set', 'Write [...set].'],
  [types.isPromise, 'a Promise', 'Await it.'],
  [types.isGeneratorObject, 'a generator', 'Write [...generator], or use a JsonGeneratorResponse.'],
];

/** @param path of the value within what was returned, such as `people[0].tags` @throws ObolError E_RESPONSE_TYPE */
function checkMember(value: unknown, path: string, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return;
  const lost = LOST.find(([isOne]) => isOne(value));
  if (lost) throw unsuitable(`its member ${path} is ${lost[1]}, which JSON makes {} of. ${lost[2]}`);
  for (const [key, member] of Object.entries(value))
    if (typeof member === 'object') checkMember(member, pathOf(path, key, Array.isArray(value)), seen);
}

function pathOf(path: string, key: string, isIndex: boolean): string {
  if (isIndex) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

function unsuitable(message: string, cause?: unknown): ObolError {
  return new ObolError('E_RESPONSE_TYPE', message, cause === undefined ? undefined : { cause });
}
