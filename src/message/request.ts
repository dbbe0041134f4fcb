/** A request: what the host knows at once, and everything else when it is asked for. */
import type { Readable } from 'node:stream';
import { Args } from '../body/args.js';
import { JSON_LIMIT, parseJson, type JsonOptions } from '../body/json.js';
import { Form } from '../body/form.js';
import type { FormOptions } from '../body/form-options.js';
import { readBytes, readBytesThen } from '../body/read-bytes.js';
import { readForm } from '../body/read-form.js';
import type { ContextKey } from '../context-key.js';
import { parseCookies } from '../http/cookie.js';
import { ContentTooLarge, HttpError } from '../http/http-error.js';
import { parseMediaType, type MediaType } from '../http/media-type.js';
import { parseQuery, type QueryOptions } from '../http/query.js';
import { parseTarget, type Target } from '../http/target.js';
import { Headers } from './headers.js';
import { Peer, type PeerSocket } from './peer.js';
import { compileTrust, type Trust } from '../http/forwarded.js';

/** What a host gives: a stream of the body that also knows the head. Node's IncomingMessage is one. */
export interface RequestSource extends Readable {
  readonly method?: string | undefined;
  /** The request target, as sent. */
  readonly url?: string | undefined;
  readonly httpVersion: string;
  /** `[name, value, name, value, ...]`, checked by the host. */
  readonly rawHeaders: readonly string[];
  readonly socket: PeerSocket;
}

/** How an application reads its requests. */
export interface RequestSettings {
  readonly trust: Trust;
  readonly query: QueryOptions;
  readonly json: JsonOptions;
  readonly form: FormOptions;
  /** Media types whose bodies are parsed as JSON, besides every `+json` type. */
  readonly jsonTypes: readonly string[];
  /** Media types whose bodies are parsed as forms. */
  readonly formTypes: readonly string[];
  /** Whether the two are parsed before the handler is called. */
  readonly autoJson: boolean;
  readonly autoForm: boolean;
}

/** How a route wants its body read, where it differs from the application; `false` leaves it to the handler. */
export interface BodyOptions {
  readonly json?: JsonOptions | false;
  readonly form?: FormOptions | false;
}

export const REQUEST_DEFAULTS: RequestSettings = {
  trust: compileTrust(false),
  query: {},
  json: {},
  form: {},
  formTypes: ['application/x-www-form-urlencoded', 'multipart/form-data'],
  autoJson: true,
  autoForm: true,
  jsonTypes: ['application/json', 'application/javascript', 'application/merge-patch+json'],
};

/** The route that a request took, as far as a request may know it. */
export interface MatchedRoute {
  /** The path template, such as `/people/<name>`. */
  readonly path: string;
  /** `Controller.method`. */
  readonly name: string;
  readonly parameters: readonly { readonly name: string }[];
}

const NO_VALUES: readonly unknown[] = [];
const EMPTY_FORM = new Form();
const NO_OPTIONS: BodyOptions = {};

/** One request. Parsed lazily: what nobody asks for costs nothing. */
export class Request {
  /** `GET`, `POST` ... as sent; methods are case-sensitive. */
  readonly method: string;
  /** The request target as sent, query included. */
  readonly target: string;
  /** Milliseconds since the epoch at which the head was complete. */
  readonly startTime: number;
  /** Free for authentication: who asks. */
  user: unknown = null;
  /** Free for the application. */
  api: unknown = null;
  /** Free for the application. */
  db: unknown = null;
  /** The parsed JSON body; undefined when there is none or it was not read. */
  json: unknown = undefined;
  /** The parsed form; an empty one when there is none or it was not read. */
  form: Form = EMPTY_FORM;

  /** The route it took; undefined for a request that found none. Set by the dispatcher. */
  route: MatchedRoute | undefined = undefined;
  /** The converted path parameters in order. Set by the dispatcher. */
  paramValues: readonly unknown[] = NO_VALUES;

