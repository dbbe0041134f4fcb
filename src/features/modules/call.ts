/** The body of a call as the pages of WebScripts send it: named arguments, and what is typed into a script. */
import { HttpError } from '../../kit.js';

/** What a body says. */
export interface Call {
  /** As a command line has them: names that begin with `-`, and values. */
  readonly arguments: readonly string[];
  /** What is typed in, one entry for each line. */
  readonly inputs: readonly string[];
  /** The token against forged requests, where the body has one. */
  readonly csrfToken: string | undefined;
}

/** One argument of a body. */
export interface Entry {
  /** Undefined for a value that says that the argument is not there. */
  readonly values: readonly string[] | undefined;
  /** Whether its value is `true`. */
  readonly isSet: boolean;
  /** Whether its value is a text. */
  readonly isText: boolean;
  /** Whether it is one of the inputs. */
  readonly isInput: boolean;
}

/** A {@link Call} whose arguments have their names. */
export interface NamedCall {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly csrfToken: string | undefined;
}

/** The call of a request without a body. */
export const NO_CALL: Call = Object.freeze({
  arguments: Object.freeze([]),
  inputs: Object.freeze([]),
  csrfToken: undefined,
});

/**
 * Reads `{ "csrf_token": "...", "arguments": { "--name": { "value": "...", "input": false }, ... } }`. The order of the text is
 * kept, of names such as `2` and `1` too; of a name that comes twice the last value counts, where the first stood. Numbers are
 * as they are written.
 * @throws HttpError 400 for what is no JSON, or has another form
 */
export function parseCall(text: string): Call {
  const { entries, csrfToken } = parseEntries(text);
  const call = { arguments: [] as string[], inputs: [] as string[], csrfToken };
  for (const [name, entry] of entries) {
    const { words, isInput } = wordsOf(name, entry);
    (isInput ? call.inputs : call.arguments).push(...words);
  }
  return call;
}

/** The same by names, for what knows its arguments. @throws HttpError 400 as {@link parseCall} */
export function parseEntries(text: string): NamedCall {
  const body = parseMarked(text);
  if (!isObject(body)) throw malformed('The body is not an object');
  const { [`${STRING}csrf_token`]: token, [`${STRING}arguments`]: given = {} } = body;
  if (!isObject(given)) throw malformed('"arguments" is not an object');
  const named = Object.entries(given).map(([marked, entry]) => [unmarked(marked), entry] as const);
  return {
    entries: new Map(named.map(([name, entry]) => [name, readEntry(name, entry)])),
    csrfToken: readToken(token),
  };
}

/** What begins a text, and a number, in JSON that is marked: no name looks like an index then, and no number loses a digit. */
const STRING = 's';
const NUMBER = 'n';

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

/** Members of all objects and lists in a body: enough for ten thousand arguments. */
const MAX_MEMBERS = 40_000;

/** Parses with every text and number as a text that is marked. Objects keep the order of names that are not indexes. */
function parseMarked(text: string): unknown {
  // Only what is JSON without the marks is JSON with them. They take their time, so that there may not be too many.
  assertFew(parsePlain(text));
  const mark = (token: string): string =>
    token.startsWith('"') ? `"${STRING}${token.slice(1)}` : `"${NUMBER}${token}"`;
  return JSON.parse(text.replace(TOKEN, mark));
}

function parsePlain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HttpError(400, 'The body is not JSON', { cause });
  }
}

function assertFew(root: unknown): void {
  const found = [root];
  for (const value of found) {
    const members: unknown[] = typeof value === 'object' && value !== null ? Object.values(value) : [];
    if (found.length + members.length > MAX_MEMBERS)
      throw malformed(`The body has more than ${String(MAX_MEMBERS)} values`);
    found.push(...members);
  }
}

function unmarked(text: string): string {
  return text.slice(1);
}

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readToken(token: unknown): string | undefined {
  if (token === undefined || token === null) return undefined;
  if (typeof token !== 'string' || !token.startsWith(STRING)) throw malformed('"csrf_token" is not a text');
  return unmarked(token);
}

function readEntry(name: string, entry: unknown): Entry {
  if (!isObject(entry)) throw malformed(`The argument ${quoted(name)} is not an object`);
  const { [`${STRING}value`]: value, [`${STRING}input`]: isInput } = entry;
  if (value === undefined || typeof isInput !== 'boolean')
    throw malformed(`The argument ${quoted(name)} is not { "value": ..., "input": true or false }`);
  const isText = typeof value === 'string' && value.startsWith(STRING);
  return { values: readValue(name, value), isSet: value === true, isText, isInput };
}

/** What one argument adds, and to which of the two lists. */
function wordsOf(name: string, { values, ...entry }: Entry): { words: readonly string[]; isInput: boolean } {
  const isOption = name.startsWith('-');
  const words = isOption && values ? [name, ...values] : entry.isSet ? [name] : (values ?? []);
  return { words, isInput: entry.isInput && !(isOption && entry.isText) };
}

/** The texts of a value; undefined for one that says that the argument is not there. */
function readValue(name: string, value: unknown): string[] | undefined {
  if (value === true) return [];
  if (isNothing(value) || value === false) return undefined;
  if (typeof value === 'string') return [unmarked(value)];
  if (!Array.isArray(value)) throw malformed(`The value of ${quoted(name)} is an object`);
  const members = value.filter((member) => !isNothing(member)).map((member) => readMember(name, member));
  return members.length === 0 ? undefined : members;
}

function readMember(name: string, member: unknown): string {
  if (typeof member === 'boolean') return String(member);
  if (typeof member === 'string') return unmarked(member);
  throw malformed(`The list ${quoted(name)} has a member that is a list or an object`);
}

function isNothing(value: unknown): boolean {
  return value === null || value === STRING;
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}

function malformed(why: string): HttpError {
  return new HttpError(400, why);
}
