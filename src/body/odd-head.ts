/** Heads of parts that no browser writes: refused where parsers would differ, else written anew, so that all read them alike. */
import { charsetOf } from '../http/charset.js';
import { percentEncoded } from '../http/content-disposition.js';
import { HttpError } from '../http/http-error.js';
import { parseMediaType } from '../http/media-type.js';
import { malformed, oversizedHead } from './malformed.js';

/** A head that was written anew. */
export interface MendedHead {
  /** Its name, that of its file, its type and its coding, as browsers write them. */
  readonly text: string;
  /** The parameters of its media type, by lower-case name. */
  readonly typeOptions: ReadonlyMap<string, string>;
  /** The parameters of its Content-Disposition, by lower-case name. */
  readonly dispositionOptions: Map<string, string>;
}

const MAX_HEADERS = 20;
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
const CONTROL = /[\x00-\x1f\x7f]/;
export const NO_OPTIONS: ReadonlyMap<string, string> = new Map();

/**
 * Mends the head of a part.
 * @param head its lines, without the empty one that ends them
 * @throws HttpError 400 for one that cannot be read, that parsers read in different ways, or that is not of a form
 */
export function mendHead(head: string): MendedHead {
  const headers = readHeaders(head);
  const disposition = readDisposition(headers);
  const type = parseMediaType(headers.get('content-type') ?? '');
  const coding = headers.get('content-transfer-encoding');
  const lines = [writeDisposition(disposition)];
  if (type) lines.push(`Content-Type: ${type.essence}`);
  if (coding !== undefined) lines.push(`Content-Transfer-Encoding: ${coding}`);
  return {
    text: lines.join('\r\n'),
    typeOptions: type ? type.parameters : NO_OPTIONS,
    dispositionOptions: disposition,
  };
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
  const value = headers.get('content-disposition');
  if (value === undefined) throw oneOf('content-disposition');
  if (!FORM_DATA.test(value)) throw malformed();
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = 'form-data'.length;
  while (PARAMETER.lastIndex < value.length) {
    const found = PARAMETER.exec(value);
    if (!found) throw malformed();
    const [, name, quoted, bare = ''] = found;
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

/** The name of a file goes in the extended notation, in which it may have any characters; there is none for that of a part. */
function writeDisposition(parameters: ReadonlyMap<string, string>): string {
  const name = parameters.get('name') ?? '';
  if (CONTROL.test(name)) throw malformed();
  const start = `Content-Disposition: form-data; name="${name.replace(/["\\]/g, '\\$&')}"`;
  const filename = parameters.get('filename');
  return filename ? `${start}; filename*=UTF-8''${percentEncoded(filename)}` : start;
}

function oneOf(header: string): HttpError {
  const name = header.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
  return new HttpError(400, `Each part of a form has one ${name}`);
}
