/** What a test sends as the body of a request: JSON, a form with or without files, or bytes as they are. */
import { Form } from '../../body/form.js';
import { UploadedFile } from '../../body/uploaded-file.js';
import { ObolError, toBytes } from '../../kit.js';
import type { Chunk, ChunkStream } from '../../message/response.js';
import { multipartBody, type FormEntry } from './multipart-body.js';

/** A file as a test writes it down. Default name `unnamed`, default type `application/octet-stream`. */
export interface TestFile {
  readonly filename?: string;
  readonly type?: string;
  readonly content: string | Uint8Array;
}

/** A file of a form. A `Blob` or `File` is for `TestClient`, since it is read later. */
export type FileSource = UploadedFile | TestFile | Blob;

/** A field of a form, or a file; several for a list. Numbers and the like are sent as text. */
export type FieldSource = string | number | boolean | FileSource;

/** Fields and files of a form, by name or as values that have both. */
export type FormSource =
  | Readonly<Record<string, FieldSource | readonly FieldSource[]>>
  | Form
  | FormData
  | URLSearchParams;

/** The ways to say what is sent, of which a request has one; `files` go with `form`. */
export interface ContentSource {
  /** Sent as it is; read when it is asked for. Forms bring their type along. Default none. */
  readonly body?: Chunk | ChunkStream | FormData | URLSearchParams | Blob | undefined;
  /** Sent as JSON. Default none. */
  readonly json?: unknown;
  /**
   * Sent as a form: `{ name: 'smith', hobby: ['chess', 'go'] }`; as multipart when there are files, and where it is a
   * `FormData`. Default none.
   */
  readonly form?: FormSource | undefined;
  /** Files of the form: `{ photo: { filename: 'me.png', type: 'image/png', content: bytes } }`. Default none. */
  readonly files?: Readonly<Record<string, FileSource | readonly FileSource[]>> | undefined;
  /** Bytes or text that are neither JSON nor a form. Default none. */
  readonly data?: string | Uint8Array | undefined;
}

/** A body as it is sent, and what `request()` makes of it at once. */
export interface Content {
  /** Undefined for a request without one. */
  readonly body?: Chunk | ChunkStream | undefined;
  /** Bytes; undefined for what is sent in chunks. */
  readonly length?: number | undefined;
  readonly contentType?: string | undefined;
  /** Bytes that count as read. */
  readonly data?: Buffer | undefined;
  readonly json?: unknown;
  readonly form?: Form | undefined;
}

/** One field of a form as a test gives it. */
export type RawEntry = readonly [name: string, value: FieldSource];

const CONTENTS = ['body', 'json', 'form', 'data'] as const;

/** @throws ObolError E_SETTING for more than one body, and for a `Blob`, which cannot be read at once */
export function contentOf(source: ContentSource): Content {
  const entries = entriesIn(source);
  if (entries) return formContent(source, entries.map(entryOf));
  const { body, json, data } = source;
  if (json !== undefined) return jsonContent(json);
  if (data !== undefined) return { ...whole(data), data: Buffer.from(data) };
  if (isBlob(body)) throw unread();
  return isWhole(body) ? whole(body) : { body: body as ChunkStream | undefined };
}

/** The same, where a `Blob` can be waited for. */
export async function readContent(source: ContentSource): Promise<Content> {
  const entries = entriesIn(source);
  if (entries) return formContent(source, await Promise.all(entries.map(readEntry)));
  const { body } = source;
  if (!isBlob(body)) return contentOf(source);
  return { ...whole(await bytesOf(body)), contentType: body.type || undefined };
}

/** Whether a method is needed that carries a body. */
export function hasContent(source: ContentSource): boolean {
  return source.files !== undefined || CONTENTS.some((name) => source[name] !== undefined);
}

/** What stands in the form; undefined where none is sent. */
function entriesIn(source: ContentSource): RawEntry[] | undefined {
  const { body, form, files } = source;
  const given = CONTENTS.filter((name) => source[name] !== undefined);
  if (given.length > 1 || (files && given.some((name) => name !== 'form'))) {
    const names = [...given, ...(files ? ['files'] : [])].join(' and ');
    throw new ObolError('E_SETTING', `A request has one body, not ${names}; files go with form alone.`);
  }
  if (form !== undefined || files) return [...entriesOf(form ?? {}), ...entriesOf(files ?? {})];
  return isFormData(body) || body instanceof URLSearchParams ? entriesOf(body) : undefined;
}

function entriesOf(source: FormSource): RawEntry[] {
  const isList = source instanceof Form || isFormData(source) || source instanceof URLSearchParams;
  if (isList) return [...source] as RawEntry[];
  return Object.entries(source).flatMap(([name, values]) =>
    [values].flat().map((value): RawEntry => [name, value]),
  );
}

function entryOf([name, value]: RawEntry): FormEntry {
  if (isBlob(value)) throw unread();
  if (value instanceof UploadedFile) return [name, value];
  if (typeof value !== 'object') return [name, String(value)];
  return [name, UploadedFile.of(name, value.content, value)];
}

/** Reads a file that is a `Blob`. */
export async function readEntry([name, value]: RawEntry): Promise<FormEntry> {
  if (!isBlob(value)) return entryOf([name, value]);
  const info = { filename: (value as Partial<File>).name ?? 'blob', ...(value.type && { type: value.type }) };
  return [name, UploadedFile.of(name, await bytesOf(value), info)];
}

function formContent({ body, form }: ContentSource, entries: readonly FormEntry[]): Content {
  const fields = new Map<string, string[]>();
  const files: UploadedFile[] = [];
  for (const [name, value] of entries) {
    if (typeof value !== 'string') files.push(value);
    else fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  const read = new Form(fields, files);
  if (files.length > 0 || isFormData(form ?? body)) return { ...multipartBody(entries), form: read };
  return { ...urlencodedBody(entries as readonly [string, string][]), form: read };
}

/** Fields of a form in one line. */
export function urlencodedBody(fields: readonly (readonly [string, string])[]): Content {
  const text = new URLSearchParams(fields as [string, string][]).toString();
  return { ...whole(text), contentType: 'application/x-www-form-urlencoded' };
}

function jsonContent(json: unknown): Content {
  const text = JSON.stringify(json);
  const data = Buffer.from(text);
  return { ...whole(text), contentType: 'application/json', data, json: JSON.parse(text) as unknown };
}

/** A body of which all is there. */
export function whole(body: Chunk): Content {
  return { body, length: toBytes(body).byteLength };
}

function isWhole(body: unknown): body is Chunk {
  return typeof body === 'string' || body instanceof Uint8Array;
}

/** Known by their brand: a test may run in a realm that has classes of its own. */
function isFormData(value: unknown): value is FormData {
  return Object.prototype.toString.call(value) === '[object FormData]';
}

function isBlob(value: unknown): value is Blob {
  return /^\[object (?:Blob|File)\]$/.test(Object.prototype.toString.call(value));
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}

function unread(): ObolError {
  return new ObolError(
    'E_SETTING',
    'request() has its files at once, and a Blob is read later: give UploadedFile.of(name, bytes) or { filename, content }.',
  );
}
