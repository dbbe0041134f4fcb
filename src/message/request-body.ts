/** The body of a request: read once, as bytes, JSON or a form, or left to the handler as a stream. */
import { Readable } from 'node:stream';
import type { Form } from '../body/form.js';
import { FORM_LIMITS, type FormOptions } from '../body/form-options.js';
import { limitedStream } from '../body/limited-stream.js';
import { JSON_LIMIT, parseJson, type JsonOptions } from '../body/json.js';
import { FormProgress } from '../body/progress.js';
import { readBytesThen } from '../body/read-bytes.js';
import { readForm } from '../body/read-form.js';
import { ContentTooLarge, HttpError } from '../http/http-error.js';
import { parseMediaType, type MediaType } from '../http/media-type.js';
import type { Headers } from './headers.js';

/** How an application reads bodies. */
export interface BodySettings {
  readonly json: JsonOptions;
  readonly form: FormOptions;
  /** Media types whose bodies are parsed as JSON, besides every `+json` type. */
  readonly jsonTypes: readonly string[];
  /** Media types whose bodies are parsed as forms. */
  readonly formTypes: readonly string[];
  /** Whether bodies are read before the handler is called: JSON, forms, and small ones of any other type. */
  readonly autoJson: boolean;
  readonly autoForm: boolean;
  readonly autoData: boolean;
  /** Up to how many bytes a body of another type is read so. */
  readonly dataSize: number;
  /** Bytes of a body that a handler reads as a stream, unless its route has `@Data(false)`. */
  readonly streamSize: number;
}

/** How a route wants its body read, where it differs from the application; `false` leaves it to the handler. */
export interface BodyOptions {
  readonly json?: JsonOptions | false;
  readonly form?: FormOptions | false;
  /** Bytes of a body that is neither; over it the answer is 413. */
  readonly data?: number | false;
}

const DATA_SIZE = 64 * 1024;

export const BODY_DEFAULTS: BodySettings = {
  json: {},
  form: {},
  jsonTypes: ['application/json', 'application/javascript', 'application/merge-patch+json'],
  formTypes: ['application/x-www-form-urlencoded', 'multipart/form-data'],
  autoJson: true,
  autoForm: true,
  autoData: true,
  dataSize: DATA_SIZE,
  streamSize: FORM_LIMITS.totalSize,
};

/** Where what was read is left: the request. */
interface BodyOwner {
  readonly headers: Headers;
  json: unknown;
  form: Form;
  onClose(callback: () => unknown): void;
}

const NO_OPTIONS: BodyOptions = {};

/** The body of one request. */
export class RequestBody {
  readonly #source: Readable;
  readonly #owner: BodyOwner;
  readonly #settings: BodySettings;
  #mediaType: MediaType | null | undefined;
  #contentLength: number | undefined;
  #progress: FormProgress | undefined;
  #isTaken = false;
  /** Whether somebody has made something of the bytes, so that it need not be done again. */
  #isParsed = false;
  #isFollowed = false;
  /** Whether the route counts for itself what it reads from the stream. */
  #mayStreamOn = false;
  #limited: Readable | undefined;
  #data: Buffer | undefined;
  #bytes: Promise<Buffer> | undefined;
  #form: Promise<Form> | undefined;

  constructor(source: Readable, owner: BodyOwner, settings: BodySettings) {
    this.#source = source;
    this.#owner = owner;
    this.#settings = settings;
  }

  /** In lower case, without parameters; `''` when there is none or it is malformed. */
  get mimeType(): string {
    return this.#contentType?.essence ?? '';
  }

  /** In lower case; `utf-8` when none is named. */
  get charset(): string {
    return this.#contentType?.parameters.get('charset')?.toLowerCase() ?? 'utf-8';
  }

  /** The declared length in bytes; -1 when there is none. */
  get contentLength(): number {
    if (this.#contentLength === undefined) {
      const length = this.#owner.headers.get('content-length');
      this.#contentLength = length === undefined || !/^\d{1,15}$/.test(length) ? -1 : Number(length);
    }
    return this.#contentLength;
  }

  /** The bytes, where somebody has read them whole. */
  get data(): Buffer | undefined {
    return this.#data;
  }

