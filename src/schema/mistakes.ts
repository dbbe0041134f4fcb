/** What a schema refuses, as it may be passed on: where it is, and why, without anything of the value. */
import type { SchemaIssue } from './standard-schema.js';

/** One thing that is wrong with a value. */
export interface SchemaMistake {
  /** Names of members and indices that lead to it; none for the value itself. */
  readonly path: readonly string[];
  /** A sentence of the library, or a general one where that would show the value. */
  readonly detail: string;
  /** What it is answered with. Default 422. */
  readonly status?: number | undefined;
  /** Whether a value of another type is wanted, such as a number for a text; undefined where the library does not say. */
  readonly isOfType?: boolean | undefined;
}

/** A mistake whose kind is for Obol alone: what is compared or printed of it are its other members. */
class Mistake implements SchemaMistake {
  readonly path: readonly string[];
  readonly detail: string;
  readonly status: number | undefined;
  readonly #isOfType: boolean | undefined;

  constructor(path: readonly string[], detail: string, issue: SchemaIssue) {
    this.path = path;
    this.detail = detail;
    this.status = issue.status;
    this.#isOfType = isOfType(issue);
  }

  get isOfType(): boolean | undefined {
    return this.#isOfType;
  }
}

/** How much is said about one value. */
const MAX_MISTAKES = 100;
const MAX_DEPTH = 64;
/** Characters of a name, and of other text without spaces, which a client may have chosen. */
const MAX_NAME = 100;
const MAX_DETAIL = 500;
/** Characters that a detail is made of, before names in it are cut. */
const MAX_READ = 20_000;
/** Texts and numbers of a value that are looked for in what is said about it: more do not stand at its beginning. */
const MAX_PARTS = 500;
/** Characters that are looked for at most, and looked at: a part that begins in a detail ends there, or is long enough to be known. */
const MAX_PART = 500;
const MAX_LOOKED_AT = MAX_DETAIL + MAX_PART;

/** What is said where the words of the library would show the value. */
export const GENERAL = 'It does not fit';

/** The first hundred things that are wrong with a value: one at least. */
export function mistakesOf(issues: readonly SchemaIssue[], value: unknown): SchemaMistake[] {
  // What is refused without a word is refused all the same.
  if (issues.length === 0) return [{ path: [], detail: GENERAL }];
  return [...issues].slice(0, MAX_MISTAKES).map((issue) => {
    const keys = keysOf(issue).slice(0, MAX_DEPTH);
    const path = keys.map((key) => cutName(String(key)));
    return new Mistake(path, detailOf(issue, valueAt(value, keys)), issue);
  });
}

/** What zod and arktype call it where the type does not fit, or none of several. */
const OF_TYPE: readonly unknown[] = ['invalid_type', 'invalid_union', 'domain', 'proto', 'union'];

/**
 * Whether a value is of another type than is wanted, or one that does not do, as zod, arktype and valibot say; undefined where the
 * library does not. With a format it is a number, and none of that kind.
 */
export function isOfType({ code, kind, format }: SchemaIssue): boolean | undefined {
  if (kind !== undefined) return kind === 'schema';
  return code === undefined ? undefined : OF_TYPE.includes(code) && format === undefined;
}

/** The name of the member that something is wrong with; undefined where it is the value itself. */
export function firstKey({ path }: SchemaIssue): string | undefined {
  const [step] = path ?? [];
  return step === undefined ? undefined : String(keyOf(step));
}

function keysOf({ path = [] }: SchemaIssue): PropertyKey[] {
  // Some libraries have arrays of their own here, whose copies are not what they should be.
  return [...path].map(keyOf);
}

function keyOf(step: PropertyKey | { readonly key: PropertyKey }): PropertyKey {
  return typeof step === 'object' ? step.key : step;
}