  readonly #source: RequestSource;
  readonly #settings: RequestSettings;
  #parsedTarget: Target | null | undefined;
  #headers: Headers | undefined;
  #args: Args | undefined;
  #cookies: ReadonlyMap<string, string> | undefined;
  #mediaType: MediaType | null | undefined;
  #contentLength: number | undefined;
  #peer: Peer | undefined;
  #context: Map<ContextKey<unknown>, unknown> | undefined;
  #abort: AbortController | undefined;
  #closers: (() => unknown)[] | undefined;
  /** The body that was read for the route. */
  #read: Buffer | undefined;
  #bytes: Promise<Buffer> | undefined;

  constructor(source: RequestSource, settings: RequestSettings = REQUEST_DEFAULTS) {
    this.method = source.method ?? 'GET';
    this.target = source.url ?? '/';
    this.startTime = Date.now();
    this.#source = source;
    this.#settings = settings;
  }

  /** The canonical path: decoded once, the same for routes, guards and files. @throws HttpError 400 for a bad target */
  get path(): string {
    const target = (this.#parsedTarget ??= parseTarget(this.target, this.method));
    if (target === null) throw malformed();
    return target.path;
  }

  /** What follows the `?`, undecoded. @throws HttpError 400 for a bad target */
  get query(): string {
    const target = (this.#parsedTarget ??= parseTarget(this.target, this.method));
    if (target === null) throw malformed();
    return target.query;
  }

  /** `1.0` or `1.1`. */
  get httpVersion(): string {
    return this.#source.httpVersion;
  }

  get headers(): Headers {
    return (this.#headers ??= Headers.fromRaw(this.#source.rawHeaders));
  }

  /** The query arguments. @throws HttpError 400 when there are too many, or in strict parsing */
  get args(): Args {
    return (this.#args ??= new Args(parseQuery(this.query, this.#settings.query)));
  }

  /** The cookies by name. */
  get cookies(): ReadonlyMap<string, string> {
    return (this.#cookies ??= parseCookies(this.headers.get('cookie') ?? ''));
  }

  /** The converted path parameters by name; an object without a prototype. */
  get params(): Readonly<Record<string, unknown>> {
    const params = Object.create(null) as Record<string, unknown>;
    this.route?.parameters.forEach(({ name }, index) => (params[name] = this.paramValues[index]));
    return params;
  }

  /** Who asks, and over which host and scheme, proxies taken into account. */
  get peer(): Peer {
    return (this.#peer ??= new Peer(this.#source.socket, {
      headers: this.headers,
      trust: this.#settings.trust,
      authority: (this.#parsedTarget ??= parseTarget(this.target, this.method))?.authority,
    }));
  }

  /** The media type of the body in lower case, without parameters; `''` when there is none or it is malformed. */
  get mimeType(): string {
    return this.#contentType?.essence ?? '';
  }

  /** The charset of the body in lower case; `utf-8` when none is named. */
  get charset(): string {
    return this.#contentType?.parameters.get('charset')?.toLowerCase() ?? 'utf-8';
  }

  /** The declared length of the body in bytes; -1 when there is none. */
  get contentLength(): number {
    if (this.#contentLength === undefined) {
      const length = this.headers.get('content-length');
      this.#contentLength = length === undefined || !/^\d{1,15}$/.test(length) ? -1 : Number(length);
    }
    return this.#contentLength;
  }

  /** Whether a body follows the head (RFC 9112 6). */
  get hasBody(): boolean {
    return this.contentLength > 0 || this.headers.has('transfer-encoding');
  }

  /** Aborts when the client leaves before the answer is complete. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      const abort = (this.#abort = new AbortController());
      const { socket } = this.#source;
      const onClose = (): void => {
        abort.abort(new HttpError(499, 'The client left'));
      };
      if (socket.destroyed) onClose();
      else socket.once('close', onClose);
      this.onClose(() => {
        socket.off('close', onClose);
      });
    }
    return this.#abort.signal;
  }

  /** The body as a stream of bytes, for handlers that read it themselves. */
  get stream(): Readable {
    return this.#source;
  }

  /**
   * The whole body, read once.
   * @throws HttpError 413 over `limit` bytes (default 1 MiB), 400 when it ends early
   */
  readBytes(limit = this.#settings.json.limit ?? JSON_LIMIT): Promise<Buffer> {
    if (this.#read) return Promise.resolve(this.#read);
    return (this.#bytes ??=
      this.contentLength > limit
        ? Promise.reject(new ContentTooLarge(limit))
        : readBytes(this.#source, limit));
  }

  /**
   * Reads the body as JSON, whatever its type says, and leaves it in `json`; `undefined` for an empty body.
   * What the options leave out is as in the application's settings.
   * @throws HttpError 413 over the limit, 400 for malformed JSON
   */
  async readJson<T = unknown>(options: JsonOptions = {}): Promise<T> {
    const bytes = await this.readBytes(options.limit);
    this.json = bytes.length === 0 ? undefined : parseJson(bytes, { ...this.#settings.json, ...options });
    return this.json as T;
  }

  /**
   * Reads the body as a form, of either kind, and leaves it in `form`. Its files are removed when the request is over.
   * What the options leave out is as in the application's settings.
   * @throws HttpError 415 for a body that is no form, 413 over a limit, 400 for a malformed form
   */
  async readForm(options: FormOptions = {}): Promise<Form> {
    const type = this.#contentType;
    const form = await readForm(
      this.#source,
      {
        mimeType: this.mimeType,
        charset: this.charset,
        boundary: type?.parameters.get('boundary'),
        length: this.contentLength < 0 ? undefined : this.contentLength,
      },
      { ...this.#settings.form, ...options },
    );
    if (form.files.length > 0) this.onClose(() => form.dispose());
    return (this.form = form);
  }

  /** What stands in a slot; undefined when nothing does. */
  get<T>(key: ContextKey<T>): T | undefined {
    return this.#context?.get(key) as T | undefined;
  }

  /** Puts a value into a slot. */
  set<T>(key: ContextKey<T>, value: T): void {
    (this.#context ??= new Map<ContextKey<unknown>, unknown>()).set(key, value);
  }

  /** Calls back once when the request is over: answered, cut or declined. */
  onClose(callback: () => unknown): void {
    (this.#closers ??= []).push(callback);
  }

  /** For hosts: whether somebody waits for the end of the request. */
  get hasClosers(): boolean {
    return this.#closers !== undefined;
  }

  /** For hosts: the request is over. Every callback runs; `report` takes what they throw. */
  close(report: (error: unknown) => void): void {
    const closers = this.#closers ?? [];
    this.#closers = undefined;
    for (const closer of closers) {
      try {
        const closing = closer();
        if (closing instanceof Promise) closing.catch(report);
      } catch (error) {
        report(error);
      }
    }
  }

  /**
   * For the dispatcher: reads and parses the body that the route wants parsed, then goes on.
   * @returns undefined when there is nothing to wait for; rejects with HttpError 413, 415 or 400
   */
  readAutomatic<T>(next: () => T | Promise<T>, options: BodyOptions = NO_OPTIONS): Promise<T> | undefined {
    if (!this.hasBody) return undefined;
    const { json = this.#settings.autoJson, form = this.#settings.autoForm } = options;
    if (json !== false && this.#isJson) return this.#readJsonThen(next, json === true ? undefined : json);
    if (form === false || !this.#settings.formTypes.includes(this.mimeType)) return undefined;
    return this.readForm(form === true ? {} : form).then(next);
  }

  #readJsonThen<T>(next: () => T | Promise<T>, own: JsonOptions | undefined): Promise<T> {
    const json = own === undefined ? this.#settings.json : { ...this.#settings.json, ...own };
    const limit = json.limit ?? JSON_LIMIT;
    if (this.contentLength > limit) return Promise.reject(new ContentTooLarge(limit));
    return readBytesThen(this.#source, limit, (bytes) => {
      this.#read = bytes;
      if (bytes.length > 0) this.json = parseJson(bytes, json);
      return next();
    });
  }

  get #contentType(): MediaType | null {
    if (this.#mediaType === undefined) {
      const header = this.headers.get('content-type');
      this.#mediaType = header === undefined ? null : parseMediaType(header);
    }
    return this.#mediaType;
  }

  get #isJson(): boolean {
    const type = this.mimeType;
    return type !== '' && (this.#settings.jsonTypes.includes(type) || type.endsWith('+json'));
  }
}

function malformed(): HttpError {
  return new HttpError(400, 'The request target is malformed');
}
