/** What the head of one part of a multipart body says (RFC 7578 4.2), as busboy reads it. */
import busboy from 'busboy';
import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { charsetOf, type Charset } from '../http/charset.js';
import { HttpError } from '../http/http-error.js';
import { malformed } from './malformed.js';
import { mendHead, NO_OPTIONS } from './odd-head.js';

/** What a part says of itself. */
export interface PartInfo {
  /** Of the form field. */
  readonly name: string;
  /** Its media type, in lower case and without parameters; `text/plain` when it names none. */
  readonly type: string;
  /** The parameters of its media type, by lower-case name. */
  readonly typeOptions: ReadonlyMap<string, string>;
  /** The parameters of its Content-Disposition, by lower-case name; the name of a file as in `filename`, never a path. */
  readonly dispositionOptions: ReadonlyMap<string, string>;
}

/** A part, as its head says. */
export interface Part {
  readonly info: PartInfo;
  /** Of a file: base name as sent, without control characters, never a path; undefined for a field. */
  readonly filename?: string;
  /** That of a field's value; undefined for UTF-8. */
  readonly charset?: Charset | undefined;
  /** Its Content-Transfer-Encoding, in lower case; `7bit` when it names none. */
  readonly coding: string;
}

/** What a file without a usable name is called. */
export const UNNAMED = 'unnamed';

const MAX_FILE_NAME = 255;
/** A head as browsers write it, which no two parsers read differently: a name, that of a file, a type, each at most once. */
const PLAIN =
  /^Content-Disposition: form-data; name="(?:[^"\\\r\n]|\\[^\r\n])*"(?:; filename="(?:[^"\\\r\n]|\\[^\r\n])+")?(?:\r\nContent-Type: [^\s;,/]+\/[^\s;,/]+)?$/i;

/**
 * Reads the head of a part.
 * @param head its lines, without the empty one that ends them
 * @param charset that of the form, in which heads are, and values whose part names none; default UTF-8
 * @throws HttpError 400 for a head that cannot be read, or is not of a form
 */
export function readPart(head: Buffer, charset?: Charset): Part {
  const text = textOf(head, charset);
  const mended = PLAIN.test(text) ? undefined : mendHead(text);
  const { name, filename: sent, type, coding } = ask(mended?.text ?? text);
  if (name === undefined) throw new HttpError(400, 'A part of the form has no name');
  const typeOptions = mended?.typeOptions ?? NO_OPTIONS;
  const dispositionOptions = mended?.dispositionOptions ?? new Map([['name', name]]);
  const info = { name, type, typeOptions, dispositionOptions };
  if (sent !== undefined) {
    const filename = sanitizeFileName(sent);
    dispositionOptions.set('filename', filename);
    return { info, filename, coding };
  }
  const label = typeOptions.get('charset');
  return { info, charset: label === undefined ? charset : charsetOfValue(label), coding };
}

/** What busboy says of a part. */
interface Answer {
  /** Never empty. */
  readonly name: string | undefined;
  /** Of a file, empty when it has no name; undefined for a field. */
  readonly filename?: string;
  readonly type: string;
  readonly coding: string;
}

/** No client knows it. */
const BOUNDARY = randomBytes(24).toString('hex');

let reader: busboy.Busboy | undefined;
let answer: Answer | undefined;

/**
 * What busboy does: it reads a head, with the quoting and escaping that browsers have come up with, and says whether it is
 * that of a file. It is asked for one part at a time, which has no content, so that it answers at once and remembers nothing;
 * one for all forms is enough. Boundaries are found by `PartSplitter`, since searching is cheaper where it is done natively,
 * and contents need not pass through it. What it passes over or reads otherwise than we want is mended before (`odd-head.ts`).
 * @throws HttpError 400 for what it refuses, as control characters
 */
function ask(head: string): Answer {
  const asked = (reader ??= createReader());
  asked.write(`\r\n${head}\r\n\r\n\r\n--${BOUNDARY}`);
  const given = answer;
  answer = undefined;
  return given ?? forget();
}

/** What busboy did not understand may be on its mind still. */
function forget(): never {
  reader = undefined;
  throw malformed();
}

function createReader(): busboy.Busboy {
  const created = busboy({
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    defParamCharset: 'utf8',
    preservePath: true,
  });
  created.on('field', (name, _value, { mimeType, encoding }) => {
    answer = { name, type: mimeType, coding: encoding };
  });
  created.on('file', (name, _file, { filename = '', mimeType, encoding }) => {
    answer = { name, filename, type: mimeType, coding: encoding };
  });
  created.on('error', () => {
    // That there is no answer says it already.
  });
  created.write(`--${BOUNDARY}`);
  return created;
}

function charsetOfValue(label: string): Charset {
  const charset = charsetOf(label);
  if (!charset) throw new HttpError(400, 'A part of the form has an unknown charset');
  return charset;
}

/** @param charset default UTF-8 @throws HttpError 400 for bytes that are no text of this charset */
export function textOf(bytes: Buffer, charset?: Charset): string {
  const text = charset ? charset.decode(bytes) : isUtf8(bytes) ? bytes.toString() : undefined;
  return text ?? refuseText(charset);
}

function refuseText(charset: Charset | undefined): never {
  throw new HttpError(400, `A part of the form is not valid ${charset?.name ?? 'utf-8'}`);
}

/**
 * The last segment of a name, without control characters, in at most 255 bytes.
 * @returns `unnamed` when nothing is left that could name a file
 */
export function sanitizeFileName(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const clean = base
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '')
    .trim();
  if (clean === '' || clean === '.' || clean === '..') return UNNAMED;
  return Buffer.byteLength(clean) <= MAX_FILE_NAME ? clean : shorten(clean);
}

/** Cuts whole characters off the end of the stem, so that the extension stays. */
function shorten(name: string): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let room = MAX_FILE_NAME - Buffer.byteLength(extension);
  let stem = '';
  for (const character of name) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return stem + extension;
}
