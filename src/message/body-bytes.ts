/** The bytes of a body: read once, as bytes, as a form or as a stream, for every reader of the request. */
import { Readable } from 'node:stream';
import { Form } from '../body/form.js';
import type { FormOptions } from '../body/form-options.js';
import { whyNotWhole } from '../body/half-read.js';
import { KeptBody } from '../body/kept-body.js';
import { limitedStream } from '../body/limited-stream.js';
import { FormProgress, UNREAD, type FormReading } from '../body/progress.js';
import { readMultipart } from '../body/multipart.js';
import { readBytesThen } from '../body/read-bytes.js';
import { readUrlencoded } from '../body/urlencoded.js';
import { ContentTooLarge } from '../http/errors.js';
import { HttpError } from '../http/http-error.js';
import { parseMediaType } from '../http/media-type.js';
import type { Headers } from './headers.js';

/** What gives bytes or text (taken as UTF-8) one after another: a stream of the web, a generator, a host's own. */
export type BodySource = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/** What the head of a request says of its body. */
interface BodyHead {
  /** In lower case, without parameters; `''` when there is none or it is malformed. */
  readonly mimeType: string;
  /** Whether there is a Content-Type that cannot be read. */
  readonly hasMalformedType: boolean;
  /** In lower case; `utf-8` when none is named. */
  readonly charset: string;
  /** Of a multipart body. */
  readonly boundary: string | undefined;
  /** The declared length in bytes; undefined when there is none. */
  readonly length: number | undefined;
  /** Whether it is not as it is meant: compressed, or encoded in another way. */
  readonly isEncoded: boolean;
}

/** The request that a body came with. */
interface Carrier {
  readonly hasBody: boolean;
  readonly headers: Headers;
  onClose(callback: () => unknown): void;
}

/** One body. What was read whole stays for later readers; a body that was read in part is an error for each of them. */
export class BodyBytes {
  readonly head: BodyHead;
  /** How many were begun. */
  reads = 0;
  readonly #source: Readable;
  readonly #carrier: Carrier;
  #data: Buffer | undefined;
  #inFlight: Promise<unknown> | undefined;
  #form: Promise<Form> | undefined;
  #reading: FormReading | undefined;
  #progress: FormProgress | undefined;
  /** Handed out last. */
  #stream: Readable | undefined;
  #kept: KeptBody | undefined;

  /**
   * @param source a stream of Node's, which is read as it is; bytes that count as read whole; any other is read as a stream
   * when a reader asks for it
   */
  constructor(source: BodySource | Buffer, carrier: Carrier) {
    if (Buffer.isBuffer(source)) this.#data = source;
    this.#source = source instanceof Readable ? source : streamOf(source);
    this.#carrier = carrier;
    this.head = headOf(carrier.headers);
  }

  /** The bytes, where they were read whole. */
  get data(): Buffer | undefined {
    return this.#data;
  }

  /** Whether a reader has it as a stream, and may have read all of it. */
  get isTaken(): boolean {
    const stream = this.#data ? undefined : this.#stream;
    return !!stream && (stream.readableEnded || (stream.readable && !stream.readableDidRead));
  }

  /** Whether it will never be complete, because the client left or the stream was destroyed. */
  get isCut(): boolean {
    return this.#source.destroyed && !this.#source.readableEnded;
  }

