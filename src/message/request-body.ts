/** What a request makes of its body, by its own settings: JSON, a form, bytes, or a stream that is left to the handler. */
import type { Readable } from 'node:stream';
import type { Form } from '../body/form.js';
import { FORM_LIMITS, FORM_RULES, type FormOptions } from '../body/form-options.js';
import { JSON_LIMIT, JSON_RULES, parseJson, type JsonOptions } from '../body/json.js';
import { rule, type Rules } from '../ground/settings.js';
import { charsetOf } from '../http/charset.js';
import { HttpError } from '../http/http-error.js';
import { encoded, type BodyBytes } from './body-bytes.js';

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
  /** Limits of JSON; `false` to leave it unread. Default as the application has it. */
  readonly json?: JsonOptions | false;
  /** Limits of forms; `false` to leave them unread. Default as the application has it. */
  readonly form?: FormOptions | false;
  /** Bytes of a body that is neither, over which the answer is 413; `false` to leave it unread. Default as the application has it. */
  readonly data?: number | false;
  /** Whether a PUT may bring a part of the whole, as its Content-Range says; else the answer is 400. Default false. */
  readonly partial?: boolean;
}

export const BODY_RULES: Rules<BodyOptions> = {
  json: rule.orFalse(rule.options(JSON_RULES)),
  form: rule.orFalse(rule.options(FORM_RULES)),
  data: rule.orFalse(rule.whole('bytes')),
  partial: rule.flag,
};

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
  json: unknown;
  form: Form;
}

const NO_OPTIONS: BodyOptions = {};

/** A body as one request sees it. Several may see the same bytes, each with settings of its own. */
export class RequestBody {
  readonly bytes: BodyBytes;
  readonly #owner: BodyOwner;
  readonly #settings: BodySettings;
  /** Whether something was made of the bytes, so that it need not be done again. */
  #isParsed = false;
  /** Whether the route counts for itself what it reads from the stream. */
  #mayStreamOn = false;
  #stream: Readable | undefined;

  constructor(bytes: BodyBytes, owner: BodyOwner, settings: BodySettings) {
    this.bytes = bytes;
    this.#owner = owner;
    this.#settings = settings;
  }

  /**
   * The bytes as they arrive; once more from the beginning where they were read whole. Over the limit it breaks off
   * with 413, unless the route takes bodies as they come.
   */
  get stream(): Readable {
    const limit = this.#mayStreamOn ? Infinity : this.#settings.streamSize;
    if (this.bytes.data) return this.bytes.stream(limit);
    if (this.#stream?.destroyed) this.#stream = this.bytes.rest(limit);
    return (this.#stream ??= this.bytes.stream(limit));
  }

  /** @throws HttpError 413 over `limit` bytes, 400 when the body ends early or was read in part */
  readBytes(limit = this.#settings.json.limit ?? JSON_LIMIT): Promise<Buffer> {
    return this.bytes.readThen(limit, (bytes) => bytes);
  }

  /** @throws HttpError 413 over the limit, 415 for an unknown charset, 400 for bytes that are no text of it */
  async readText(limit?: number): Promise<string> {
    const { charset: label, isEncoded } = this.bytes.head;
    if (isEncoded) throw encoded();
    const charset = charsetOf(label);
    if (!charset) throw new HttpError(415, `The charset ${JSON.stringify(label)} is not known`);
    const text = charset.decode(await this.readBytes(limit));
    if (text === undefined) throw new HttpError(400, `The body is not valid ${charset.name}`);
    return text.replace(/^\uFEFF/, '');
  }

  /** @throws HttpError 413 over the limit, 400 for malformed JSON */
  async readJson(options: JsonOptions): Promise<unknown> {
    if (this.bytes.head.isEncoded) throw encoded();
    const bytes = await this.readBytes(options.limit);
    this.#parseJson(bytes, { ...this.#settings.json, ...options });
    return this.#owner.json;
  }

  /** @throws HttpError 415 for a body that is no form, 413 over a limit, 400 for a malformed form */
  async readForm(options: FormOptions): Promise<Form> {
    const form = await this.bytes.readForm({ ...this.#settings.form, ...options });
    this.#isParsed = true;
    return (this.#owner.form = form);
  }

  /**
   * Reads and parses the body as far as the route wants that done for it, then goes on. Bytes that a guard or a middleware
   * has read whole are parsed all the same; a body that it has taken as a stream is left to it.
   * @returns undefined when there is nothing to wait for; rejects with HttpError 413, 415 or 400
   */
  readAutomatic<T>(next: () => T | Promise<T>, options: BodyOptions = NO_OPTIONS): Promise<T> | undefined {
    const { length, mimeType, hasMalformedType } = this.bytes.head;
    // Nothing is something only where a form should begin with its boundary.
    if (length === 0 && mimeType !== 'multipart/form-data') return undefined;
    if (this.#isParsed || this.bytes.isTaken) return undefined;
    if (options.data === false) this.#mayStreamOn = true;
    const { jsonTypes, formTypes } = this.#settings;
    if (jsonTypes.includes(mimeType) || mimeType.endsWith('+json'))
      return this.#readJsonThen(next, options.json);
    if (formTypes.includes(mimeType)) return this.#readFormThen(next, options.form);
    if (hasMalformedType) return Promise.reject(new HttpError(415, 'The Content-Type is malformed'));
    return this.#readDataThen(next, options.data);
  }

  /** The handler is called as soon as the last byte is there. */
  #readJsonThen<T>(next: () => T | Promise<T>, own: JsonOptions | false | undefined): Promise<T> | undefined {
    const { autoJson, json: general } = this.#settings;
    if (own === false || (own === undefined && !autoJson)) return undefined;
    if (this.bytes.head.isEncoded) throw encoded();
    const json = own === undefined ? general : { ...general, ...own };
    return this.bytes.readThen(json.limit ?? JSON_LIMIT, (bytes) => {
      this.#parseJson(bytes, json);
      return next();
    });
  }

  #readFormThen<T>(next: () => T | Promise<T>, own: FormOptions | false | undefined): Promise<T> | undefined {
    if (own === false || (own === undefined && !this.#settings.autoForm)) return undefined;
    return this.readForm(own ?? {}).then(next);
  }

  /** A body that no handler asked for is read only when it is sure to be small. */
  #readDataThen<T>(next: () => T | Promise<T>, own: number | false | undefined): Promise<T> | undefined {
    const { autoData, dataSize } = this.#settings;
    const { data, head } = this.bytes;
    const isWanted = autoData && !data && head.length !== undefined && head.length <= dataSize;
    if (own === false || (own === undefined && !isWanted)) return undefined;
    return this.bytes.readThen(own ?? dataSize, () => {
      this.#isParsed = true;
      return next();
    });
  }

  #parseJson(bytes: Buffer, options: JsonOptions): void {
    this.#owner.json = bytes.length === 0 ? undefined : parseJson(bytes, options);
    this.#isParsed = true;
  }
}
