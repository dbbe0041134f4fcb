/** A form: text fields with the interface of query arguments, and files among them. */
import { branded } from '../ground/brand.js';
import { HttpError } from '../http/http-error.js';
import { Args } from './args.js';
import { NO_OPTIONS } from './odd-head.js';
import { textOf, type Part, type PartInfo } from './part.js';
import type { UploadedFile } from './uploaded-file.js';

/** A text field, with what its part of a multipart body says of itself. */
export interface FormField extends PartInfo {
  readonly value: string;
}

type FormPart = FormField | UploadedFile;

/**
 * What a client sent as a form. Files are members of it beside the text fields: `has`, `names`, `size` and iteration know
 * them. What gives text (`getFirst`, `getList`, `getValue`) passes them over.
 */
export class Form extends Args<UploadedFile> {
  static {
    branded(this, 'Form');
  }

  readonly #plain: ReadonlyMap<string, readonly string[]>;
  /** Undefined for plain fields alone: few ask what these say of themselves, which is nothing. */
  readonly #parts: readonly FormPart[] | undefined;
  /** All files, in the order sent. */
  readonly files: readonly UploadedFile[];

  /** @param parts all of them in the order sent; by default the fields, and then the files */
  constructor(
    fields: ReadonlyMap<string, readonly string[]> = new Map(),
    files: readonly UploadedFile[] = [],
    parts = files.length > 0 ? partsOf(fields, files) : undefined,
  ) {
    const values = new Map<string, string[]>();
    const members = new Map<string, (string | UploadedFile)[]>();
    const sent = parts ?? [];
    for (const part of sent) {
      if (!isFile(part)) add(values, part.name, part.value);
      add(members, part.name, isFile(part) ? part : part.value);
    }
    super(parts ? values : fields, parts ? members : fields);
    this.#plain = fields;
    this.#parts = parts;
    this.files = sent.filter(isFile);
  }

  /**
   * A form, for tests of what takes one: `ParsedForm.of({ name: 'smith', hobby: ['chess', 'go'] }, [file])`.
   * @param files made with `UploadedFile.of(...)`
   */
  static of(
    fields: Readonly<Record<string, string | readonly string[]>>,
    files: readonly UploadedFile[] = [],
  ): Form {
    const lists = new Map(Object.entries(fields).map(([name, value]) => [name, [value].flat()]));
    return new Form(lists, files, partsOf(lists, files));
  }

  /** All text fields, in the order sent, with their media types and parameters. */
  get fields(): readonly FormField[] {
    return this.#parts?.filter((part): part is FormField => !isFile(part)) ?? plainFields(this.#plain);
  }

  /** The first text field of a name, with its media type and parameters; undefined when there is none. */
  getField(name: string): FormField | undefined {
    return this.fields.find((field) => field.name === name);
  }

  /** The one file of a field; undefined when there is none. @throws HttpError 400 when there are several */
  getFile(name: string): UploadedFile | undefined {
    const [file, second] = this.getFiles(name);
    if (second) throw new HttpError(400, `There is more than one file in ${JSON.stringify(name)}`);
    return file;
  }

  /** Every file of a field. */
  getFiles(name: string): UploadedFile[] {
    return this.files.filter((file) => file.name === name);
  }

  /** Removes what is left of the files. Done for you when the request is over. */
  async dispose(): Promise<void> {
    await Promise.all(this.files.map((file) => file.dispose()));
  }
}

function partsOf(
  fields: ReadonlyMap<string, readonly string[]>,
  files: readonly UploadedFile[],
): readonly FormPart[] {
  return [...plainFields(fields), ...files];
}

/** A file of another copy of Obol is one, too. */
function isFile(part: FormPart): part is UploadedFile {
  return !('value' in part);
}

function add<T>(lists: Map<string, T[]>, name: string, value: T): void {
  const list = lists.get(name);
  if (list) list.push(value);
  else lists.set(name, [value]);
}

function plainFields(fields: ReadonlyMap<string, readonly string[]>): FormField[] {
  const plain = { type: 'text/plain', typeOptions: NO_OPTIONS, dispositionOptions: NO_OPTIONS };
  return [...fields].flatMap(([name, values]) => values.map((value) => ({ name, value, ...plain })));
}

const EMPTY = Buffer.alloc(0);

/** A text field that is arriving. */
export interface FieldDraft {
  readonly part: Part;
  /** The value so far is the first `length` bytes. */
  bytes: Buffer;
  length: number;
}

export function beginField(part: Part): FieldDraft {
  return { part, bytes: EMPTY, length: 0 };
}

export function append(draft: FieldDraft, chunk: Buffer): void {
  const { length } = draft;
  draft.length += chunk.length;
  if (length === 0) draft.bytes = chunk;
  else chunk.copy(draft.length > draft.bytes.length ? grow(draft, length) : draft.bytes, length);
}

/** Doubles its room: a value in many small pieces takes no more than in one. */
function grow(draft: FieldDraft, length: number): Buffer {
  const grown = Buffer.allocUnsafe(2 * draft.length);
  draft.bytes.copy(grown, 0, 0, length);
  return (draft.bytes = grown);
}

/** Its members are written out, since a spread is slow. @throws HttpError 400 for a value that is no text of its charset */
export function finishField({ part: { info, charset }, bytes, length }: FieldDraft): FormField {
  const { name, type, typeOptions, dispositionOptions } = info;
  const value = textOf(bytes.subarray(0, length), charset);
  return { name, type, typeOptions, dispositionOptions, value };
}
