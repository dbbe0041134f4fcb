/** Multipart bodies (RFC 7578) by busboy, with every way it can fail turned into one error and nothing left behind. */
import busboy, { type FileInfo as BusboyFileInfo } from 'busboy';
import type { Readable } from 'node:stream';
import { ContentTooLarge, HttpError } from '../http/http-error.js';
import { checkBoundary, PartWatch } from './boundary.js';
import { sanitizeFileName, UNNAMED } from './file-name.js';
import { Form } from './form.js';
import { FORM_LIMITS, type FormLimits, type FormOptions } from './form-options.js';
import { FormProgress } from './progress.js';
import { storeFile } from './store-file.js';
import type { FileSink, UploadedFile } from './uploaded-file.js';

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
  progress = new FormProgress(),
): Promise<Form> {
  const limits = { ...FORM_LIMITS, ...withoutUndefined(options) };
  if (head.length !== undefined && head.length > limits.totalSize)
    throw new ContentTooLarge(limits.totalSize);
  return new MultipartReading(stream, { head, options, limits, progress }).form;
}

interface Given {
  readonly head: MultipartHead;
  readonly options: FormOptions;
  readonly limits: FormLimits;
  readonly progress: FormProgress;
}

/** One body being read. Either `form` resolves with everything, or it rejects after all traces are removed. */
class MultipartReading {
  readonly form: Promise<Form>;
  readonly #stream: Readable;
  readonly #given: Given;
  readonly #parser: busboy.Busboy;
  readonly #watch: PartWatch;
  readonly #fields = new Map<string, string[]>();
  readonly #files: { readonly stream: Readable; readonly stored: Promise<UploadedFile> }[] = [];
  readonly #abort = new AbortController();
  #received = 0;
  #fieldCount = 0;
  #fieldsSize = 0;
  #parts = 0;
  #failure: unknown;
  #over = false;
  readonly #resolve: (form: Form) => void;
  readonly #reject: (error: unknown) => void;

