/** `file()`: a schema for a file of a form, by its size and by what its first bytes say that it is. */
import { isInstance } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { SIGNATURE_BYTES, SIGNED_TYPES, typeBySignature } from '../http/signatures.js';
import { UploadedFile } from '../body/uploaded-file.js';
import type { FormOptions } from '../body/form-options.js';
import { checkOptions, rule, type Rules } from '../ground/settings.js';
import type { Schema, Validated } from '../schema/standard-schema.js';

/** What a file may be. */
export interface FileOptions {
  /** Media types that it may have by its first bytes, whatever the client says: it has that type then; any other is 415. Default any. */
  readonly types?: readonly string[];
  /** Bytes; a larger one is 413. Default the application's limit of files. */
  readonly size?: number;
}

const OPTION_RULES: Rules<FileOptions> = {
  types: rule.list(
    'a list of media types',
    rule.text('a media type such as "image/png"', /^[\w.+-]+\/[\w.+-]+$/),
  ),
  size: rule.whole('bytes'),
};

/** A schema of a file. */
export interface FileSchema extends Schema<UploadedFile> {
  readonly file: FileOptions;
}

/**
 * One file of a form, for `fields()`.
 * @throws ObolError E_SETTING for a wrong option, E_CONTRACT for a type that first bytes do not show
 */
export function file(options: FileOptions = {}): FileSchema {
  checkOptions('file', options, OPTION_RULES);
  const unknown = options.types?.find((type) => !SIGNED_TYPES.includes(type));
  if (unknown !== undefined)
    throw new ObolError(
      'E_CONTRACT',
      `file(): first bytes do not show ${JSON.stringify(unknown)}; they show ${SIGNED_TYPES.join(', ')}. Look at the content in the handler.`,
    );
  return {
    file: options,
    '~standard': { version: 1, vendor: 'obol', validate: (value) => judge(value, options) },
  };
}

/** How a form with such files is read: none is larger than the largest of them may be, and there is one more at most, for which its name says what is wrong. */
export function formOptionsOf(schema: Schema | undefined): FormOptions {
  const members: unknown[] = schema && 'shape' in schema ? Object.values(schema.shape as object) : [];
  const files = members.filter(
    (member): member is FileSchema => typeof member === 'object' && member !== null && 'file' in member,
  );
  if (files.length === 0) return {};
  const sizes = files.map(({ file: { size } }) => size ?? Infinity);
  const largest = Math.max(...sizes);
  return { files: files.length + 1, ...(largest < Infinity && { fileSize: largest }) };
}

function judge(
  value: unknown,
  { types, size = Infinity }: FileOptions,
): Validated<unknown> | Promise<Validated<unknown>> {
  if (Array.isArray(value)) return refused('There is more than one file');
  if (!isFile(value)) return refused('A file is wanted');
  if (value.length > size) return refused(`The file is larger than ${String(size)} bytes`, 413);
  return types ? judgeType(value, types) : { value };
}

function isFile(value: unknown): value is UploadedFile {
  return typeof value === 'object' && value !== null && isInstance(value, UploadedFile);
}

async function judgeType(value: UploadedFile, types: readonly string[]): Promise<Validated<unknown>> {
  const type = typeBySignature(await firstBytes(value));
  if (type !== undefined && types.includes(type)) return { value: value.ofType(type) };
  return refused(`The file is none of ${types.join(', ')}`, 415);
}

function refused(message: string, status?: number): Validated<unknown> {
  return { issues: [{ message, status }] };
}

async function firstBytes(value: UploadedFile): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of value.stream() as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length >= SIGNATURE_BYTES) break;
  }
  return Buffer.concat(parts);
}
