/** Multipart bodies (RFC 7578) by busboy, with every way it can fail turned into one error and nothing left behind. */
import busboy, { type FileInfo as BusboyFileInfo } from 'busboy';
import type { Readable } from 'node:stream';
import { ContentTooLarge, HttpError } from '../http/http-error.js';
import { checkBoundary, PartSplitter, type PartReceiver } from './boundary.js';
import { Form } from './form.js';
import { FORM_LIMITS, type FormLimits, type FormOptions } from './form-options.js';
import { incomplete, stopReading, whyNotWhole } from './half-read.js';
import { FormProgress } from './progress.js';
import { FileStore } from './store-file.js';
import { sanitizeFileName, UNNAMED, type FileSink, type UploadedFile } from './uploaded-file.js';

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
  progress = new FormProgress(),
): Promise<Form> {
  const limits = { ...FORM_LIMITS };
  for (const name of LIMITS) limits[name] = options[name] ?? limits[name];
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

/**
 * One body being read. Either `form` resolves with everything, or it rejects after all traces are removed.
 *
 * The parser sees the whole body but for the content of files, which goes straight to where they are kept: looking
 * for its end is cheap where it is done natively, and nothing is buffered twice.
 */
class MultipartReading implements PartReceiver {
  readonly form: Promise<Form>;
  readonly #stream: Readable;
  readonly #given: Given;
  readonly #parser: busboy.Busboy;
  readonly #splitter: PartSplitter;
  readonly #fields = new Map<string, string[]>();
  readonly #files: FileStore[] = [];
  /** The file whose content is arriving. */
  #file: FileStore | undefined;
  /** What the parser was shown of the content that is arriving. */
  #shown: Buffer[] = [];
  #shownSize = 0;
  /** Files that the client must wait for. */
  #busy = 0;
  readonly #abort = new AbortController();
  #received = 0;
  #fieldCount = 0;
  #fieldsSize = 0;
  #parts = 0;
  #failure: unknown;
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
    given.progress.begin(given.head.length, given.options.onProgress);
    const boundary = checkBoundary(given.head.boundary);
    this.#splitter = new PartSplitter(boundary, this);
    this.#parser = this.#createParser(boundary);
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onCut);
    stream.on('error', this.#onCut);
    if (!stream.readable || stream.readableDidRead) this.#fail(whyNotWhole(stream));
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
      // Nothing comes through this stream, and after an error it may never end: it is only let go.
      file.on('error', ignore).resume();
      this.#guard(() => {
        this.#takeFile(name, info);
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
      this.#splitter.write(chunk);
      if (!this.#over) this.#given.progress.advance(chunk.length);
    });
  };

  readonly #onEnd = (): void => {
    this.#guard(() => {
      this.#splitter.end();
      if (!this.#splitter.isComplete) throw malformed();
      this.#parser.end();
    });
  };

  readonly #onCut = (): void => {
    if (!this.#stream.readableEnded) this.#fail(incomplete());
  };

  /** For the splitter. The parser works at once, so that it never has to be waited for. */
  frame(bytes: Buffer): void {
    this.#parser.write(bytes);
    // A file that the parser tells of only now has no more content than the parser was shown.
    if (this.#file) this.#storeShown(this.#file);
    this.endContent();
    this.#shown = [];
    this.#shownSize = 0;
  }

  /** For the splitter. */
  content(bytes: Buffer): void {
    if (this.#over) return;
    if (this.#file) this.#store(this.#file, bytes);
    else this.#show(bytes);
  }

  /** For the splitter. */
  endContent(): void {
    this.#file?.finish().catch(this.#onFileError);
    this.#file = undefined;
  }

  /**
   * The parser is shown the beginning of each content, as much as it needs to be sure that this is no delimiter: then
   * it has told whether it is a file. Of what is no file it is given everything.
   */
  #show(bytes: Buffer): void {
    const shown = bytes.subarray(0, this.#splitter.delimiterSize - this.#shownSize);
    this.#parser.write(shown);
    this.#shown.push(shown);
    this.#shownSize += shown.length;
    const rest = bytes.subarray(shown.length);
    if (this.#file) this.#storeShown(this.#file, rest);
    else if (rest.length > 0) this.#parser.write(rest);
  }

  #storeShown(file: FileStore, rest?: Buffer): void {
    const pieces = rest ? [...this.#shown, rest] : this.#shown;
    for (const piece of pieces) if (piece.length > 0) this.#store(file, piece);
  }

  #store(file: FileStore, bytes: Buffer): void {
    this.#holdBack(file.write(bytes));
  }

  /** The client waits while files do. */
  #holdBack(work: Promise<void> | undefined): void {
    if (!work) return;
    this.#busy++;
    this.#stream.pause();
    work.then(() => {
      if (--this.#busy === 0 && !this.#over) this.#stream.resume();
    }, this.#onFileError);
  }

  readonly #onFileError = (error: unknown): void => {
    this.#fail(error);
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

  #takeFile(rawName: string | undefined, info: BusboyFileInfo): void {
    const name = this.#countPart(rawName);
    const { limits, options, progress } = this.#given;
    if (this.#files.length >= limits.files)
      throw new HttpError(413, `The form has more than ${String(limits.files)} files`);
    const filename = sanitizeFileName(info.filename ?? '');
    const about = { name, filename, type: info.mimeType.toLowerCase() };
    progress.beginFile(filename);
    const openSink = (): FileSink | undefined => options.fileCallback?.(filename, about);
    const { fileSize, memoryFileSize } = limits;
    this.#file = new FileStore(about, { fileSize, memoryFileSize, openSink, signal: this.#abort.signal });
    this.#files.push(this.#file);
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
      const files = await Promise.all(this.#files.map((file) => file.finish()));
      if (this.#splitter.delimiters !== this.#parts + 1) throw malformed();
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
    stopReading(this.#stream.off('data', this.#onData), error);
    this.#parser.destroy();
    this.#abort.abort(error);
    void this.#cleanUp();
  }

  async #cleanUp(): Promise<void> {
    await Promise.allSettled(this.#files.map((file) => file.abandon(this.#failure)));
    this.#reject(this.#failure);
  }
}

/** What browsers send for a file input where nothing was chosen is no file. */
function isChosen(file: UploadedFile): boolean {
  return file.length > 0 || file.filename !== UNNAMED;
}

function malformed(): HttpError {
  return new HttpError(400, 'The multipart body is malformed');
}

function ignore(): void {
  // on purpose
}
