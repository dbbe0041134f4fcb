/** A request: what the host knows at once, and everything else when it is asked for. */
import type { Readable } from 'node:stream';
import { Args } from '../body/args.js';
import { Form } from '../body/form.js';
import type { FormOptions } from '../body/form-options.js';
import type { JsonOptions } from '../body/json.js';
import type { FormProgress } from '../body/progress.js';
import type { ContextKey } from '../ground/context-key.js';
import { parseCookies } from '../http/cookie.js';
import { compileTrust, type ProxyHeader, type Trust } from '../http/forwarded.js';
import { HttpError } from '../http/http-error.js';
import { parseQuery, type QueryOptions } from '../http/query.js';
import { parseTarget, type Target } from '../http/target.js';
import type { ErrorTemplate } from '../answering/error-template.js';
import { BodyBytes } from './body-bytes.js';
import { HeaderProperties } from './header-properties.js';
import { Headers } from './headers.js';
import { Peer, type PeerSocket } from './peer.js';
import { BODY_DEFAULTS, RequestBody, type BodyOptions, type BodySettings } from './request-body.js';

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
export interface RequestSettings extends BodySettings {
  readonly trust: Trust;
  readonly proxyHeader: ProxyHeader;
  readonly query: QueryOptions;
  /** Whether query and cookies are read; else `args` and `cookies` are empty. */
  readonly autoArgs: boolean;
  readonly autoCookies: boolean;
  /** Makes the HTML pages of errors. */
  readonly errorTemplate?: ErrorTemplate | undefined;
}

export const REQUEST_DEFAULTS: RequestSettings = {
  ...BODY_DEFAULTS,
  trust: compileTrust(false),
  proxyHeader: 'x-forwarded',
  query: {},
  autoArgs: true,
  autoCookies: true,
};

/** The route that a request took, as far as a request may know it. */
export interface MatchedRoute {
  /** The path template, such as `/people/<name>`. */
  readonly path: string;
  /** `Controller.method`. */
  readonly name: string;
  readonly parameters: readonly { readonly name: string }[];
  /** The class whose method answers, and that method; both undefined for a plain function. */
  readonly target?: object | undefined;
  readonly property?: string | symbol | undefined;
}

const NO_VALUES: readonly unknown[] = [];
const NO_ARGS = new Args();
const NO_COOKIES: ReadonlyMap<string, string> = new Map();
const EMPTY_FORM = new Form();

/** One request. Parsed lazily: what nobody asks for costs nothing. */
export class Request extends HeaderProperties {
  /** `GET`, `POST` ... as sent; methods are case-sensitive. */
  readonly method: string;
  /** The request target as sent, query included. */
  readonly target: string;
  /** Whether the head announces a body, which may be empty (RFC 9112 6). */
  readonly hasBody: boolean;
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
  #target: Target | undefined;
  #headers: Headers | undefined;
  #args: Args | undefined;
  #cookies: ReadonlyMap<string, string> | undefined;
  #peer: Peer | undefined;
  #context: Map<ContextKey<unknown>, unknown> | undefined;
  #abort: AbortController | undefined;
  #closers: (() => unknown)[] | undefined;
  #lazyBody: RequestBody | undefined;

  /** @param hasBody as the framing of the head says; looked up when the host does not tell */
  constructor(
    source: RequestSource,
    settings: RequestSettings = REQUEST_DEFAULTS,
    hasBody = declaresBody(source.rawHeaders),
  ) {
    super();
    this.method = source.method ?? 'GET';
    this.target = source.url ?? '/';
    this.startTime = Date.now();
    this.hasBody = hasBody;
    this.#source = source;
    this.#settings = settings;
  }

