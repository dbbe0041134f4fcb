/** Multipart bodies for tests: written by hand, sent in pieces. */
import { readdirSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import type { Form } from '../../src/body/form.js';
import type { FormOptions } from '../../src/body/form-options.js';
import { readMultipart } from '../../src/body/multipart.js';

export const BOUNDARY = 'b';

/** A text field. */
export function field(name: string, value: string, more = ''): string {
  return part(`Content-Disposition: form-data; name="${name}"${more}`, value);
}

/** A file. */
export function file(name: string, filename: string, content: string, type = 'text/plain'): string {
  const disposition = `Content-Disposition: form-data; name="${name}"; filename="${filename}"`;
  return part(`${disposition}\r\nContent-Type: ${type}`, content);
}

/** A part with any head. */
export function part(head: string, content: string): string {
  return `--${BOUNDARY}\r\n${head}\r\n\r\n${content}\r\n`;
}

/** A whole body. */
export function bodyOf(...parts: readonly string[]): Buffer {
  return Buffer.from(`${parts.join('')}--${BOUNDARY}--\r\n`);
}

/** The body in pieces of at most a size. */
export function pieces(body: Buffer, size: number): Buffer[] {
  const list: Buffer[] = [];
  for (let i = 0; i < body.length; i += size) list.push(body.subarray(i, i + size));
  return list;
}

/** Reads a body that arrives in these chunks. */
export function readChunks(
  chunks: readonly Buffer[],
  options: FormOptions = {},
  length?: number,
): Promise<Form> {
  return readMultipart(Readable.from(chunks, { objectMode: false }), { boundary: BOUNDARY, length }, options);
}

/** Reads a body that arrives whole. */
export function read(body: Buffer, options?: FormOptions): Promise<Form> {
  return readChunks([body], options);
}

/** A body that comes when the test says so. */
export function open(
  options: FormOptions = {},
  length?: number,
): { readonly stream: PassThrough; readonly form: Promise<Form> } {
  const stream = new PassThrough();
  return { stream, form: readMultipart(stream, { boundary: BOUNDARY, length }, options) };
}

/** Descriptors that the process holds. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** The text fields of a form by name, without its files. */
export function textFields(form: Form): [name: string, values: string[]][] {
  const names = new Set(form.fields.map(({ name }) => name));
  return [...names].map((name) => [name, form.getList(name)]);
}
