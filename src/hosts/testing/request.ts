/** `request(target, init)`: a request for calling a controller's method directly. */
import { EventEmitter } from 'node:events';
import { Headers, type HeadersInit } from '../../message/headers.js';
import { DEFAULT_SETTINGS } from '../../answering/default-settings.js';
import { Request } from '../../message/request.js';
import type { Settings } from '../../message/settings.js';
import { toBytes, type Chunk, type ChunkStream } from '../../message/response.js';

export interface RequestInit {
  /** Default GET, or POST when there is a body. */
  readonly method?: string;
  /** Default none. */
  readonly headers?: HeadersInit;
  /** Default none. */
  readonly body?: Chunk | ChunkStream;
  /** Sent as JSON; `req.json` has it at once. Default none. */
  readonly json?: unknown;
  /** Default none. */
  readonly cookies?: Readonly<Record<string, string>>;
  /** Default `127.0.0.1`. */
  readonly remoteAddress?: string;
  /** Default `1.1`. */
  readonly httpVersion?: '1.0' | '1.1';
  /** Free for authentication, as in `req.user`. Default none. */
  readonly user?: unknown;
}

/**
 * A request as a controller would get it, without server, container or application.
 *
 * @example
 * ```ts
 * expect(new PeopleController(store).show(request('/people/smith/42'), 'smith', 42)).toEqual({ ... });
 * ```
 */
export function request(target: string, init: RequestInit = {}): Request {
  const built = buildRequest(target, init);
  if (init.json !== undefined) built.json = JSON.parse(JSON.stringify(init.json)) as unknown;
  if (init.user !== undefined) built.user = init.user;
  return built;
}

/** The other end of a connection that does not exist. */
export class TestSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort = 50_000;
  readonly localAddress = '127.0.0.1';
  readonly localPort = 80;
  destroyed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  /** What happens when the client leaves. */
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

/** A request as a host would build it. */
export function buildRequest(
  target: string,
  init: RequestInit,
  settings: Settings = DEFAULT_SETTINGS,
): Request {
  const body = init.json === undefined ? init.body : JSON.stringify(init.json);
  const head = {
    method: init.method ?? (body === undefined ? 'GET' : 'POST'),
    url: target,
    httpVersion: init.httpVersion ?? '1.1',
    rawHeaders: rawHeaders(init, body),
    socket: new TestSocket(init.remoteAddress ?? '127.0.0.1'),
    body: isWhole(body) ? [body] : body,
  };
  return new Request(head, settings);
}

function rawHeaders(
  { headers: init, cookies, json }: RequestInit,
  body: Chunk | ChunkStream | undefined,
): string[] {
  const headers = new Headers(init);
  const add = (name: string, value: string): void => {
    if (!headers.has(name)) headers.set(name, value);
  };
  add('Host', 'localhost');
  if (json !== undefined) add('Content-Type', 'application/json');
  if (cookies)
    add(
      'Cookie',
      Object.entries(cookies)
        .map(([name, value]) => `${name}=${value}`)
        .join('; '),
    );
  if (isWhole(body)) add('Content-Length', String(toBytes(body).byteLength));
  else if (body !== undefined) add('Transfer-Encoding', 'chunked');
  return [...headers.flat];
}

function isWhole(body: Chunk | ChunkStream | undefined): body is Chunk {
  return typeof body === 'string' || body instanceof Uint8Array;
}
