/** A log of JSON lines, with the names of pino: `level`, `time`, `msg`, and `err` for what was thrown. */
import { isError } from '../realms.js';
import { LEVELS, Log, type Fields, type Level, type LogLine } from './log.js';
import { escapeInJson, oneLine } from './one-line.js';
import { showError, shownValue } from './shown-error.js';
import type { Sink } from './sink.js';

/** Characters of one field as JSON, and of a line; what is longer is cut, and fields that find no room are left out. */
const MAX_FIELD = 8192;
const MAX_LINE = 32_768;
/** What a string has that does not stand for itself in JSON, or is hostile. */
const UNUSUAL = /["\\\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/u;
/** Names that each line has of its own. */
const RESERVED = ['level', 'time', 'msg'];

/** Writes one line of JSON for each line. */
export class JsonLog extends Log {
  readonly #sink: Sink;
  readonly #least: number;
  readonly #bound: Fields;
  /** The same as JSON, made once for all lines. */
  readonly #start: string;
  /** Names that fields of a line may not have: what came from a client must not stand in for what Obol says. */
  readonly #taken: ReadonlySet<string>;

  /** @param least the number of the least important level that is written @param bound fields of every line */
  constructor(sink: Sink, least: number, bound: Fields = {}) {
    super();
    this.#sink = sink;
    this.#least = least;
    this.#bound = bound;
    this.#start = withFields('', bound, new Set(RESERVED));
    this.#taken = new Set([...RESERVED, ...Object.keys(bound)]);
  }

  override child(fields: Fields): Log {
    return new JsonLog(this.#sink, this.#least, { ...this.#bound, ...fields });
  }

  isLevelEnabled(level: Level): boolean {
    return LEVELS[level] >= this.#least;
  }

  write({ level, fields, message }: LogLine): void {
    let line = `{"level":${String(LEVELS[level])},"time":${String(Date.now())}${this.#start}`;
    if (fields) line = withFields(line, fields, this.#taken);
    const text = message ?? messageOf(fields?.['err']);
    if (text !== undefined) line += `,"msg":${quoted(text)}`;
    this.#sink(`${line}}\n`);
  }
}

function withFields(start: string, fields: Fields, taken: ReadonlySet<string>): string {
  let line = start;
  for (const name of Object.keys(fields)) {
    const json = name === 'err' ? jsonOfThrown(fields[name]) : jsonOf(fields[name]);
    if (json === undefined) continue;
    const part = `,${quoted(taken.has(name) ? `${name}_` : name)}:${json}`;
    if (line.length + part.length <= MAX_LINE) line += part;
  }
  return line;
}

/** What is no error has the same parts, so that all lines have one shape. @returns undefined for none */
function jsonOfThrown(thrown: unknown): string | undefined {
  return thrown === undefined ? undefined : bounded(jsonOfError(thrown));
}

/** @returns undefined for what JSON leaves out */
function jsonOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return quoted(value, MAX_FIELD);
    case 'number':
      return Number.isFinite(value) ? String(value) : `"${String(value)}"`;
    case 'boolean':
      return String(value);
    case 'object':
      return value === null ? 'null' : bounded(isError(value) ? jsonOfError(value) : jsonOfObject(value));
    case 'bigint':
      return quoted(String(value));
    default:
      return undefined;
  }
}

/** Where its causes find no room, the error stands alone. */
function jsonOfError(error: unknown): string {
  const shown = showError(error);
  const json = JSON.stringify(shown);
  if (json.length <= 2 * MAX_FIELD) return json;
  return JSON.stringify({ ...shown, cause: undefined, aggregateErrors: undefined });
}

/** What JSON cannot say is shown as text: circles, bigints, what throws when it is read. */
function jsonOfObject(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(shownValue(value));
  }
}

function bounded(json: string | undefined): string | undefined {
  if (json === undefined) return undefined;
  return json.length <= 2 * MAX_FIELD ? escapeInJson(json) : quoted(json, MAX_FIELD);
}

function quoted(text: string, most = 2048): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return UNUSUAL.test(cut) ? escapeInJson(JSON.stringify(cut)) : `"${cut}"`;
}

/** An error alone says by itself what is the matter. */
function messageOf(error: unknown): string | undefined {
  return error === undefined ? undefined : oneLine(showError(error).message);
}
