/** What one part of a multipart body is (RFC 7578 4.2): its head, refused where parsers would differ, and read by busboy. */
import busboy from 'busboy';
import { randomBytes } from 'node:crypto';
import { splitList } from '../http/grammar.js';
import { HttpError } from '../http/http-error.js';

/** A part, as its head and its value say. */
export interface Part {
  readonly name: string | undefined;
  /** In its charset; undefined when that is unknown. Empty for a file. */
  readonly value: string | undefined;
  /** Of a file; undefined for a field. */
  readonly file?: {
    /** Base name as sent, without control characters; never a path. */
    readonly filename: string;
    /** The media type the client claims. */
    readonly type: string;
  };
}

/** What a file without a usable name is called. */
export const UNNAMED = 'unnamed';

/** Bytes that the head of a part may have. */
export const MAX_PART_HEAD = 8 * 1024;

const MAX_HEADERS = 20;
const MAX_FILE_NAME = 255;
const HEADER = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:/;
const DISPOSITION = /^content-disposition:/i;
/** Names in the extended notation, whole (RFC 5987) or in pieces (RFC 2231). */
const EXTENDED_NAME = /^(?:file)?name\*/i;
/** What the head of every file has; that of a field may have it too. */
const OF_FILE = /filename|octet-stream/i;

/**
 * Refuses what parsers of forms pass over in silence, each in its own way.
 * @param head the lines without the empty one that ends them
 * @returns whether it may be the head of a file
 * @throws HttpError 400
 */
export function checkPartHead(head: string): boolean {
  const lines = head.split('\r\n');
  if (lines.length > MAX_HEADERS) throw oversizedHead();
  if (!lines.every((line) => HEADER.test(line))) throw malformed();
  const [disposition, second] = lines.filter((line) => DISPOSITION.test(line));
  if (disposition === undefined || second !== undefined)
    throw new HttpError(400, 'Each part of a form has one Content-Disposition');
  if (disposition.includes('*') && splitList(disposition, ';').some((each) => EXTENDED_NAME.test(each)))
    throw new HttpError(400, 'A form has plain names: filename* is not allowed');
  return OF_FILE.test(head);
}

export function oversizedHead(): HttpError {
  return new HttpError(400, 'A part of the form has too many headers');
}

export function malformed(): HttpError {
  return new HttpError(400, 'The multipart body is malformed');
}

const LINE_BREAK = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
/** No client knows it, so that no value can hold it. */
const BOUNDARY = randomBytes(24).toString('hex');
const DELIMITER = Buffer.from(`\r\n--${BOUNDARY}`);

let reader: busboy.Busboy | undefined;
let read: Part | undefined;

/**
 * What busboy still does: it reads the parameters of a head, with all the quoting and escaping that browsers have come up
 * with, and decodes a value by the charset that the head names. It is asked for one part at a time, which it has whole, so
 * that it answers at once and remembers nothing; one for all forms is enough. Boundaries are found and contents passed on by
 * {@link PartSplitter}, since searching is cheaper where it is done natively, and a file need not pass through it at all.
 * @param head its lines, without the empty one that ends them
 * @param value in pieces, as it came
 * @throws HttpError 400 for a head that cannot be read, or is not of a form
 */
export function readPart(head: Buffer, value: readonly Buffer[] = []): Part {
  const asked = (reader ??= createReader());
  asked.write(Buffer.concat([LINE_BREAK, head, HEAD_END, ...value, DELIMITER]));
  const part = read;
  read = undefined;
  if (part && asked.writableLength === 0) return part;
  // What it did not understand may be on its mind still.
  reader = undefined;
  throw malformed();
}

function createReader(): busboy.Busboy {
  const created = busboy({
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    defParamCharset: 'utf8',
    preservePath: true,
    limits: { fieldSize: Infinity },
  });
  created.on('field', (name, value) => {
    read = { name, value };
  });
  created.on('file', (name, _file, info: { filename?: string; mimeType: string }) => {
    const filename = sanitizeFileName(info.filename ?? '');
    read = { name, value: '', file: { filename, type: info.mimeType.toLowerCase() } };
  });
  created.on('error', () => {
    // That nothing was read says it already.
  });
  created.write(`--${BOUNDARY}`);
  return created;
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
