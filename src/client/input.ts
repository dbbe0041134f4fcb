/** What a call sends, from what it was given. */
import { mistake } from './mistake.js';
import type { PlainInput } from './types.js';

/** Named values, as a query or a form has them. */
type Values = Readonly<Record<string, unknown>>;

/** What a request carries. */
export interface Content {
  readonly body?: string | Uint8Array | Blob | FormData | URLSearchParams | ReadableStream | undefined;
  /** What it is; undefined where the body says so itself. */
  readonly type?: string | undefined;
}

/** The query with its question mark; `''` for none. */
export function queryOf(values: Values = {}): string {
  const text = new URLSearchParams(textsOf(values)).toString();
  return text === '' ? '' : `?${text}`;
}

/** The body: JSON, a form, or bytes as they are. @param type of JSON @throws TypeError E_SETTING for what JSON has nothing of */
export function contentOf({ body, form }: PlainInput, type = 'application/json'): Content {
  if (form !== undefined) return { body: formOf(form) };
  if (body === undefined) return {};
  if (isOf(body, 'ArrayBuffer')) return { body: new Uint8Array(body as ArrayBuffer) };
  if (ArrayBuffer.isView(body))
    return { body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) };
  if (isOf(body, 'Blob', 'File', 'ReadableStream', 'FormData', 'URLSearchParams'))
    return { body: body as NonNullable<Content['body']> };
  const text = JSON.stringify(body) as string | undefined;
  if (text === undefined)
    throw mistake('E_SETTING', `The body is of the type ${typeof body}, of which JSON has nothing.`);
  return { body: text, type };
}

/** The fields of a header, those of later sources over those of earlier ones; what is undefined or null is left out. */
export function headersOf(...sources: readonly (Values | undefined)[]): Record<string, string> {
  const fields = new Map<string, string>();
  for (const source of sources)
    for (const [name, value] of membersOf(source ?? {}))
      if (value !== undefined && value !== null) fields.set(name.toLowerCase(), textOf(value));
  return Object.fromEntries(fields);
}

/** The Cookie header; undefined for none. @throws TypeError E_COOKIE for a value that would be several cookies */
export function cookieOf(values: Values = {}): string | undefined {
  const pairs = textsOf(values).map(([name, value]) => `${name}=${value}`);
  const wrong = pairs.find((pair) => /[;\p{Cc}]/u.test(pair));
  if (wrong !== undefined)
    throw mistake('E_COOKIE', `The cookie ${JSON.stringify(wrong)} has a ";" or a control character.`);
  return pairs.length === 0 ? undefined : pairs.join('; ');
}

/** In multipart where there are files. */
function formOf(values: Values): FormData | URLSearchParams {
  const entries = entriesOf(values);
  if (!entries.some(([, value]) => isOf(value, 'Blob', 'File'))) return new URLSearchParams(textsOf(values));
  const form = new FormData();
  for (const [name, value] of entries)
    if (isOf(value, 'Blob', 'File')) form.append(name, value);
    else form.append(name, textOf(value));
  return form;
}

function textsOf(values: Values): [string, string][] {
  return entriesOf(values).map(([name, value]) => [name, textOf(value)]);
}

/** A list is a name that is repeated; what is undefined or null is left out. */
function entriesOf(values: Values): (readonly [string, unknown])[] {
  return membersOf(values).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as unknown[]) : [value])
      .filter((one) => one !== undefined && one !== null)
      .map((one) => [name, one] as const),
  );
}

/** By name, of an object or of what the web has for that: `Headers`, `URLSearchParams`, `FormData`. */
function membersOf(values: Values | Iterable<readonly [string, unknown]>): (readonly [string, unknown])[] {
  return Symbol.iterator in values ? [...values] : Object.entries(values);
}

/** A date as JSON has it, an object as JSON. */
export function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const json = JSON.stringify(value);
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}

/** Known by what they call themselves: tests may run in a realm that has classes of its own. */
function isOf(value: unknown, ...names: readonly string[]): boolean {
  return names.includes(Object.prototype.toString.call(value).slice('[object '.length, -1));
}
