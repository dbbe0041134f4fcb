/** Multipart bodies (RFC 7578), with every way they can fail turned into one error and nothing left behind. */
import type { Readable } from 'node:stream';
import { ContentTooLarge, HttpError } from '../http/http-error.js';
import { Form } from './form.js';
import { FORM_LIMITS, type FormLimits, type FormOptions } from './form-options.js';
import { incomplete, stopReading, whyNotWhole } from './half-read.js';
import { checkPartHead, malformed, readPart, UNNAMED, type Part } from './part.js';
import { PartSplitter, type PartReceiver } from './part-splitter.js';
import { figuresOf, UNREAD, type FormReading } from './progress.js';
import { FileStore, type UploadedFile } from './uploaded-file.js';

const LIMITS = Object.keys(FORM_LIMITS) as (keyof FormLimits)[];

/** What the head says of a multipart body. */
export interface MultipartHead {
  readonly boundary: string | undefined;
  /** The declared length in bytes; undefined when there is none. */
  readonly length: number | undefined;
}

/**
 * Reads a multipart body to its end.
 * @throws HttpError 400 for a malformed body, 413 over a limit, 507 when the disk is full
 */
export async function readMultipart(
  stream: Readable,
  head: MultipartHead,
  options: FormOptions,
  reading: FormReading = { ...UNREAD },
): Promise<Form> {
  const limits = { ...FORM_LIMITS };
  for (const name of LIMITS) limits[name] = options[name] ?? limits[name];
  if (head.length !== undefined && head.length > limits.totalSize)
    throw new ContentTooLarge(limits.totalSize);
  reading.total = head.length;
  const { fileCallback, onProgress } = options;
  return new MultipartReading(stream, { ...limits, ...head, fileCallback, onProgress, reading }).form;
}

interface Given extends FormLimits, Pick<FormOptions, 'fileCallback' | 'onProgress'> {
  readonly boundary: string | undefined;
  readonly reading: FormReading;
}

/** A field whose value is arriving. */
interface Field {
  readonly head: Buffer;
  readonly value: Buffer[];
  size: number;
}

/** One body being read. Either `form` resolves with everything, or it rejects after all traces are removed. */
class MultipartReading implements PartReceiver {
  readonly form: Promise<Form>;
  readonly #stream: Readable;
  readonly #given: Given;
  readonly #splitter: PartSplitter;
  readonly #fields = new Map<string, string[]>();
  readonly #files: FileStore[] = [];
  readonly #uploads: Promise<UploadedFile>[] = [];
  /** What is arriving. */
  #part!: FileStore | Field;
  /** Files that the client must wait for. */
  #busy = 0;
  readonly #abort = new AbortController();
  #fieldCount = 0;
  #fieldsSize = 0;
  #over = false;
  #resolve!: (form: Form) => void;
  #reject!: (error: unknown) => void;

  constructor(stream: Readable, given: Given) {
    this.form = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#stream = stream;
    this.#given = given;
    this.#splitter = new PartSplitter(given.boundary, this);
    const onCut = (): void => {
      if (!stream.readableEnded) this.#fail(incomplete());
    };
    stream.on('data', this.#onData).on('close', onCut).on('error', onCut);
    stream.on('end', () => void this.#finish());
    if (!stream.readable || stream.readableDidRead) this.#fail(whyNotWhole(stream));
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#take(chunk);
  };

  #take(chunk: Buffer): void {
    const { totalSize, reading, onProgress } = this.#given;
    try {
      reading.received += chunk.length;
      if (reading.received > totalSize) throw new ContentTooLarge(totalSize);
      this.#splitter.write(chunk);
      reading.now = performance.now();
      reading.onChange?.();
      onProgress?.(figuresOf(reading));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** For the splitter. */
  beginPart(head: Buffer): void {
    const part = checkPartHead(head.toString('latin1')) ? readPart(head) : undefined;
    // The head of a field may look like that of a file.
    this.#part = part?.file ? this.#beginFile(part, part.file) : { head, value: [], size: 0 };
  }

  /** For the splitter. */
  content(bytes: Buffer): void {
    const part = this.#part;
    if (part instanceof FileStore) {
      const work = part.write(bytes);
      if (work) this.#holdBack(work);
      return;
    }
    const { fieldSize } = this.#given;
    if ((part.size += bytes.length) > fieldSize) throw new ContentTooLarge(fieldSize);
    part.value.push(bytes);
  }

  /** For the splitter. */
  endPart(): void {
    const part = this.#part;
    if (!(part instanceof FileStore)) {
      this.#takeField(readPart(part.head, part.value));
      return;
    }
    const upload = part.finish();
    upload.catch((error: unknown) => {
      this.#fail(error);
    });
    this.#uploads.push(upload);
  }

  /** The client waits while files do. */
  #holdBack(work: Promise<void>): void {
    this.#busy++;
    this.#stream.pause();
    work.then(
      () => {
        if (--this.#busy === 0 && !this.#over) this.#stream.resume();
      },
      (error: unknown) => {
        this.#fail(error);
      },
    );
  }

  #takeField(part: Part): void {
    const { fields, fieldSize, fieldsSize } = this.#given;
    const name = this.#nameOf(part);
    if (++this.#fieldCount > fields) throw tooMany(fields, 'fields');
    const { value } = part;
    if (value === undefined) throw new HttpError(400, 'A part of the form has an unknown charset');
    const size = Buffer.byteLength(value);
    this.#fieldsSize += size;
    if (size > fieldSize) throw new ContentTooLarge(fieldSize);
    if (this.#fieldsSize > fieldsSize) throw new ContentTooLarge(fieldsSize);
    const list = this.#fields.get(name);
    if (list) list.push(value);
    else this.#fields.set(name, [value]);
  }

  #beginFile(part: Part, file: NonNullable<Part['file']>): FileStore {
    const { files, reading } = this.#given;
    const name = this.#nameOf(part);
    if (this.#files.length >= files) throw tooMany(files, 'files');
    reading.filename = file.filename;
    const store = new FileStore({ name, ...file }, this.#given, this.#abort.signal);
    this.#files.push(store);
    return store;
  }

  /** The name, which a part must have, of a part that is not one too many. */
  #nameOf({ name }: Part): string {
    const { nameSize, parts } = this.#given;
    if (name === undefined || name === '') throw new HttpError(400, 'A part of the form has no name');
    if (Buffer.byteLength(name) > nameSize)
      throw new HttpError(400, 'A part of the form has too long a name');
    if (this.#fieldCount + this.#files.length >= parts) throw tooMany(parts, 'parts');
    return name;
  }

  async #finish(): Promise<void> {
    try {
      if (!this.#splitter.isComplete) throw malformed();
      const files = await Promise.all(this.#uploads);
      if (this.#over) return;
      this.#over = true;
      this.#resolve(new Form(this.#fields, files.filter(isChosen)));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The one way out on failure: nothing is read any more, every file is let go and removed, then `form` rejects. */
  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    stopReading(this.#stream.off('data', this.#onData), error);
    this.#abort.abort(error);
    void this.#cleanUp(error);
  }

  async #cleanUp(error: unknown): Promise<void> {
    await Promise.allSettled(this.#files.map((file) => file.abandon(error)));
    this.#reject(error);
  }
}

function tooMany(limit: number, what: string): HttpError {
  return new HttpError(413, `The form has more than ${String(limit)} ${what}`);
}

/** What browsers send for a file input where nothing was chosen is no file. */
function isChosen(file: UploadedFile): boolean {
  return file.length > 0 || file.filename !== UNNAMED;
}
