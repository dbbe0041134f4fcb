/** `request(target, init)`: a request for calling a controller's method directly. */
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { DEFAULT_SETTINGS } from '../../answering/default-settings.js';
import { checkOptions, Headers, Request, rule, type Rules } from '../../kit.js';
import type { HeadersInit } from '../../message/headers.js';
import type { ChunkStream } from '../../message/response.js';
import type { Settings } from '../../message/settings.js';
import { contentOf, hasContent, type Content, type ContentSource } from './content.js';

/** What a test sends, to a method of a controller or through a whole application. */
export interface SentRequest extends ContentSource {
  /** Default GET, or POST when there is a body. */
  readonly method?: string | undefined;
  /** Default none. */
  readonly headers?: HeadersInit | undefined;
  /** Put behind the target: `{ page: 2, tag: ['a', 'b'] }`. Default none. */
  readonly query?:
    | Readonly<Record<string, QuerySource | readonly QuerySource[]>>
    | URLSearchParams
    | undefined;
  /** Default none. */
  readonly cookies?: Readonly<Record<string, string>> | undefined;
  /** Whether it comes over TLS. Default false. */
  readonly https?: boolean | undefined;
  /** Default `127.0.0.1`. */
  readonly remoteAddress?: string | undefined;
  /** Default `1.1`. */
  readonly httpVersion?: '1.0' | '1.1' | undefined;
  /** Free for authentication, as in `req.user`. Default none. */
  readonly user?: unknown;
  /** The client leaves when it aborts: then so does `req.signal`. Default none. */
  readonly signal?: AbortSignal | undefined;
}

type QuerySource = string | number | boolean;

/** A request that a method of a controller is called with. */
export interface RequestInit extends SentRequest {
  /** The converted parameters of the path by name, as `req.params` has them. Default none. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /**
   * A `Session`, or what a new one holds, for code that asks `sessions.of(req)`; a controller takes its session in its
   * constructor: `new CartController(Session.of({ items: [] }))`. Default an empty one.
   */
  readonly session?: object | undefined;
}

const OBJECT = rule.that('an object', (value) => typeof value === 'object' && value !== null);

/** Of what both kinds of requests may have. */
export const SENT_RULES: Rules<SentRequest> = {
  ...rule.each(['body', 'json', 'data', 'user', 'headers'], rule.any),
  ...rule.each(['form', 'files', 'query', 'cookies'], OBJECT),
  method: rule.text('text', () => true),
  https: rule.flag,
  remoteAddress: rule.text('text', () => true),
  httpVersion: rule.oneOf('1.0', '1.1'),
  signal: rule.methods(['addEventListener'], 'the signal of an AbortController'),
};

const RULES: Rules<RequestInit> = { ...SENT_RULES, params: OBJECT, session: OBJECT };

/**
 * A request as a controller would get it, without server, container or application: with its JSON, form or data read, and
 * the parameters, user and session that the test gives.
 * @throws ObolError E_SETTING for an option that is none, and for more than one body
 *
 * @example
 * ```ts
 * expect(new PeopleController(store).show(request('/people/smith/42'), 'smith', 42)).toEqual({ ... });
 * ```
 */
export function request(target: string, init: RequestInit = {}): Request {
  checkOptions('request', init, RULES);
  const content = contentOf(init);
  const { params, session, signal } = init;
  const settings = { ...DEFAULT_SETTINGS, isolation: { session } };
  const built = buildRequest(target, init, settings, { content, isRead: true });
  if (content.json !== undefined) built.json = content.json;
  if (content.form) built.form = content.form;
  if (params) takeRoute(built, params);
  onAbort(signal, () => {
    built.close(rethrow);
  });
  return built;
}

/** A route whose parameters are those. */
function takeRoute(built: Request, params: Readonly<Record<string, unknown>>): void {
  const parameters = Object.keys(params).map((name) => ({ name }));
  built.route = { path: built.path, name: 'request()', parameters };
  built.paramValues = Object.values(params);
}

