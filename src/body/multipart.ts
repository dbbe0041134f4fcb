/** Multipart bodies (RFC 7578), with every way they can fail turned into one error and nothing left behind. */
import type { Readable } from 'node:stream';
import { charsetOf, charsetOfForm, type Charset } from '../http/charset.js';
import { CurrentRequest, LIVE } from '../ground/current-request.js';
import { ContentTooLarge } from '../http/errors.js';
import { HttpError } from '../http/http-error.js';
import { append, beginField, finishField, Form, type FieldDraft, type FormField } from './form.js';
import { FORM_LIMITS, type FormLimits, type FormOptions } from './form-options.js';
import { stopReading, whyNotWhole } from './half-read.js';
import { malformed, tooMany } from './malformed.js';
import { readPart, UNNAMED, type Part } from './part.js';
import { PartSplitter, type PartReceiver } from './part-splitter.js';
import { transferDecoder, type TransferDecoder } from './transfer-coding.js';
import { figuresOf, UNREAD, type FormReading } from './progress.js';
import { FileStore, type UploadedFile } from './uploaded-file.js';

const LIMITS = Object.keys(FORM_LIMITS) as (keyof FormLimits)[];

/** The field that names the charset of those after it (RFC 7578 4.6). */
const CHARSET_FIELD = '_charset_';
/** How many bytes an encoded part may take for each byte of its limit: quoted-printable takes three, and line breaks. */
const MAX_EXPANSION = 4;

/** What the head says of a multipart body. */
export interface MultipartHead {
  readonly boundary: string | undefined;
  /** The one it names for names and values; `utf-8` when it names none. Default `utf-8`. */
  readonly charset?: string;
  /** The declared length in bytes; undefined when there is none. */
  readonly length: number | undefined;
}

/**
 * Reads a multipart body to its end.
 * @throws HttpError 400 for a malformed body, 413 over a limit, 415 for a charset in which no form is, 507 when the disk is full
 */
export async function readMultipart(
  stream: Readable,
  head: MultipartHead,
  options: FormOptions,
  reading: FormReading = { ...UNREAD },
): Promise<Form> {
  const limits = { ...FORM_LIMITS };
  for (const name of LIMITS) limits[name] = options[name] ?? limits[name];
  const { charset: label = 'utf-8', length = 0 } = head;
  if (length > limits.totalSize) throw new ContentTooLarge(limits.totalSize);
  reading.total = head.length;
  const charset = label === 'utf-8' ? undefined : charsetOfForm(label);
  return new MultipartReading(stream, { ...options, ...limits, ...head, charset, reading }).form;
}

interface Given extends FormLimits, Pick<FormOptions, 'fileCallback' | 'keepBlankValues' | 'onProgress'> {
  readonly boundary: string | undefined;
  /** Undefined for UTF-8. */
  readonly charset: Charset | undefined;
  readonly reading: FormReading;
}