  constructor(stream: Readable, given: Given) {
    const { promise, resolve, reject } = deferred<Form>();
    this.form = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#stream = stream;
    this.#given = given;
    given.progress.begin(given.head.length, given.options.onProgress);
    const boundary = checkBoundary(given.head.boundary);
    this.#watch = new PartWatch(boundary);
    this.#parser = this.#createParser(boundary);
    stream.on('data', this.#onData);
    stream.on('end', () => this.#parser.end());
    stream.on('close', this.#onCut);
    stream.on('error', this.#onCut);
    // A stream that has ended or broken already says nothing more.
    if (stream.destroyed || stream.readableEnded) this.#fail(incomplete());
  }

  #createParser(boundary: string): busboy.Busboy {
    const { limits } = this.#given;
    const parser = busboy({
      // Written anew, for another parser of the type as sent could find another boundary in it.
      headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
      defParamCharset: 'utf8',
      preservePath: true,
      limits: {
        // One more than allowed, so that what is exactly at a limit can be told from what is over it.
        fieldSize: limits.fieldSize + 1,
        fields: limits.fields + 1,
        files: limits.files + 1,
        parts: limits.parts + 1,
      },
    });
    parser.on('field', (name, value, info) => {
      this.#guard(() => {
        this.#takeField(name, value, info.valueTruncated);
      });
    });
    parser.on('file', (name, file, info) => {
      // After an error busboy may still announce a file whose stream never ends: it is only let go.
      file.on('error', ignore);
      if (this.#over) file.resume();
      else
        this.#guard(() => {
          this.#takeFile(name, file, info);
        });
    });
    parser.on('error', () => {
      this.#fail(malformed());
    });
    parser.on('close', () => void this.#finish());
    return parser;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#guard(() => {
      this.#received += chunk.length;
      const { totalSize } = this.#given.limits;
      if (this.#received > totalSize) throw new ContentTooLarge(totalSize);
      this.#watch.see(chunk);
      const takesMore = this.#parser.write(chunk);
      if (this.#over) return;
      this.#given.progress.advance(chunk.length);
      if (takesMore) return;
      this.#stream.pause();
      this.#parser.once('drain', () => this.#over || this.#stream.resume());
    });
  };

  readonly #onCut = (): void => {
    if (!this.#stream.readableEnded) this.#fail(incomplete());
  };

  #takeField(rawName: string | undefined, value: string | undefined, truncated: boolean): void {
    const { limits } = this.#given;
    const name = this.#countPart(rawName);
    if (++this.#fieldCount > limits.fields)
      throw new HttpError(413, `The form has more than ${String(limits.fields)} fields`);
    if (value === undefined) throw new HttpError(400, 'A part of the form has an unknown charset');
    this.#fieldsSize += Buffer.byteLength(value);
    if (truncated || Buffer.byteLength(value) > limits.fieldSize) throw new ContentTooLarge(limits.fieldSize);
    if (this.#fieldsSize > limits.fieldsSize) throw new ContentTooLarge(limits.fieldsSize);
    const list = this.#fields.get(name);
    if (list) list.push(value);
    else this.#fields.set(name, [value]);
  }

  #takeFile(rawName: string | undefined, stream: Readable, info: BusboyFileInfo): void {
    const name = this.#countPart(rawName);
    const { limits, options, progress } = this.#given;
    if (this.#files.length >= limits.files)
      throw new HttpError(413, `The form has more than ${String(limits.files)} files`);
    const filename = sanitizeFileName(info.filename ?? '');
    const about = { name, filename, type: info.mimeType.toLowerCase() };
    progress.beginFile(filename);
    const openSink = (): FileSink | undefined => options.fileCallback?.(filename, about);
    const { fileSize, memoryFileSize } = limits;
    const stored = storeFile(stream, about, {
      fileSize,
      memoryFileSize,
      openSink,
      signal: this.#abort.signal,
    });
    stored.catch((error: unknown) => {
      this.#fail(error);
    });
    this.#files.push({ stream, stored });
  }

  /** @returns the name, which it must have */
  #countPart(name: string | undefined): string {
    const { limits } = this.#given;
    this.#parts++;
    if (name === undefined || name === '') throw new HttpError(400, 'A part of the form has no name');
    if (Buffer.byteLength(name) > limits.nameSize)
      throw new HttpError(400, 'A part of the form has too long a name');
    if (this.#parts > limits.parts)
      throw new HttpError(413, `The form has more than ${String(limits.parts)} parts`);
    return name;
  }

  async #finish(): Promise<void> {
    if (this.#over) return;
    try {
      const files = await Promise.all(this.#files.map(({ stored }) => stored));
      const { isComplete, delimiters } = this.#watch;
      if (!isComplete || delimiters !== this.#parts + 1) throw malformed();
      this.#over = true;
      this.#resolve(new Form(this.#fields, files.filter(isChosen)));
    } catch (error) {
      this.#fail(error);
    }
  }

  #guard(step: () => void): void {
    if (this.#over) return;
    try {
      step();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The one way out on failure: nothing is read any more, every file is let go and removed, then `form` rejects. */
  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = error;
    this.#stream.off('data', this.#onData).pause();
    this.#parser.destroy();
    this.#abort.abort(error);
    for (const { stream } of this.#files) stream.destroy();
    void this.#cleanUp();
  }

  async #cleanUp(): Promise<void> {
    await Promise.allSettled(this.#files.map(async ({ stored }) => (await stored).dispose()));
    this.#reject(this.#failure);
  }
}

/** What browsers send for a file input where nothing was chosen is no file. */
function isChosen(file: UploadedFile): boolean {
  return file.length > 0 || file.filename !== UNNAMED;
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let settle: { resolve: (value: T) => void; reject: (error: unknown) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as { resolve: (value: T) => void; reject: (error: unknown) => void }) };
}

function malformed(): HttpError {
  return new HttpError(400, 'The multipart body is malformed');
}

function incomplete(): HttpError {
  return new HttpError(400, 'The body ended before it was complete');
}

function ignore(): void {
  // on purpose
}