  /** How far a form has come; it ends with the request when no form is read. */
  get progress(): FormProgress {
    if (!this.#progress) {
      const progress = (this.#progress = new FormProgress((this.#reading ??= { ...UNREAD })));
      this.#carrier.onClose(() => {
        progress.abandon();
      });
    }
    return this.#progress;
  }

  /**
   * The bytes as they arrive, or once more from the beginning where they were read whole.
   * @param limit bytes, over which the stream breaks off with 413
   * @throws HttpError 413 for a length over the limit that is known already; what ended the reading when it was read in part
   */
  stream(limit: number): Readable {
    this.reads++;
    const { length } = this.head;
    if ((this.#data?.length ?? length ?? 0) > limit) throw new ContentTooLarge(limit);
    if (this.#data) return replay(this.#data);
    const source = this.#source;
    if (!source.readable || source.readableDidRead) throw whyNotWhole(source);
    return (this.#stream = this.rest(limit));
  }

  /** The same, but that is what the stream fails with when it is read, so that nothing of a body does not pass for an empty one. */
  rest(limit: number): Readable {
    const source = this.#source;
    const stream = limitedStream(source, limit);
    // A stream of the web is cancelled with it; that of a host is the connection.
    return made.has(source) ? stream.once('close', () => source.destroy()) : stream;
  }

  /**
   * Goes on with the whole body as soon as its last byte is there.
   * @returns rejects with HttpError 413 over `limit` bytes, 400 when it ends early or was read in part, and what `next` throws
   */
  readThen<T>(limit: number, next: (bytes: Buffer) => T | Promise<T>): Promise<T> {
    this.reads++;
    const data = this.#data;
    if (Math.max(this.head.length ?? 0, data?.length ?? 0) > limit)
      return Promise.reject(new ContentTooLarge(limit));
    if (data) return Promise.resolve(data).then(next);
    if (this.#inFlight) return this.#readAfter(this.#inFlight, () => this.readThen(limit, next));
    return (this.#inFlight = readBytesThen(this.#source, limit, (bytes) => {
      this.#data = bytes;
      return next(bytes);
    }));
  }

  /** Another reader is at it: what it leaves is the whole body, or a reason why there is none. */
  #readAfter<T>(reading: Promise<unknown>, read: () => Promise<T>): Promise<T> {
    const again = (): Promise<T> => {
      this.#inFlight = undefined;
      return read();
    };
    return reading.then(again, again);
  }

  /**
   * The form in the body, the same for every reader, whatever limits a later one has.
   * @throws HttpError 415 for a body that is no form, 413 over a limit, 400 for a malformed form or one that was read in part
   */
  readForm(options: FormOptions): Promise<Form> {
    this.reads++;
    return (this.#form ??= this.#readForm(options));
  }

  /**
   * The same body for one of several readers that come one after the other, which has it from the beginning: what those before it read
   * has been kept, in memory up to 64 KiB and then in a file.
   * @param limit bytes that may be read, over which a reader gets 413; undefined for the last, for which nothing more is kept
   */
  turn(limit: number | undefined): BodyBytes {
    if (this.#data) return new BodyBytes(this.#data, this.#carrier);
    if (limit !== undefined) this.#kept ??= this.#keep(limit);
    else if (!this.#kept || this.#kept.endUntouched()) return this;
    return new BodyBytes(this.#kept.reader(limit === undefined), this.#carrier);
  }

  #keep(limit: number): KeptBody {
    const kept = new KeptBody(() => this.stream(limit));
    this.#carrier.onClose(() => kept.dispose());
    return kept;
  }

  /** No body, and nothing in one, is an empty form of any type. @throws HttpError 415 for what is none */
  async #readNothing(): Promise<FormReader> {
    const { length } = this.head;
    const known = this.#data?.length ?? (this.#carrier.hasBody ? length : 0);
    const isEmpty = known === undefined ? readBytesThen(this.#source, 0, () => true) : known === 0;
    if (await Promise.resolve(isEmpty).catch(() => false)) return () => Promise.resolve(new Form());
    throw new HttpError(415, `A form is ${[...FORMS.keys()].join(' or ')}`);
  }

  async #readForm(options: FormOptions): Promise<Form> {
    const reading = (this.#reading ??= { ...UNREAD });
    try {
      if (this.head.isEncoded) throw encoded();
      const read = FORMS.get(this.head.mimeType) ?? (await this.#readNothing());
      reading.state = 'running';
      reading.began = performance.now();
      const stream = this.#data ? replay(this.#data) : this.#source;
      const form = await read(stream, this.head, options, reading);
      if (form.files.some((file) => file.isOnDisk)) this.#carrier.onClose(() => form.dispose());
      reading.state = 'complete';
      return form;
    } catch (error) {
      reading.state = 'failed';
      // Another reader may have other limits.
      this.#form = undefined;
      throw error;
    } finally {
      reading.onChange?.();
    }
  }
}

/** What is encoded is not decoded, and must not be taken for what it says it is (RFC 9110 15.5.16). */
export function encoded(): HttpError {
  const headers = { 'Accept-Encoding': 'identity' };
  return new HttpError(415, 'The body is encoded; send it as it is', { headers, expose: true });
}

type FormReader = (s: Readable, head: BodyHead, options: FormOptions, reading: FormReading) => Promise<Form>;

/** How each kind of form is read. */
const FORMS: ReadonlyMap<string, FormReader> = new Map<string, FormReader>([
  ['application/x-www-form-urlencoded', readUrlencoded],
  ['multipart/form-data', readMultipart],
]);

function headOf(headers: Headers): BodyHead {
  const contentType = headers.get('content-type');
  const type = contentType === undefined ? null : parseMediaType(contentType);
  const length = headers.get('content-length');
  const coding = headers.get('content-encoding');
  return {
    mimeType: type?.essence ?? '',
    hasMalformedType: type === null && !!contentType,
    charset: type?.parameters.get('charset')?.toLowerCase() ?? 'utf-8',
    boundary: type?.parameters.get('boundary'),
    length: length === undefined || !/^\d{1,15}$/.test(length) ? undefined : Number(length),
    isEncoded: !!coding && coding.toLowerCase() !== 'identity',
  };
}

/** Streams that were made here. */
const made = new WeakSet<Readable>();

function streamOf(source: BodySource | Buffer): Readable {
  const stream = Readable.from(source, { objectMode: false });
  made.add(stream);
  return stream;
}

function replay(bytes: Buffer): Readable {
  return Readable.from(bytes.length === 0 ? [] : [bytes]);
}