/** A JSON pointer (RFC 6901 3), such as `/people/0/name`; `''` for the value itself. */
export function pointerTo(path: readonly string[]): string {
  return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Libraries may put the value into what they say, or what they made of it, and it may be a password. */
function detailOf(issue: SchemaIssue, value: unknown): string {
  const message = typeof issue.message === 'string' ? issue.message : '';
  const looked = message.slice(0, MAX_LOOKED_AT).toLowerCase();
  const parts = partsOf([value, 'data' in issue ? issue.data : issue.input]);
  if (message === '' || parts.some((part) => holds(looked, part))) return GENERAL;
  const short = withShortNames(message, value).slice(0, MAX_READ);
  return cut(short.replace(/\S{101,}/g, cutName), MAX_DETAIL);
}

/** Names with spaces are cut, too: of those that begin where a detail still has room, the earliest first, and then the longest. */
function withShortNames(message: string, value: unknown): string {
  if (message.length <= MAX_NAME || typeof value !== 'object' || value === null) return message;
  const names = Object.keys(value).filter((name) => name.length > MAX_NAME);
  let [done, rest] = ['', message];
  while (rest !== '' && done.length < MAX_DETAIL) {
    const [at, name] = firstOf(names.slice(0, MAX_PARTS), rest);
    done += rest.slice(0, at) + cutName(name);
    rest = rest.slice(at + name.length);
  }
  return done + rest;
}

/** The name that a text has first, and where; its end and no name where it has none soon. */
function firstOf(names: readonly string[], text: string): readonly [at: number, name: string] {
  const start = text.slice(0, MAX_DETAIL + MAX_NAME);
  return names.reduce<readonly [number, string]>(
    ([first, longest], name) => {
      const at = start.indexOf(name.slice(0, MAX_NAME));
      const isBetter = at >= 0 && (at < first || (at === first && name.length > longest.length));
      return isBetter && text.startsWith(name, at) ? [at, name] : [first, longest];
    },
    [text.length, ''],
  );
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

/** The first texts and numbers in plain data, as libraries may write them. */
function partsOf(value: unknown): string[] {
  const parts: string[] = [];
  const waiting = [value];
  while (waiting.length > 0 && parts.length < MAX_PARTS) {
    const next = waiting.pop();
    if (isData(next))
      waiting.push(
        ...Object.values(next as Readonly<Record<string, unknown>>)
          .slice(0, MAX_PARTS)
          .reverse(),
      );
    else if (typeof next === 'string') parts.push(...spellingsOf(next));
    else if (typeof next === 'number' || typeof next === 'bigint') parts.push(String(next));
  }
  return parts;
}

/** Not what a library, or Obol, has made, such as a file. */
function isData(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null || Array.isArray(value);
}

/** In lower case, without spaces around it, as it is, as in JSON, and as the number that it may be read as. */
function spellingsOf(text: string): string[] {
  const plain = text
    .slice(0, 2 * MAX_PART)
    .trim()
    .slice(0, MAX_PART)
    .toLowerCase();
  const escaped = JSON.stringify(plain).slice(1, -1).slice(0, MAX_PART);
  const number = /^-?\d/.test(plain) ? Number(plain) : NaN;
  if (plain === '') return [];
  return [...new Set([plain, escaped, ...(Number.isFinite(number) ? [String(number)] : [])])];
}

/** Whether a text stands in another, and not within a word or number of it. */
function holds(message: string, part: string): boolean {
  for (let at = message.indexOf(part); at >= 0; at = message.indexOf(part, at + 1))
    if (part.length >= MAX_PART || !isWithinWord(message, part, at)) return true;
  return false;
}

function isWithinWord(message: string, part: string, at: number): boolean {
  return continues(part, message[at - 1], 0) || continues(part, message[at + part.length], -1);
}

/** Whether a character beside a text belongs to the same word as the text's first or last one. */
function continues(part: string, beside: string | undefined, at: 0 | -1): boolean {
  return beside !== undefined && /\w/.test(beside) && /\w/.test(part.at(at) ?? '');
}
