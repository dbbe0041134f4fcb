/** Mount points: below which path a handler stands, and of which hosts. */
import { inspect } from 'node:util';
import { domainToASCII } from 'node:url';
import { canonicalAuthority, ObolError, parsePrefix, type Request } from '../../kit.js';

/** The part of a path that a handler takes. */
type Prefix = ReturnType<typeof parsePrefix>;

/**
 * Where a handler stands: `/shop`, `//example.org/shop` or `http://example.org:8080/shop`, as text or, without a host, as path
 * value.
 */
export type Point = Parameters<typeof parsePrefix>[0];

/** A mount point, read. What it does not name may be any. */
export interface MountPoint {
  readonly site: Site | undefined;
  /** Undefined for all paths. */
  readonly prefix: Prefix | undefined;
}

/** The hosts of a mount point. */
export interface Site {
  /** `http` or `https`; `''` for either. */
  readonly scheme: string;
  /** As hosts are compared; `.example.org` for all names below that one, `''` for all there are. */
  readonly host: string;
  /** `''` for any. */
  readonly port: string;
}

const WITH_HOST = /^(?:([a-z][a-z\d+.-]*):)?\/\/([^/]*)(.*)$/is;

/**
 * Reads a mount point. The host is compared without regard to case or a dot at its end, an IPv6 address in brackets as the address
 * it is; `*.example.org` is every name below that one. The path is a template, as that of a route.
 * @throws ObolError E_MOUNT for a host that is none, E_PATH_TEMPLATE or E_ROUTE_FILTER for such a path
 */
export function parsePoint(point: Point): MountPoint {
  const text = String(point);
  const [, scheme = '', authority, path = ''] = WITH_HOST.exec(text) ?? [];
  if (authority === undefined)
    return { site: undefined, prefix: text === '/' ? undefined : parsePrefix(point) };
  const site = siteOf(scheme.toLowerCase(), authority);
  if (!site) throw notASite(text);
  return { site, prefix: path === '' || path === '/' ? undefined : parsePrefix(path) };
}

const SCHEMES: readonly string[] = ['', 'http', 'https'];

function siteOf(scheme: string, written: string): Site | undefined {
  const [stars = ''] = /^\*\.|^\*(?=:|$)/.exec(written) ?? [];
  const isAny = stars === '*';
  const authority = authorityOf(isAny ? `any${written.slice(1)}` : written.slice(stars.length));
  if (!SCHEMES.includes(scheme) || !authority || authority.port === 0) return undefined;
  const host = isAny ? '' : `${stars && '.'}${authority.name}`;
  return { scheme, host, port: String(authority.port ?? '') };
}

/** Names may be written in any script; one with a star in it is none. */
function authorityOf(written: string): ReturnType<typeof canonicalAuthority> {
  const [port = ''] = /:\d+$/.exec(written) ?? [];
  const name = written.slice(0, written.length - port.length);
  if (name.includes('*')) return null;
  return canonicalAuthority(`${name.startsWith('[') ? name : domainToASCII(name)}${port}`);
}

function notASite(text: string): ObolError {
  return new ObolError(
    'E_MOUNT',
    `The host of ${inspect(text)} cannot be read; write a host, or host and port, in front of the path, as in ` +
      '"//example.org/shop", "http://example.org:8080/", "//[::1]/" or "//*.example.org".',
  );
}

/** Where a request was sent to, by what the host and trusted proxies say of it. */
export class Asked {
  readonly scheme: string;
  /** As hosts are compared; `''` where the client named none. */
  readonly host: string;
  readonly port: string;

  constructor({ peer }: Request) {
    this.scheme = peer.scheme;
    this.host = canonicalAuthority(peer.host)?.name ?? '';
    this.port = String(peer.hostPort);
  }

  isAt(site: Site): boolean {
    const isHost = site.host.startsWith('.') ? this.host.endsWith(site.host) : site.host === this.host;
    return (
      (site.host === '' || isHost) &&
      (site.port === '' || site.port === this.port) &&
      (site.scheme === '' || site.scheme === this.scheme)
    );
  }
}