/** One body being read. Either `form` resolves with everything, or it rejects after all traces are removed. */
class MultipartReading implements PartReceiver {
  readonly form: Promise<Form>;
  readonly #stream: Readable;
  readonly #given: Given;
  /** Sinks and callbacks find the request, of which an event of the connection knows nothing. */
  readonly #onData: (chunk: Buffer) => void;
  readonly #splitter: PartSplitter;
  /** In the order sent. */
  readonly #parts: Promise<FormField | UploadedFile>[] = [];
  readonly #files: FileStore[] = [];
  /** What is arriving. */
  #part!: FileStore | FieldDraft;
  /** That of what comes now; undefined for UTF-8. */
  #charset: Charset | undefined;
  /** Undoes the encoding of what is arriving. */
  #decoder: TransferDecoder | undefined;
  /** Bytes of it so far, as they were sent. */
  #encoded = 0;
  /** Files that the client must wait for. */
  #busy = 0;
  readonly #abort = new AbortController();
  /** How many text fields there are, and their bytes. */
  readonly #fields = { count: 0, size: 0 };
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
    this.#charset = given.charset;
    this.#splitter = new PartSplitter(given.boundary, this);
    const take = this.#take.bind(this);
    this.#onData = LIVE.storage ? CurrentRequest.bind(take) : take;
    const onCut = (): void => {
      if (!stream.readableEnded) this.#fail(whyNotWhole(stream));
    };
    stream.on('data', this.#onData).on('close', onCut).on('error', onCut);
    stream.on('end', () => void this.#finish());
    if (!stream.readable || stream.readableDidRead) this.#fail(whyNotWhole(stream));
  }

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
    const part = readPart(head, this.#charset);
    this.#decoder = part.coding === '7bit' ? undefined : transferDecoder(part.coding);
    this.#encoded = 0;
    this.#admit(part);
    this.#part = part.filename === undefined ? beginField(part) : this.#beginFile(part, part.filename);
  }

  /** For the splitter. */
  content(bytes: Buffer): void {
    const part = this.#part;
    const decoded = this.#decoder ? this.#decode(this.#decoder, bytes) : bytes;
    if (part instanceof FileStore) {
      const work = part.write(decoded);
      if (work) this.#holdBack(work);
      return;
    }
    const { fieldSize, fieldsSize } = this.#given;
    append(part, decoded);
    if (part.length > fieldSize) throw new ContentTooLarge(fieldSize);
    if ((this.#fields.size += decoded.length) > fieldsSize) throw new ContentTooLarge(fieldsSize);
  }

  /** Counts what stands for nothing, too, such as the line breaks of base64. */
  #decode(decoder: TransferDecoder, bytes: Buffer): Buffer {
    const { fileSize, fieldSize } = this.#given;
    const limit = this.#part instanceof FileStore ? fileSize : fieldSize;
    if ((this.#encoded += bytes.length) > MAX_EXPANSION * (limit + 16)) throw new ContentTooLarge(limit);
    return decoder.write(bytes);
  }

  /** For the splitter. */
  endPart(): void {
    const part = this.#part;
    this.#decoder?.end();
    if (!(part instanceof FileStore)) {
      const isKept = part.length > 0 || this.#given.keepBlankValues !== false;
      const field = finishField(part);
      if (field.name === CHARSET_FIELD) this.#charset = charsetNamed(field.value) ?? this.#charset;
      if (isKept) this.#parts.push(Promise.resolve(field));
      return;
    }
    const upload = part.finish();
    upload.catch((error: unknown) => {
      this.#fail(error);
    });
    this.#parts.push(upload);
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

  /** A part whose name is not too long, and that is not one too many. */
  #admit({ info, filename }: Part): void {
    const { nameSize, parts, fields, files } = this.#given;
    const total = this.#fields;
    const fileCount = this.#files.length;
    if (Buffer.byteLength(info.name) > nameSize) throw longName();
    if (total.count + fileCount >= parts) throw tooMany(parts, 'parts');
    if (filename !== undefined && fileCount >= files) throw tooMany(files, 'files');
    if (filename === undefined && ++total.count > fields) throw tooMany(fields, 'fields');
  }

  #beginFile({ info }: Part, filename: string): FileStore {
    this.#given.reading.filename = filename;
    const store = new FileStore({ ...info, filename }, this.#given, this.#abort.signal);
    this.#files.push(store);
    return store;
  }

  async #finish(): Promise<void> {
    try {
      if (!this.#splitter.isComplete) throw malformed();
      const parts = await Promise.all(this.#parts);
      if (this.#over) return;
      this.#over = true;
      this.#resolve(new Form(undefined, undefined, parts.filter(isChosen)));
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

/** A charset of forms; undefined for a value that names none, and is no more than a value. */
function charsetNamed(label: string): Charset | undefined {
  const charset = charsetOf(label);
  return charset?.name.startsWith('utf-16') ? undefined : charset;
}

function longName(): HttpError {
  return new HttpError(400, 'A part of the form has too long a name');
}

/** What browsers send for a file input where nothing was chosen is no file. */
function isChosen(part: FormField | UploadedFile): boolean {
  return 'value' in part || part.length > 0 || part.filename !== UNNAMED;
}