  /**
   * The bytes as they arrive; once more from the beginning where they were read whole. Over the limit it breaks off
   * with 413, unless the route takes bodies as they come.
   */
  get stream(): Readable {
    this.#isTaken = true;
    if (this.#data) return replay(this.#data);
    if (this.#mayStreamOn) return this.#source;
    const { streamSize } = this.#settings;
    if (this.contentLength > streamSize) throw new ContentTooLarge(streamSize);
    // What declares its length cannot be longer, and only chunks come without one.
    if (!this.#owner.headers.has('transfer-encoding')) return this.#source;
    return (this.#limited ??= limitedStream(this.#source, streamSize));
  }

  /** How far a form has come; it ends with the request where nobody reads one. */
  get progress(): FormProgress {
    if (!this.#isFollowed) {
      this.#isFollowed = true;
      this.#owner.onClose(() => {
        this.#progress?.abandon();
      });
    }
    return (this.#progress ??= new FormProgress());
  }

  /** @throws HttpError 413 over `limit` bytes, 400 when the body ends early */
  readBytes(limit = this.#settings.json.limit ?? JSON_LIMIT): Promise<Buffer> {
    this.#isTaken = true;
    if (Math.max(this.contentLength, this.#data?.length ?? 0) > limit)
      return Promise.reject(new ContentTooLarge(limit));
    if (this.#data) return Promise.resolve(this.#data);
    return (this.#bytes ??= readBytesThen(this.#source, limit, (bytes) => (this.#data = bytes)));
  }

  /** @throws HttpError 413 over the limit, 400 for malformed JSON */
  async readJson(options: JsonOptions): Promise<unknown> {
    this.#isParsed = true;
    this.#refuseEncoded();
    const bytes = await this.readBytes(options.limit);
    const json = bytes.length === 0 ? undefined : parseJson(bytes, { ...this.#settings.json, ...options });
    return (this.#owner.json = json);
  }

  /** @throws HttpError 415 for a body that is no form, 413 over a limit, 400 for a malformed form */
  readForm(options: FormOptions): Promise<Form> {
    this.#isParsed = true;
    return (this.#form ??= this.#readForm(options));
  }

  /**
   * Reads and parses the body as far as the route wants that done for it, then goes on. Bytes that a guard or a middleware
   * has read whole are parsed all the same.
   * @returns undefined when there is nothing to wait for; rejects with HttpError 413, 415 or 400
   */
  readAutomatic<T>(next: () => T | Promise<T>, options: BodyOptions = NO_OPTIONS): Promise<T> | undefined {
    if (this.#isEmpty || (this.#isTaken && (this.#isParsed || !this.#data))) return undefined;
    this.#isParsed = true;
    if (options.data === false) this.#mayStreamOn = true;
    if (this.#isJson) return this.#readJsonThen(next, options.json);
    if (this.#settings.formTypes.includes(this.mimeType)) return this.#readFormThen(next, options.form);
    if (this.#contentType === null && this.#owner.headers.get('content-type'))
      return Promise.reject(new HttpError(415, 'The Content-Type is malformed'));
    return this.#readDataThen(next, options.data);
  }

  /** The handler is called as soon as the last byte is there. */
  #readJsonThen<T>(next: () => T | Promise<T>, own: JsonOptions | false | undefined): Promise<T> | undefined {
    const { autoJson, json: general } = this.#settings;
    if (own === false || (own === undefined && !autoJson)) return undefined;
    this.#refuseEncoded();
    const json = own === undefined ? general : { ...general, ...own };
    return this.#readThen(json.limit ?? JSON_LIMIT, (bytes) => {
      if (bytes.length > 0) this.#owner.json = parseJson(bytes, json);
      return next();
    });
  }

  #readFormThen<T>(next: () => T | Promise<T>, own: FormOptions | false | undefined): Promise<T> | undefined {
    if (own === false || (own === undefined && !this.#settings.autoForm)) return undefined;
    return this.readForm(own ?? {}).then(next);
  }

  /** A body that nobody asked for is read only when it is sure to be small. */
  #readDataThen<T>(next: () => T | Promise<T>, own: number | false | undefined): Promise<T> | undefined {
    if (own === false || (own === undefined && this.#data)) return undefined;
    if (own !== undefined) return this.#readThen(own, next);
    const { autoData, dataSize } = this.#settings;
    const isSmall = this.contentLength >= 0 && this.contentLength <= dataSize;
    return autoData && isSmall ? this.#readThen(dataSize, next) : undefined;
  }

  #readThen<T>(limit: number, next: (bytes: Buffer) => T | Promise<T>): Promise<T> {
    this.#isTaken = true;
    const data = this.#data;
    if (Math.max(this.contentLength, data?.length ?? 0) > limit)
      return Promise.reject(new ContentTooLarge(limit));
    if (data) return Promise.resolve(data).then(next);
    return readBytesThen(this.#source, limit, (bytes) => {
      this.#data = bytes;
      return next(bytes);
    });
  }

  async #readForm(options: FormOptions): Promise<Form> {
    this.#refuseEncoded();
    const head = {
      mimeType: this.mimeType,
      charset: this.charset,
      boundary: this.#contentType?.parameters.get('boundary'),
      length: this.contentLength < 0 ? undefined : this.contentLength,
    };
    this.#isTaken = true;
    const stream = this.#data ? replay(this.#data) : this.#source;
    const progress = (this.#progress ??= new FormProgress());
    const form = await readForm(stream, head, { ...this.#settings.form, ...options }, progress);
    if (form.files.length > 0) this.#owner.onClose(() => form.dispose());
    return (this.#owner.form = form);
  }

  /** What is encoded is not decoded, and must not be taken for what it says it is (RFC 9110 15.5.16). */
  #refuseEncoded(): void {
    const coding = this.#owner.headers.get('content-encoding');
    if (!coding || coding.toLowerCase() === 'identity') return;
    const headers = { 'Accept-Encoding': 'identity' };
    throw new HttpError(415, 'The body is encoded; send it as it is', { headers, expose: true });
  }

  get #contentType(): MediaType | null {
    if (this.#mediaType === undefined) {
      const header = this.#owner.headers.get('content-type');
      this.#mediaType = header === undefined ? null : parseMediaType(header);
    }
    return this.#mediaType;
  }

  /** Nothing is something only where a form should begin with its boundary. */
  get #isEmpty(): boolean {
    return this.contentLength === 0 && this.mimeType !== 'multipart/form-data';
  }

  get #isJson(): boolean {
    const type = this.mimeType;
    return type !== '' && (this.#settings.jsonTypes.includes(type) || type.endsWith('+json'));
  }
}

function replay(bytes: Buffer): Readable {
  return Readable.from(bytes.length === 0 ? [] : [bytes]);
}