/** The other end of a connection that does not exist. */
export class TestSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort = 50_000;
  readonly localAddress = '127.0.0.1';
  readonly localPort: number;
  readonly encrypted: boolean;
  destroyed = false;

  constructor(remoteAddress: string, { encrypted = false } = {}) {
    super();
    this.remoteAddress = remoteAddress;
    this.encrypted = encrypted;
    this.localPort = encrypted ? 443 : 80;
  }

  /** What happens when the client leaves. */
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

/** What a request is made of besides what the test says. */
interface BuildOptions {
  readonly content?: Content;
  /** Whether bytes and JSON count as read already. Default false. */
  readonly isRead?: boolean;
}

/** A request as a host would build it; who it is from, the test says. */
export function buildRequest(
  target: string,
  init: SentRequest,
  settings: Settings = DEFAULT_SETTINGS,
  { content = contentOf(init), isRead = false }: BuildOptions = {},
): Request {
  const { method = hasContent(init) ? 'POST' : 'GET', httpVersion = '1.1', signal } = init;
  const socket = new TestSocket(init.remoteAddress ?? '127.0.0.1', { encrypted: init.https });
  const body = isRead && content.data ? content.data : bodyOf(content, signal);
  onAbort(signal, () => {
    if (body instanceof Readable && !body.readableEnded) body.destroy(reset());
    socket.destroy();
  });
  const url = withQuery(target, init.query);
  const rawHeaders = rawHeadersOf(init, content);
  const built = new Request({ method, url, httpVersion, rawHeaders, socket, body }, settings);
  if (init.user !== undefined) built.user = init.user;
  return built;
}

/** A body that ends where its client leaves is a stream that can be cut. */
function bodyOf({ body }: Content, signal: AbortSignal | undefined): ChunkStream | undefined {
  const chunks = typeof body === 'string' || body instanceof Uint8Array ? [body] : body;
  if (!signal || !chunks) return chunks;
  // As with a request of node:http, a failure is only for those who listen for it.
  return Readable.from(chunks, { objectMode: false }).on('error', () => undefined);
}

/** As Node reports it on the server. */
function reset(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}

/** Calls when it aborts, at once where it has. */
export function onAbort(signal: AbortSignal | undefined, left: () => void): void {
  if (signal?.aborted) left();
  else signal?.addEventListener('abort', left, { once: true });
}

/** A test shall see what a callback for the end of a request throws. */
export function rethrow(error: unknown): never {
  throw error;
}

/** The target with more arguments in its query. */
export function withQuery(target: string, query: SentRequest['query'] = {}): string {
  const pairs: string[][] =
    query instanceof URLSearchParams
      ? [...query]
      : Object.entries(query).flatMap(([name, values]) =>
          [values].flat().map((value) => [name, String(value)]),
        );
  if (pairs.length === 0) return target;
  return `${target}${target.includes('?') ? '&' : '?'}${new URLSearchParams(pairs as [string, string][]).toString()}`;
}

/** Writes the Cookie header; a cookie without a name is its value alone. */
export function setCookies(headers: Headers, cookies: readonly (readonly [string, string])[]): void {
  const pairs = cookies.map(([name, value]) => (name === '' ? value : `${name}=${value}`));
  if (pairs.length > 0) headers.set('Cookie', pairs.join('; '));
}

/** Puts headers in place of others of the same names. */
export function setOver(headers: Headers, own: Headers): void {
  for (const [name] of own) headers.delete(name);
  for (const [name, value] of own) headers.append(name, value);
}

function rawHeadersOf(
  { headers: init, cookies }: SentRequest,
  { body, length, contentType }: Content,
): string[] {
  const headers = new Headers(init);
  const add = (name: string, value: string): void => {
    if (!headers.has(name)) headers.set(name, value);
  };
  add('Host', 'localhost');
  if (contentType !== undefined) add('Content-Type', contentType);
  if (!headers.has('cookie')) setCookies(headers, Object.entries(cookies ?? {}));
  if (length !== undefined) add('Content-Length', String(length));
  else if (body !== undefined) add('Transfer-Encoding', 'chunked');
  return [...headers.flat];
}
