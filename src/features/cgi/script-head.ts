/** The header block that a script writes before its document (RFC 3875 6). */
import { Headers } from '../../kit.js';
import { OF_CONNECTION } from './connection-fields.js';

/** What a script wrote is no answer. */
export class BadOutput extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadOutput';
  }
}

/** What a script says of its answer. */
export interface ScriptHead {
  /** Undefined where it names none. */
  readonly status: number | undefined;
  /** Of the document; undefined where there is none. */
  readonly contentType: string | undefined;
  /** Bytes that it says its document has. */
  readonly length: number | undefined;
  readonly location: string | undefined;
  /** All that goes to the client, Content-Type and Location among it. */
  readonly headers: Headers;
}

/** For the connection to the client, which is the server's, as the date is, and what has been read already. */
const NOT_PASSED: ReadonlySet<string> = new Set([...OF_CONNECTION, 'content-length', 'date', 'status']);

/** Where the header block ends and the document begins. */
export interface HeadEnd {
  readonly head: number;
  readonly body: number;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Finds the empty line that ends a header block.
 * @param from what stands before was looked at already
 * @returns undefined where it is not there yet
 */
export function endOfHead(bytes: Uint8Array, from = 0): HeadEnd | undefined {
  for (let start = from === 0 ? 0 : bytes.lastIndexOf(LF, from - 1) + 1; ;) {
    const end = bytes.indexOf(LF, start);
    if (end < 0) return undefined;
    if (end === start || (end === start + 1 && bytes[start] === CR)) return { head: start, body: end + 1 };
    start = end + 1;
  }
}

/**
 * Reads a header block: lines ended by LF or CR LF, each a name and a value.
 * @param isNph whether a status line of HTTP comes first
 * @throws BadOutput for anything else, and where none of Content-Type, Location and Status is there
 */
export function parseHead(block: string, isNph = false): ScriptHead {
  const lines = block.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (lines.at(-1) === '') lines.pop();
  const statusLine = isNph ? parseStatusLine(lines.shift() ?? '') : undefined;
  const fields = new ScriptFields(lines.map(parseField));
  const status = statusLine ?? fields.status();
  const contentType = fields.one('content-type');
  const location = fields.one('location');
  if (isNph && fields.one('transfer-encoding') !== undefined)
    throw new BadOutput('a transfer coding of its own');
  if (status === undefined && contentType === undefined && location === undefined)
    throw new BadOutput('a header with none of Content-Type, Location and Status');
  return { status, contentType, location, length: fields.length(), headers: fields.passed() };
}

type Field = readonly [name: string, value: string];

function parseField(line: string): Field {
  const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined)
    throw new BadOutput(`the line ${JSON.stringify(line.slice(0, 100))} in its header`);
  return [name, value.trimEnd()];
}

function parseStatusLine(line: string): number {
  const [, code] = /^HTTP\/\d\.\d (\d{3})(?: |$)/.exec(line) ?? [];
  return checkedStatus(code, line);
}

function checkedStatus(code: string | undefined, text: string): number {
  if (code === undefined || code < '200' || code > '599')
    throw new BadOutput(`the status ${JSON.stringify(text.slice(0, 100))}`);
  return Number(code);
}

class ScriptFields {
  readonly #fields: readonly Field[];

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
  }

  /** The value of a field that comes once; undefined where it does not come. @param name in lower case */
  one(name: string): string | undefined {
    const values = this.#fields.filter(([other]) => other.toLowerCase() === name);
    const [first, second] = values;
    if (second) throw new BadOutput(`two fields ${name}`);
    if (first?.[1] === '') throw new BadOutput(`an empty field ${name}`);
    return first?.[1];
  }

  status(): number | undefined {
    const text = this.one('status');
    return text === undefined ? undefined : checkedStatus(/^(\d{3})(?: |$)/.exec(text)?.[1], text);
  }

  length(): number | undefined {
    const text = this.one('content-length');
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) throw new BadOutput(`the length ${JSON.stringify(text.slice(0, 100))}`);
    return Number(text);
  }

  passed(): Headers {
    const isPassed = ([name]: Field): boolean =>
      !NOT_PASSED.has(name.toLowerCase()) && !name.toLowerCase().startsWith('x-cgi-');
    const headers = new Headers();
    for (const field of this.#fields.filter(isPassed)) add(headers, field);
    return headers;
  }
}

/** Of a field that has one value the last counts: programs correct themselves so, git's among them. */
function add(headers: Headers, [name, value]: Field): void {
  try {
    headers.append(name, value);
  } catch (error) {
    if (!headers.has(name)) throw new BadOutput((error as Error).message);
    headers.delete(name);
    add(headers, [name, value]);
  }
}
