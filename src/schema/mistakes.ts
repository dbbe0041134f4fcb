/** What a schema refuses, as it may be passed on: where it is, and why, without anything of the value. */
import type { SchemaIssue } from './standard-schema.js';

/** One thing that is wrong with a value. */
export interface SchemaMistake {
  /** Names of members and indices that lead to it; none for the value itself. */
  readonly path: readonly string[];
  /** A sentence of the library, or a general one where that would show the value. */
  readonly detail: string;
}

/** How much is said about one value. */
const MAX_MISTAKES = 100;
const MAX_DEPTH = 64;
/** Characters of a name, and of other text without spaces, which a client may have chosen. */
const MAX_NAME = 100;
const MAX_DETAIL = 500;
/** Texts and numbers below a value that are looked for in what is said about it. */
const MAX_PARTS = 200;

const GENERAL = 'It does not fit';

/** The first hundred things that are wrong with a value. */
export function mistakesOf(issues: readonly SchemaIssue[], value: unknown): SchemaMistake[] {
  return [...issues].slice(0, MAX_MISTAKES).map(({ message, path = [] }) => {
    // Some libraries have arrays of their own here, whose copies are not what they should be.
    const keys = [...path].slice(0, MAX_DEPTH).map((step) => (typeof step === 'object' ? step.key : step));
    return { path: keys.map((key) => cutName(String(key))), detail: detailOf(message, valueAt(value, keys)) };
  });
}

/** A JSON pointer (RFC 6901 3), such as `/people/0/name`; `''` for the value itself. */
export function pointerTo(path: readonly string[]): string {
  return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Libraries may put the value into what they say, and it may be a password. */
function detailOf(message: string, value: unknown): string {
  const shows = partsOf(value).some((part) => holds(message, part));
  return shows || message === '' ? GENERAL : cut(message.replace(/\S{101,}/g, cutName), MAX_DETAIL);
}

function cutName(name: string): string {
  return cut(name, MAX_NAME);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Own members only: the path may name what every object inherits. */
function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/** The texts and numbers in a value, as text. */
function partsOf(value: unknown): string[] {
  const parts: string[] = [];
  const waiting = [value];
  while (waiting.length > 0 && parts.length < MAX_PARTS) {
    const next = waiting.pop();
    if (typeof next === 'object' && next !== null)
      waiting.push(...Object.values(next as Readonly<Record<string, unknown>>).slice(0, MAX_PARTS));
    else if (['string', 'number', 'bigint'].includes(typeof next)) parts.push(String(next));
  }
  return parts.filter((part) => part !== '');
}

/** Whether a text stands in another, and not within a word or number of it. */
function holds(message: string, part: string): boolean {
  for (let at = message.indexOf(part); at >= 0; at = message.indexOf(part, at + 1))
    if (!(continues(part, message[at - 1], 0) || continues(part, message[at + part.length], -1))) return true;
  return false;
}

/** Whether a character beside a text belongs to the same word as the text's first or last one. */
function continues(part: string, beside: string | undefined, at: 0 | -1): boolean {
  return beside !== undefined && /\w/.test(beside) && /\w/.test(part.at(at) ?? '');
}
