/** A request: what the host knows at once, and everything else when it is asked for. */
import { Readable } from 'node:stream';
import { Args } from '../body/args.js';
import { Form } from '../body/form.js';
import type { FormOptions } from '../body/form-options.js';
import type { JsonOptions } from '../body/json.js';
import type { FormProgress } from '../body/progress.js';
import { brand } from '../ground/brand.js';
import { ContextKey } from '../ground/context-key.js';
import type { Log } from '../ground/log/log.js';
import { Cookies, parseCookies } from '../http/cookie.js';
import { HttpError } from '../http/http-error.js';
import { parseQuery } from '../http/query.js';
import { encodeCanonical, parseTarget, type Target } from '../http/target.js';
import { AnswerHead } from './answer-head.js';
import { BodyBytes } from './body-bytes.js';
import { callCloser, type Closer } from './closer.js';
import { firstOf, isOfClient } from './first-of-client.js';
import { callWhenGone, signalOf } from './client-signal.js';
import { checkedHeaders, type Headers } from './headers.js';
import { checkInterimStatus, malformed, MAX_MOUNTS, noEntry, notBelow, tooDeep } from './odd-request.js';
import { Peer } from './peer.js';
import { RequestBody, type BodyOptions } from './request-body.js';
import { declaresBody, type Asked, type MatchedRoute, type RequestSource } from './request-source.js';
import type { GivenSettings, Settings } from './settings.js';

const NO_VALUES: readonly unknown[] = [];
const NO_ARGS = new Args();
const NO_COOKIES: ReadonlyMap<string, string> = new Cookies();
const EMPTY_FORM = new Form();

/** What stands around a view. */
interface Outer {
  /** Who asks, as the caller of the view has found. */
  readonly user: unknown;
  /** Those of mounts. */
  readonly params: Readonly<Record<string, unknown>> | undefined;
  /** The request whose handler made this one. */
  readonly asker: Request | undefined;
  /** In whose name it is asked: the request of the host, or one with other cookies or credentials than that. */
  readonly client: Request;
  /** How many mounts are above, one below another. */
  readonly depth: number;
}

/**
 * One request. Parsed lazily: what no handler asks for costs nothing.
 *
 * An application inside another reads a view of its own: headers, bytes of the body, signal and callbacks for the end are
 * those of the one request; settings, base, path and all that is read by settings belong to the view.
 */
export class Request extends AnswerHead {
  static {
    brand(this, 'Request');
  }

  /** `GET`, `POST` ... as sent; methods are case-sensitive. */
  readonly method: string;
  /** The request target as sent, query included. */
  readonly target: string;
  /** Whether the head announces a body, which may be empty (RFC 9112 6). */
  readonly hasBody: boolean;
  /** Milliseconds since the epoch at which the head was complete. */
  readonly startTime: number;
  /** The part of the canonical path that mounts above have taken, such as `/shop`; `''` at the top. */
  readonly base: string = '';
  /** Whether it is what an application or a mount sees of another. */
  readonly isView: boolean = false;
  /** How it is read and answered: the host's until an application adopts it. */
  readonly settings: Settings;
  /** For hosts, at the root: milliseconds that the body may stand still, where an application says so. */
  declare readTimeout: number | undefined;
  /** For hosts, at the root: whether the head of a stream has gone out, so that nothing can be added to it. */
  declare isHeadSent: boolean | undefined;
  /** For hosts, at the root: whether anything waits for the end of the request. */
  declare hasClosers: boolean | undefined;
  /** Free for authentication: who asks. */
  user: unknown = null;
  /** Free for the application. */
  api: unknown = null;
  /** Free for the application. */
  db: unknown = null;
  /** The parsed JSON body; undefined when there is none or it was not read. */
  declare json: unknown;
  /** The parsed form; an empty one where none was read. */
  form: Form = EMPTY_FORM;

  /** The route it took; undefined for a request that found none. Set by the dispatcher. */
  declare route: MatchedRoute | undefined;
  /** The converted path parameters in order. */
  paramValues: readonly unknown[] = NO_VALUES;

