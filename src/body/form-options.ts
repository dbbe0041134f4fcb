/** What a form may be made of, unless an application or a route says otherwise. */
import { rule, type Rules } from '../ground/settings.js';
import type { UploadProgress } from './progress.js';
import type { FileSink } from './file-targets.js';
import type { FileInfo } from './uploaded-file.js';

/** Limits of a form. Sizes in bytes; over a limit the answer is 413 unless said otherwise. */
export interface FormLimits {
  /** Of a whole multipart body. Default 32 MiB. */
  readonly totalSize: number;
  /** Of a whole urlencoded body. Default 1 MiB. */
  readonly urlencodedSize: number;
  /** Of one file. Default 10 MiB. */
  readonly fileSize: number;
  /** Of one text field. Default 64 KiB. */
  readonly fieldSize: number;
  /** Of all text fields together. Default 1 MiB. */
  readonly fieldsSize: number;
  /** Number of text fields. Default 1,000. */
  readonly fields: number;
  /** Number of files. Default 100. */
  readonly files: number;
  /** Number of fields and files together. Default 1,000. */
  readonly parts: number;
  /** Of a field's name; over it 400. Default 100. */
  readonly nameSize: number;
  /** Up to which a file stays in memory. Default 64 KiB. */
  readonly memoryFileSize: number;
}

/** How a form is read. */
export interface FormOptions extends Partial<FormLimits> {
  /** Says where a file goes; nothing returned means that Obol keeps it. Default none. */
  readonly fileCallback?: ((filename: string, info: FileInfo) => FileSink | undefined) | undefined;
  /** Called whenever more of the body has arrived. Default none. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Keep fields without a value. Default true: a form says which fields it has. */
  readonly keepBlankValues?: boolean | undefined;
  /** Answer 400 to an empty field of a urlencoded form, one without `=` or without a name. Default false. */
  readonly strictParsing?: boolean | undefined;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const FORM_LIMITS: FormLimits = {
  totalSize: 32 * MIB,
  urlencodedSize: MIB,
  fileSize: 10 * MIB,
  fieldSize: 64 * KIB,
  fieldsSize: MIB,
  fields: 1000,
  files: 100,
  parts: 1000,
  nameSize: 100,
  memoryFileSize: 64 * KIB,
};

export const FORM_RULES: Rules<FormOptions> = {
  ...rule.each(['totalSize', 'urlencodedSize', 'fileSize', 'memoryFileSize'], rule.whole('bytes')),
  ...rule.each(['fieldSize', 'fieldsSize', 'nameSize'], rule.whole('bytes')),
  fields: rule.whole('fields'),
  files: rule.whole('files'),
  parts: rule.whole('parts'),
  fileCallback: rule.callable('(filename, info) => sink'),
  onProgress: rule.callable('(progress) => ...'),
  keepBlankValues: rule.flag,
  strictParsing: rule.flag,
};
