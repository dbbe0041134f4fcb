/** Who sent a request and how it reached us, with forwarded headers believed from trusted proxies only. */
import { Addresses } from '../http/address.js';
import {
  findClient,
  ofTrustedHop,
  parseForwarded,
  plainAddress,
  TRUST_NOBODY,
  type ForwardedElement,
  type ProxyHeader,
  type Trust,
} from '../http/forwarded.js';
import { canonicalOrigin, originOf, parseAuthority, type Authority } from '../http/host.js';
import type { Headers } from './headers.js';

/** The part of a socket that a request needs to know. */
export interface PeerSocket {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly encrypted?: boolean;
  readonly destroyed?: boolean;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

interface PeerContext {
  readonly headers: Headers;
  readonly trust: Trust;
  readonly proxyHeader: ProxyHeader;
  /** Of an absolute-form target: it wins over Host (RFC 9112 3.2.2). */
  readonly authority: string | undefined;
}

/** The other end of the connection, and the address the client used for us. */
export class Peer {
  readonly #socket: PeerSocket;
  readonly #context: PeerContext;

  constructor(socket: PeerSocket, context: PeerContext) {
    this.#socket = socket;
    this.#context = context;
  }

  /** The address of the client: the first, seen from here, that is no trusted proxy. */
  get address(): string {
    return findClient(this.socketAddress, this.#hops, this.#context.trust).address;
  }

  /** The address of the socket's other end, be it the client's or a proxy's; `''` when it is not known. */
  get socketAddress(): string {
    return plainAddress(this.#socket.remoteAddress ?? '');
  }

  /** The port of the socket's other end. */
  get port(): number | undefined {
    return this.#socket.remotePort;
  }

  /** The address of ours that the socket is connected to; `''` when it is not known. */
  get localAddress(): string {
    return plainAddress(this.#socket.localAddress ?? '');
  }

  /** `http` or `https`, as the client sees it. */
  get scheme(): 'http' | 'https' {
    const forwarded = this.#context.trust === TRUST_NOBODY ? undefined : this.#forwardedScheme();
    return forwarded ?? (this.#socket.encrypted ? 'https' : 'http');
  }

  /** Host name and port as the client wrote them; `''` when it named none. */
  get host(): string {
    const { name, port } = this.#authority ?? { name: '', port: undefined };
    return port === undefined ? name : `${name}:${String(port)}`;
  }

  /** The host name without port, an IPv6 address in brackets. */
  get hostname(): string {
    return this.#authority?.name ?? '';
  }

  /** The port the client used for us: of Host, else that of the scheme. */
  get hostPort(): number {
    return this.#authority?.port ?? (this.scheme === 'https' ? 443 : 80);
  }

  /** Whether an origin, as browsers send it, is the one that pages of this server have for the client (RFC 6454). */
  isOrigin(text: string): boolean {
    const authority = this.#authority;
    return authority !== null && canonicalOrigin(text) === originOf(this.scheme, authority);
  }

  /**
   * Whether an origin is the address and port that the connection has reached, which no client can make up as it can a Host;
   * `localhost` is every loopback address.
   */
  isAddressOfServer(text: string): boolean {
    const { localPort: port } = this.#socket;
    const address = this.localAddress;
    const names = [address.includes(':') ? `[${address}]` : address];
    if (Addresses.LOOPBACK.has(address)) names.push('localhost');
    const origin = canonicalOrigin(text);
    return names.some((name) => origin === originOf(this.scheme, { name, port }));
  }

  /** The addresses that trusted proxies report, the client's first; undefined when there are none. */
  get forwardedFor(): string | undefined {
    if (!this.#readsForwarded) return this.#believed('x-forwarded-for');
    const hops = this.#believed('forwarded') === undefined ? [] : this.#forwarded().map(nodeOf);
    return hops.length === 0 ? undefined : hops.join(', ');
  }

  /** The host that the outermost trusted proxy was asked for; undefined unless well-formed. */
  get forwardedHost(): string | undefined {
    const host = this.#reported('host');
    return host !== undefined && parseAuthority(host) ? host : undefined;
  }

  /** The scheme that the outermost trusted proxy was asked with. */
  get forwardedProto(): string | undefined {
    return this.#reported('proto');
  }

  get #authority(): Authority | null {
    const host = this.forwardedHost ?? this.#context.authority ?? this.#context.headers.get('host');
    return host === undefined ? null : parseAuthority(host);
  }

  get #readsForwarded(): boolean {
    return this.#context.proxyHeader === 'forwarded';
  }

  #forwardedScheme(): 'http' | 'https' | undefined {
    const scheme = this.forwardedProto?.toLowerCase();
    return scheme === 'http' || scheme === 'https' ? scheme : undefined;
  }

  /** The addresses that proxies report, the client's first; who of them is believed is not decided yet. */
  get #hops(): readonly string[] {
    if (this.#readsForwarded) return this.#forwarded().map(nodeOf);
    return this.#context.headers.get('x-forwarded-for')?.split(',') ?? [];
  }

  /** What the outermost trusted proxy says of the request that it got. */
  #reported(name: 'host' | 'proto'): string | undefined {
    if (this.#context.trust === TRUST_NOBODY) return undefined;
    const hops = { peer: this.socketAddress, hops: this.#hops, trust: this.#context.trust };
    if (this.#readsForwarded) return ofTrustedHop(this.#forwarded(), hops)?.get(name);
    const list = this.#context.headers.get(`x-forwarded-${name}`)?.split(',') ?? [];
    return ofTrustedHop(list, hops)?.trim();
  }

  #forwarded(): ForwardedElement[] {
    return parseForwarded(this.#context.headers.get('forwarded') ?? '');
  }

  /** The header, when the socket's other end is trusted. */
  #believed(name: string): string | undefined {
    return this.#context.trust(this.socketAddress, 0) ? this.#context.headers.get(name) : undefined;
  }
}

function nodeOf(element: ForwardedElement): string {
  return element.get('for') ?? '';
}
