/** The bytes of a body: read once, as bytes, as a form or as a stream, for everyone who sees the request. */
import { Readable } from 'node:stream';
import type { Form } from '../body/form.js';
import type { FormOptions } from '../body/form-options.js';
import { whyNotWhole } from '../body/half-read.js';
import { limitedStream } from '../body/limited-stream.js';
import { FormProgress } from '../body/progress.js';
import { readBytesThen } from '../body/read-bytes.js';
import { readForm } from '../body/read-form.js';
import { ContentTooLarge, HttpError } from '../http/http-error.js';
import { parseMediaType, type MediaType } from '../http/media-type.js';
import type { Headers } from './headers.js';

/** What gives bytes or text (taken as UTF-8) one after another: a stream of the web, a generator, a host's own. */
export type BodySource = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/** The request that a body came with. */
interface Carrier {
  readonly hasBody: boolean;
  readonly headers: Headers;
  onClose(callback: () => unknown): void;
}

/** One body. What was read whole stays for later readers; a body that was read in part is an error for each of them. */
export class BodyBytes {
  readonly #source: Readable;
  readonly #carrier: Carrier;
  #mediaType: MediaType | null | undefined;
  #contentLength: number | undefined;
  #data: Buffer | undefined;
  #reading: Promise<unknown> | undefined;
  #form: Promise<Form> | undefined;
  #progress: FormProgress | undefined;
  #isFollowed = false;
  /** What was handed out last. */
  #stream: Readable | undefined;

  /** @param source a stream of Node's, which is read as it is; any other is read as one when a reader asks for it */
  constructor(source: BodySource, carrier: Carrier) {
    this.#source = source instanceof Readable ? source : Readable.from(source, { objectMode: false });
    this.#carrier = carrier;
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
      const length = this.#carrier.headers.get('content-length');
      this.#contentLength = length === undefined || !/^\d{1,15}$/.test(length) ? -1 : Number(length);
    }
    return this.#contentLength;
  }

  /** The bytes, where they were read whole. */
  get data(): Buffer | undefined {
    return this.#data;
  }

  /** Whether a reader has it as a stream, and may have read all of it. */
  get isTaken(): boolean {
    const stream = this.#data ? undefined : this.#stream;
    return stream !== undefined && (stream.readableEnded || (stream.readable && !stream.readableDidRead));
  }

  /** Whether it will never be complete, because the client left or the stream was destroyed. */
  get isCut(): boolean {
    return this.#source.destroyed && !this.#source.readableEnded;
  }

  /** How far a form has come; it ends with the request when no form is read. */
  get progress(): FormProgress {
    if (!this.#isFollowed) {
      this.#isFollowed = true;
      this.#carrier.onClose(() => {
        this.#progress?.abandon();
      });
    }
    return (this.#progress ??= new FormProgress());
  }

  /**
   * The bytes as they arrive, or once more from the beginning where they were read whole.
   * @param limit bytes, over which the stream breaks off with 413
   * @throws HttpError 413 for a declared length over the limit; what ended the reading when it was read in part
   */
  stream(limit: number): Readable {
    if (this.#data) return replay(this.#data);
    if (this.contentLength > limit) throw new ContentTooLarge(limit);
    const source = this.#source;
    if (!source.readable || source.readableDidRead) throw whyNotWhole(source);
    // What declares its length cannot be longer.
    const isBounded = limit === Infinity || this.contentLength >= 0 || !this.#carrier.hasBody;
    return (this.#stream = isBounded ? source : limitedStream(source, limit));
  }

  /**
   * Goes on with the whole body as soon as its last byte is there.
   * @returns rejects with HttpError 413 over `limit` bytes, 400 when it ends early or was read in part, and what `next` throws
   */
  readThen<T>(limit: number, next: (bytes: Buffer) => T | Promise<T>): Promise<T> {
    const data = this.#data;
    if (Math.max(this.contentLength, data?.length ?? 0) > limit)
      return Promise.reject(new ContentTooLarge(limit));
    if (data) return Promise.resolve(data).then(next);
    if (this.#reading) return this.#readAfter(this.#reading, () => this.readThen(limit, next));
    return (this.#reading = readBytesThen(this.#source, limit, (bytes) => {
      this.#data = bytes;
      return next(bytes);
    }));
  }

  /** Another reader is at it: what it leaves is the whole body, or a reason why there is none. */
  #readAfter<T>(reading: Promise<unknown>, read: () => Promise<T>): Promise<T> {
    const again = (): Promise<T> => {
      this.#reading = undefined;
      return read();
    };
    return reading.then(again, again);
  }

  /**
   * The form in the body, the same for every reader, whatever limits a later one has.
   * @throws HttpError 415 for a body that is no form, 413 over a limit, 400 for a malformed form or one that was read in part
   */
  readForm(options: FormOptions): Promise<Form> {
    return (this.#form ??= this.#readForm(options));
  }

  async #readForm(options: FormOptions): Promise<Form> {
    const head = {
      mimeType: this.mimeType,
      charset: this.charset,
      boundary: this.#contentType?.parameters.get('boundary'),
      length: this.contentLength < 0 ? undefined : this.contentLength,
    };
    const stream = this.#data ? replay(this.#data) : this.#source;
    try {
      this.refuseEncoded();
      const form = await readForm(stream, head, options, (this.#progress ??= new FormProgress()));
      if (form.files.length > 0) this.#carrier.onClose(() => form.dispose());
      return form;
    } catch (error) {
      // What was refused unread may be within the limits of another reader.
      this.#form = undefined;
      throw error;
    }
  }

  /** Whether it has a Content-Type that cannot be read. */
  get hasMalformedType(): boolean {
    return this.#contentType === null && !!this.#carrier.headers.get('content-type');
  }

  get #contentType(): MediaType | null {
    if (this.#mediaType === undefined) {
      const header = this.#carrier.headers.get('content-type');
      this.#mediaType = header === undefined ? null : parseMediaType(header);
    }
    return this.#mediaType;
  }

  /** What is encoded is not decoded, and must not be taken for what it says it is (RFC 9110 15.5.16). */
  refuseEncoded(): void {
    const coding = this.#carrier.headers.get('content-encoding');
    if (!coding || coding.toLowerCase() === 'identity') return;
    const headers = { 'Accept-Encoding': 'identity' };
    throw new HttpError(415, 'The body is encoded; send it as it is', { headers, expose: true });
  }
}

function replay(bytes: Buffer): Readable {
  return Readable.from(bytes.length === 0 ? [] : [bytes]);
}