  readonly #source: RequestSource;
  #root: Request = this;
  /** Whose headers and body it has. */
  #sent: Request = this;
  #application: Request = this;
  /** All others in its name. */
  #others: Request[] | undefined;
  /** Of a view alone. */
  #outer: Outer | undefined;
  #target: Target | undefined;
  #headers: Headers | undefined;
  #args: Args | undefined;
  #cookies: ReadonlyMap<string, string> | undefined;
  #peer: Peer | undefined;
  #context: Map<unknown, unknown> | undefined;
  #signal: AbortSignal | undefined;
  #closers: Closer<Request>[] | undefined;
  /** Of the sent one alone. */
  #bytes: BodyBytes | undefined;
  #lazyBody: RequestBody | undefined;

  /** @param hasBody as the framing of the head says; looked up when the host does not say */
  constructor(source: RequestSource, settings: Settings, hasBody = declaresBody(source.rawHeaders)) {
    super();
    this.method = source.method ?? 'GET';
    this.target = source.url ?? '/';
    this.startTime = Date.now();
    this.hasBody = hasBody;
    this.settings = settings;
    this.#source = source;
  }

  /**
   * A view for a handler that answers the rest of the path.
   * @param prefix the first segments of `path` as they stand there, such as `/shop`; default none
   * @param params what those segments give; handlers below find it in `params` beside their own
   * @throws ObolError E_BASE where the path does not begin with the prefix, HttpError 508 below more than 16 others
   */
  below(prefix = '', params?: Readonly<Record<string, unknown>>): Request {
    const view = new Request(this.#source, this.settings, this.hasBody);
    view.#lookThrough(this, prefix);
    const known = params ? Object.assign(this.params, params) : this.#outer?.params;
    const depth = (this.#outer?.depth ?? 0) + 1;
    if (depth > MAX_MOUNTS) tooDeep(this.target);
    view.#outer = { user: this.user, params: known, asker: this.#outer?.asker, client: this.#client, depth };
    (this.#client.#others ??= []).push(view);
    return view;
  }

  /**
   * A view for one of several handlers that are asked in turn: it reads the body from its beginning, whatever those before it
   * have read.
   * @param limit bytes of the body, over which a reader gets 413; undefined for the last of them, after which nothing is kept
   */
  turn(limit?: number): Request {
    const view = this.below();
    view.#bytes = this.#body.bytes.turn(limit);
    view.#headers = this.headers;
    view.#sent = view;
    return view;
  }

  /** How often handlers have asked for the body. */
  get bodyReads(): number {
    return this.#sent.#bytes?.reads ?? 0;
  }

  /**
   * For applications: the request as they read it. The first in a view adopts it in place; one that is called with a request
   * that another has adopted gets a view.
   */
  adopt(given: GivenSettings): Request {
    if (this.#application === this && this.settings.application) return this.below().adopt(given);
    this.#application = this;
    const { readTimeout } = ((this as { settings: Settings }).settings = given.within(this.settings));
    if (readTimeout !== undefined) this.#root.readTimeout = readTimeout;
    if (this.#args || this.#cookies || this.#peer || this.#lazyBody) this.#forget();
    return this;
  }

  /** The request as the application sees it that this is a part of: of a plain handler below a mount, the one around that. */
  get application(): Request {
    return this.#application;
  }

  /**
   * A request that the handler of this one makes of the same server, in the name of the same client and on its connection:
   * answered as that client's own, by `settings.entry`, and over when this one is. All of them have the slots of one request.
   * With other cookies or credentials than this one, it is in the name of another client.
   * @throws ObolError E_SUBREQUEST where neither a host nor an application has the request; HttpError 400 for a malformed target
   */
  subrequest({ target, method = this.method, headers, body }: Asked): Request {
    const { settings } = this.settings.entry ?? noEntry(target);
    const { httpVersion, socket, rawHeaders: own } = this.#source;
    const source = { method, url: target, httpVersion, socket, rawHeaders: headers?.flat ?? own, body };
    const asked = new Request(source, settings, headers ? undefined : this.hasBody);
    asked.#root = this.#root;
    if (!headers) asked.#sent = this.#sent;
    const client = isOfClient(headers, this.headers) ? this.#client : asked;
    asked.#outer = { user: null, params: undefined, asker: this, client, depth: 0 };
    (client.#others ??= []).push(asked);
    const authority = (this.#target ?? parseTarget(this.target, this.method))?.authority;
    asked.#target = { ...(parseTarget(target, method) ?? malformed()), authority };
    return Object.assign(asked, { isView: true, startTime: this.startTime });
  }

  /** The request whose handler has made this one; undefined for that of the client, whatever view it is seen through. */
  get subrequestOf(): Request | undefined {
    return this.#outer?.asker;
  }

  /**
   * Where a feature keeps what is one for a client, such as a session: of all requests in the name of this client, the first that
   * the same application has adopted at the same base. For what a host gives and its views, that is the application's own.
   */
  get firstOfClient(): Request {
    const own = this.#application;
    const { asker, client = own } = own.#outer ?? {};
    return asker ? firstOf([client, ...(client.#others ?? [])], own) : own;
  }

  /** The user that the caller of this view had found; null at the top. */
  get userAbove(): unknown {
    return this.#outer?.user ?? null;
  }

  /** The request of the host, which this is a view of; itself at the top. */
  get root(): Request {
    return this.#root;
  }

  /** The canonical path: decoded once, the same for routes, guards and files. @throws HttpError 400 for a bad target */
  get path(): string {
    return (this.#target ??= parseTarget(this.target, this.method) ?? malformed()).path;
  }

  /** The base as URLs have it, percent-encoded: what the URL of each path below it begins with; `''` at the top. */
  get baseUrl(): string {
    return encodeCanonical(this.base);
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
    const sent = this.#sent;
    return (sent.#headers ??= checkedHeaders(sent.#source.rawHeaders));
  }

  /** The query arguments. @throws HttpError 400 when there are too many, or in strict parsing */
  get args(): Args {
    const { autoArgs, query } = this.settings;
    return (this.#args ??= autoArgs ? new Args(parseQuery(this.query, query)) : NO_ARGS);
  }

  set args(args: Args) {
    this.#args = args;
  }

  /** The cookies by name. @throws HttpError 431 when there are too many */
  get cookies(): ReadonlyMap<string, string> {
    const { autoCookies } = this.settings;
    return (this.#cookies ??= autoCookies ? parseCookies(this.headers.get('cookie') ?? '') : NO_COOKIES);
  }

  /** Writes to the application's log, with the id of the request where `requestId()` of `obol/request-id` gives it one. */
  get log(): Log {
    const { logger } = this.settings;
    const id = this.get(ContextKey.REQUEST_ID);
    return id === undefined ? logger : logger.child({ reqId: id });
  }

  /** The converted path parameters by name, those of mounts above included; an object without a prototype. */
  get params(): Readonly<Record<string, unknown>> {
    const params = Object.assign(Object.create(null), this.#outer?.params) as Record<string, unknown>;
    this.route?.parameters.forEach(({ name }, index) => {
      const value = this.paramValues[index];
      if (name !== '' && value !== undefined) params[name] = value;
    });
    return params;
  }

  /** Who asks, and over which host and scheme, proxies taken into account. */
  get peer(): Peer {
    return (this.#peer ??= new Peer(this.#source.socket, {
      headers: this.headers,
      trust: this.settings.trust,
      proxyHeader: this.settings.proxyHeader,
      authority: (this.#target ?? parseTarget(this.target, this.method))?.authority,
    }));
  }

  /** The addresses that trusted proxies report, the client's first; undefined when none is trusted. */
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
    return this.#body.bytes.head.mimeType;
  }

  /** The charset of the body in lower case; `utf-8` when none is named. */
  get charset(): string {
    return this.#body.bytes.head.charset;
  }

  /** The declared length of the body in bytes; -1 when there is none. */
  get contentLength(): number {
    return this.#body.bytes.head.length ?? -1;
  }

  /** Whether the body will never be complete, because the client left or the stream was destroyed. */
  get isCut(): boolean {
    return this.#body.bytes.isCut;
  }

  /** Aborts when the client leaves before the answer is complete. */
  get signal(): AbortSignal {
    return (this.#root.#signal ??= signalOf(this.#source.socket, this.#root));
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
   * The same for handlers that have a limit of their own, in place of the application's.
   * @param limit bytes, over which the stream breaks off with HttpError 413
   * @throws HttpError 413 for a length over the limit that is known already, 400 when another reader has had some of it
   */
  readStream(limit: number): Readable {
    return this.#body.bytes.stream(limit);
  }

  /**
   * The whole body, read once.
   * @throws HttpError 413 over `limit` bytes (default 1 MiB), 400 when it ends early or another reader has had some of it
   */
  readBytes(limit?: number): Promise<Buffer> {
    return this.#body.readBytes(limit);
  }

  /**
   * The whole body as text in the charset that its type names, by default UTF-8; a byte order mark is no part of it.
   * @throws HttpError 413 over `limit` bytes (default 1 MiB), 415 for a charset that is not known, 400 for bytes that are no text of it
   */
  readText(limit?: number): Promise<string> {
    return this.#body.readText(limit);
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

  /** What stands in a slot; undefined when nothing does. */
  get<T>(key: ContextKey<T>): T | undefined {
    return (key.ofApplication ? this.#application : this.#root).#context?.get(key.slot) as T | undefined;
  }

  /** Puts a value into a slot. */
  set<T>(key: ContextKey<T>, value: T): void {
    ((key.ofApplication ? this.#application : this.#root).#context ??= new Map()).set(key.slot, value);
  }

  /** Calls back once when the request is over: answered, cut or declined. */
  onClose(callback: () => unknown): void {
    const root = this.#root;
    root.hasClosers = true;
    (root.#closers ??= []).push({ callback, view: this });
  }

  /**
   * Calls back when nothing that is done for the request is wanted any more: the client has left, whether or not there is an
   * answer, or the request is over. It may be called more than once.
   */
  onGone(callback: () => void): void {
    callWhenGone(this.#source.socket, this, callback);
  }

  /**
   * Sends an interim answer, such as 103 with what the answer will link to (RFC 8297), before the answer itself (RFC 9110 15.2).
   * @param status from 102 to 199
   * @returns whether it was sent: not to clients of HTTP/1.0, nor where the answer is on its way, nor by hosts that cannot
   * @throws ObolError E_STATUS for another status
   */
  sendInterim(status: number, headers: Headers): boolean {
    checkInterimStatus(status);
    return this.settings.sendInterim?.(this.#root.#source, status, headers) === true;
  }

  /** For hosts: the request is over. Every callback runs; `report` takes what they throw, and the view it belongs to. */
  close(report: (error: unknown, view: Request) => void): void {
    const root = this.#root;
    const closers = root.#closers ?? [];
    root.#closers = undefined;
    root.hasClosers = false;
    for (const closer of closers) callCloser(closer, report);
  }

  /** A view begins with what is free for authentication and the application, as its caller has left it. */
  #lookThrough(outer: Request, prefix: string): void {
    const { user, api, db, startTime } = outer;
    // Without a prefix the target may be malformed, which is an error only for what reads it.
    this.#target = prefix === '' ? outer.#target : outer.#targetBelow(prefix);
    this.#root = outer.#root;
    this.#sent = outer.#sent;
    this.#application = outer.#application;
    Object.assign(this, { isView: true, base: outer.base + prefix, user, api, db, startTime });
  }

  get #client(): Request {
    return this.#outer?.client ?? this.#root;
  }

  #targetBelow(prefix: string): Target {
    const { path, query } = this;
    if (!path.startsWith(prefix) || (path.length > prefix.length && path[prefix.length] !== '/'))
      notBelow(path, prefix);
    return { path: path.slice(prefix.length) || '/', query, authority: this.#target?.authority };
  }

  /** What a caller has read by other rules is read anew. */
  #forget(): void {
    if (this.#lazyBody) [this.json, this.form] = [undefined, EMPTY_FORM];
    this.#args = this.#cookies = this.#peer = this.#lazyBody = undefined;
  }

  get #body(): RequestBody {
    const sent = this.#sent;
    const source = sent.#source;
    sent.#bytes ??= new BodyBytes(source instanceof Readable ? source : (source.body ?? []), sent);
    // That of the view which reads it.
    this.#root.readTimeout = this.settings.readTimeout;
    return (this.#lazyBody ??= new RequestBody(sent.#bytes, this, this.settings));
  }
}