  /** The canonical path: decoded once, the same for routes, guards and files. @throws HttpError 400 for a bad target */
  get path(): string {
    return (this.#target ??= parseTarget(this.target, this.method) ?? malformed()).path;
  }

  /** What follows the `?`, undecoded. @throws HttpError 400 for a bad target */
  get query(): string {
    return (this.#target ??= parseTarget(this.target, this.method) ?? malformed()).query;
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
    const { autoArgs, query } = this.#settings;
    return (this.#args ??= autoArgs ? new Args(parseQuery(this.query, query)) : NO_ARGS);
  }

  /** The cookies by name. @throws HttpError 431 when there are too many */
  get cookies(): ReadonlyMap<string, string> {
    const { autoCookies } = this.#settings;
    return (this.#cookies ??= autoCookies ? parseCookies(this.headers.get('cookie') ?? '') : NO_COOKIES);
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
      proxyHeader: this.#settings.proxyHeader,
      authority: (this.#target ?? parseTarget(this.target, this.method))?.authority,
    }));
  }

  /** The addresses that trusted proxies tell, the client's first; undefined when nobody is trusted. */
  get forwardedFor(): string | undefined {
    return this.peer.forwardedFor;
  }

  /** The host that a trusted proxy was asked for. */
  get forwardedHost(): string | undefined {
    return this.peer.forwardedHost;
  }

  /** The scheme that a trusted proxy was asked with. */
  get forwardedProto(): string | undefined {
    return this.peer.forwardedProto;
  }

  /**
   * The absolute URL of a path of this server, as the client sees it; an absolute http URL stays as it is.
   * The host is the one the client named: compare it before you rely on it.
   * @throws HttpError 400 when the client named no host
   */
  constructUrl(path: string): string {
    if (/^https?:\/\//i.test(path)) return path;
    const { scheme, hostname, hostPort } = this.peer;
    if (hostname === '') throw new HttpError(400, 'The request names no host');
    const port = hostPort === (scheme === 'https' ? 443 : 80) ? '' : `:${String(hostPort)}`;
    return `${scheme}://${hostname}${port}${path.startsWith('/') ? '' : '/'}${path}`;
  }

  /** The media type of the body in lower case, without parameters; `''` when there is none or it is malformed. */
  get mimeType(): string {
    return this.#body.bytes.mimeType;
  }

  /** The charset of the body in lower case; `utf-8` when none is named. */
  get charset(): string {
    return this.#body.bytes.charset;
  }

  /** The declared length of the body in bytes; -1 when there is none. */
  get contentLength(): number {
    return this.#body.bytes.contentLength;
  }

  /** Whether the body will never be complete, because the client left or the stream was destroyed. */
  get isCut(): boolean {
    return this.#source.destroyed && !this.#source.readableEnded;
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

  /**
   * The bytes of a body that was read whole: JSON, and any other that is no form and no longer than the application's
   * `dataSize` (64 KiB); undefined when there is none.
   */
  get data(): Buffer | undefined {
    return this.#body.bytes.data;
  }

  /** The body as a stream of bytes, for handlers that read it themselves: `for await (const chunk of req.stream)`. */
  get stream(): Readable {
    return this.#body.stream;
  }

  /** How far the reading of the form has come, for those who follow it. */
  get progress(): FormProgress {
    return this.#body.bytes.progress;
  }

  /**
   * The whole body, read once.
   * @throws HttpError 413 over `limit` bytes (default 1 MiB), 400 when it ends early
   */
  readBytes(limit?: number): Promise<Buffer> {
    return this.#body.readBytes(limit);
  }

  /**
   * Reads the body as JSON, whatever its type says, and leaves it in `json`; `undefined` for an empty body.
   * What the options leave out is as in the application's settings.
   * @throws HttpError 413 over the limit, 400 for malformed JSON
   */
  readJson<T = unknown>(options: JsonOptions = {}): Promise<T> {
    return this.#body.readJson(options) as Promise<T>;
  }

  /**
   * Reads the body as a form, of either kind, and leaves it in `form`. Its files are removed when the request is over.
   * What the options leave out is as in the application's settings.
   * @throws HttpError 415 for a body that is no form, 413 over a limit, 400 for a malformed form
   */
  readForm(options: FormOptions = {}): Promise<Form> {
    return this.#body.readForm(options);
  }

  /**
   * For the dispatcher: reads and parses the body that the route wants parsed, then goes on.
   * @returns undefined when there is nothing to wait for; rejects with HttpError 413, 415 or 400
   */
  readAutomatic<T>(next: () => T | Promise<T>, options?: BodyOptions): Promise<T> | undefined {
    return this.#body.readAutomatic(next, options);
  }

  /** For error pages: how the application shows them. */
  get errorTemplate(): ErrorTemplate | undefined {
    return this.#settings.errorTemplate;
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

  get #body(): RequestBody {
    return (this.#lazyBody ??= new RequestBody(new BodyBytes(this.#source, this), this, this.#settings));
  }
}

/** Whether the fields announce a body. */
function declaresBody(rawHeaders: readonly string[]): boolean {
  const headers = Headers.fromRaw(rawHeaders);
  return headers.has('transfer-encoding') || /^\d+$/.test(headers.get('content-length') ?? '');
}

function malformed(): never {
  throw new HttpError(400, 'The request target is malformed');
}
