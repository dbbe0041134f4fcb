/** What the head of one part of a multipart body says (RFC 7578 4.2): taken as senders write it, refused where parsers would differ. */
import { isUtf8 } from 'node:buffer';
import { charsetOf, type Charset } from '../http/charset.js';
import { HttpError } from '../http/http-error.js';
import { parseMediaType } from '../http/media-type.js';

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
  /** Its Content-Transfer-Encoding; undefined when it names none. */
  readonly coding: string | undefined;
}

/** What a file without a usable name is called. */
export const UNNAMED = 'unnamed';

/** Bytes that the head of a part may have. */
export const MAX_PART_HEAD = 8 * 1024;

const MAX_HEADERS = 20;
const MAX_FILE_NAME = 255;
/** A name, and a value without the white space around it, if there is one. */
const HEADER =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(?:([^\x00-\x20\x7f](?:[^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?)[ \t]*)?$/;
const FORM_DATA = /^form-data(?=[ \t]*(?:;|$))/i;
/** A parameter and the semicolon before it; its value in quotes, or as it stands up to the next semicolon. */
const PARAMETER =
  /[ \t]*;[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^";]*[^"; \t])?))?/y;
/** A parameter in pieces (RFC 2231), which no client sends. */
const PIECE = /\*\d/;
/** The extended notation (RFC 8187 3.2.1). */
const EXTENDED =
  /^([A-Za-z0-9!#$%&+\-^_`{}~]+)'[A-Za-z0-9-]*'((?:[A-Za-z0-9!#$&+\-.^_`|~]|%[0-9A-Fa-f]{2})+)$/;
const EXTENDABLE = ['name', 'filename'];
const TEXT_PLAIN = { essence: 'text/plain', parameters: new Map<string, string>() };

/**
 * Reads the head of a part.
 * @param head its lines, without the empty one that ends them
 * @param charset that of the form, in which heads are, and values whose part names none; default UTF-8
 * @throws HttpError 400 for a head that cannot be read, or is not of a form
 */
export function readPart(head: Buffer, charset?: Charset): Part {
  const headers = readHeaders(textOf(head, charset));
  const disposition = readDisposition(headers);
  const name = disposition.get('name');
  if (name === undefined || name === '') throw new HttpError(400, 'A part of the form has no name');
  const { essence: type, parameters } = parseMediaType(headers.get('content-type') ?? '') ?? TEXT_PLAIN;
  const info = { name, type, typeOptions: parameters, dispositionOptions: disposition };
  const coding = headers.get('content-transfer-encoding');
  const sent = disposition.get('filename');
  if (sent || type === 'application/octet-stream') {
    const filename = sanitizeFileName(sent ?? '');
    disposition.set('filename', filename);
    return { info, filename, coding };
  }
  const label = parameters.get('charset');
  return { info, charset: label === undefined ? charset : charsetOfValue(label), coding };
}

/** By lower-case name. Refuses what parsers of forms pass over in silence, each in its own way. */
function readHeaders(head: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const lines = head.split('\r\n');
  if (lines.length > MAX_HEADERS) throw oversizedHead();
  for (const line of lines) {
    const [, name, value = ''] = HEADER.exec(line) ?? [];
    if (name === undefined) throw malformed();
    const key = name.toLowerCase();
    if (headers.has(key) && key.startsWith('content-')) throw oneOf(key);
    headers.set(key, value);
  }
  return headers;
}

/** The parameters by lower-case name. */
function readDisposition(headers: ReadonlyMap<string, string>): Map<string, string> {
  const value = headers.get('content-disposition') ?? refuseHead();
  if (!FORM_DATA.test(value)) throw malformed();
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = 'form-data'.length;
  while (PARAMETER.lastIndex < value.length) {
    const [, name, quoted, bare = ''] = PARAMETER.exec(value) ?? refuseParameters();
    if (name !== undefined) add(parameters, name.toLowerCase(), quoted?.replace(/\\(["\\])/g, '$1') ?? bare);
  }
  for (const name of EXTENDABLE) if (parameters.has(`${name}*`)) takeExtended(parameters, name);
  return parameters;
}

function add(parameters: Map<string, string>, name: string, value: string): void {
  if (parameters.has(name) || PIECE.test(name)) throw malformed();
  parameters.set(name, value);
}

/** Many senders give a name twice, the second time in the extended notation: that goes before, if it can be read. */
function takeExtended(parameters: Map<string, string>, name: string): void {
  const key = `${name}*`;
  const [, label = '', encoded = ''] = EXTENDED.exec(parameters.get(key) ?? '') ?? [];
  const octets = encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const text = octets === '' ? undefined : charsetOf(label)?.decode(Buffer.from(octets, 'latin1'));
  if (text === undefined && !parameters.has(name)) throw malformed();
  parameters.delete(key);
  if (text !== undefined) parameters.set(name, text);
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

function refuseHead(): never {
  throw oneOf('content-disposition');
}

function refuseParameters(): never {
  throw malformed();
}

function oneOf(header: string): HttpError {
  const name = header.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
  return new HttpError(400, `Each part of a form has one ${name}`);
}

export function oversizedHead(): HttpError {
  return new HttpError(400, 'A part of the form has too many headers');
}

export function malformed(): HttpError {
  return new HttpError(400, 'The multipart body is malformed');
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
