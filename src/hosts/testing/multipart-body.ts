/** A form with files as clients send it (RFC 7578). */
import { randomBytes } from 'node:crypto';
import type { UploadedFile } from '../../body/uploaded-file.js';
import type { Chunk } from '../../message/response.js';

/** One field of a form, or one of its files. */
export type FormEntry = readonly [name: string, value: string | UploadedFile];

/** A body, its type, and its length in bytes. */
export interface EncodedForm {
  readonly contentType: string;
  readonly length: number;
  readonly body: AsyncIterable<Chunk>;
}

/** Writes a form whose length is known before its files are read. */
export function multipartBody(entries: readonly FormEntry[]): EncodedForm {
  const boundary = `obol-${randomBytes(12).toString('hex')}`;
  const parts = entries.map(([name, value]) => ({ head: headOf(boundary, name, value), value }));
  const end = `--${boundary}--\r\n`;
  const length = parts.reduce(
    (sum, { head, value }) => sum + Buffer.byteLength(head) + lengthOf(value) + 2,
    end.length,
  );
  // May be sent again, as a redirect asks for it.
  const body = { [Symbol.asyncIterator]: () => written(parts, end) };
  return { contentType: `multipart/form-data; boundary=${boundary}`, length, body };
}

async function* written(
  parts: readonly { readonly head: string; readonly value: string | UploadedFile }[],
  end: string,
): AsyncGenerator<Chunk> {
  for (const { head, value } of parts) {
    yield head;
    if (typeof value === 'string') yield value;
    else yield* value.stream() as AsyncIterable<Uint8Array>;
    yield '\r\n';
  }
  yield end;
}

function headOf(boundary: string, name: string, value: string | UploadedFile): string {
  const disposition = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"`;
  if (typeof value === 'string') return `${disposition}\r\n\r\n`;
  return `${disposition}; filename="${escaped(value.filename)}"\r\nContent-Type: ${value.type}\r\n\r\n`;
}

function lengthOf(value: string | UploadedFile): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length;
}

/** As browsers escape names (HTML, "multipart/form-data encoding algorithm"). */
function escaped(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
