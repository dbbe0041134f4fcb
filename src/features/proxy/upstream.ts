/** The servers that requests are passed to, and the connections to them. */
import type { RequestOptions } from 'node:http';
import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Connections } from './connections.js';
import { prefixOf } from './upstream-url.js';

export interface ServerOptions {
  readonly tls: ConnectionOptions | undefined;
  /** At once. */
  readonly maxRequests: number;
  /** Resolves names of hosts, and refuses addresses. Default that of the system. */
  readonly lookup?: LookupFunction;
}

/** Bytes of the head of an answer. */
const MAX_HEAD = 16 * 1024;
/** Its fields. */
export const MAX_FIELDS = 200;
/** Milliseconds for which a server that could not be reached is asked last. */
const AVOIDED = 10_000;

interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The name in its certificate; undefined without TLS. */
  readonly servername: string | undefined;
}

/** A place on a server, below which requests are passed to it. Those of one server share its connections, and how busy it is. */
export class Upstream {
  readonly server: Server;
  /** Put before the path of each request; `''` for none. */
  readonly prefix: string;

  constructor(url: URL, server: Server) {
    this.server = server;
    this.prefix = prefixOf(url);
  }

  /** For logs: without a user or a query. */
  get name(): string {
    return this.server.origin + this.prefix;
  }
}

/** What answers at an origin. */
export class Server {
  /** Such as `http://127.0.0.1:3000`. */
  readonly origin: string;
  /** Host and port as in Host. */
  readonly authority: string;
  readonly hostname: string;
  readonly isSecure: boolean;
  /** What each request to it has in common. */
  readonly connection: RequestOptions;
  readonly #connections: Connections;
  readonly #maxRequests: number;
  #requests = 0;
  #avoidedUntil = 0;

  /** @param url whose path is of no account */
  constructor(url: URL, options: ServerOptions) {
    const { origin, protocol, host, hostname, port } = url;
    this.origin = origin;
    this.authority = host;
    this.hostname = hostname;
    this.isSecure = protocol === 'https:';
    this.#maxRequests = options.maxRequests;
    const endpoint: Endpoint = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (this.isSecure ? 443 : 80)),
      servername: this.isSecure ? serverName(hostname, options.tls) : undefined,
    };
    this.#connections = new Connections(protocol, () => connect(endpoint, options));
    this.connection = {
      protocol,
      host: endpoint.host,
      port: endpoint.port,
      agent: this.#connections,
      setHost: false,
      maxHeaderSize: MAX_HEAD,
      insecureHTTPParser: false,
    };
  }

  /** What it says in Keep-Alive. */
  heed(said: string): void {
    this.#connections.heed(said);
  }

  /** Whether it is asked as many requests as it may be. */
  get isBusy(): boolean {
    return this.#requests >= this.#maxRequests;
  }

  /** Whether it could not be reached a moment ago. */
  get isAvoided(): boolean {
    return this.#avoidedUntil > 0 && Date.now() < this.#avoidedUntil;
  }

  /** It could not be reached. @returns whether that is news */
  avoid(): boolean {
    const isNews = !this.isAvoided;
    this.#avoidedUntil = Date.now() + AVOIDED;
    return isNews;
  }

  /** It has answered. */
  trust(): void {
    this.#avoidedUntil = 0;
  }

  begin(): void {
    this.#requests++;
  }

  end(): void {
    this.#requests--;
  }
}

/** The name in the server's certificate is that of its URL, whatever Host the client has sent; an address has none. */
function serverName(hostname: string, tls: ConnectionOptions | undefined): string {
  return tls?.servername ?? (/^\[|^[\d.]+$/.test(hostname) ? '' : hostname);
}

function connect(url: Endpoint, { tls, lookup }: ServerOptions): Socket {
  const { host, port, servername } = url;
  const shared = { host, port, noDelay: true, keepAlive: true, ...(lookup && { lookup }) };
  return servername === undefined
    ? connectTcp(shared)
    : connectTls({ ALPNProtocols: ['http/1.1'], ...tls, servername, ...shared });
}
