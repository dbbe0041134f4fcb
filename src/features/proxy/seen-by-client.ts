/** What a server says of its own places, put as the client sees them: Location and its kin, and cookies. */
import { canonicalAuthority, type Request } from '../../kit.js';
import type { Upstream } from './upstream.js';

/** Both sides of a proxy. */
export interface Places {
  readonly request: Request;
  readonly upstream: Upstream;
  /** How the proxy calls itself. */
  readonly via: string;
}

/** The value of a field of an answer. @param name in lower case */
export function seenByClient(name: string, value: string, places: Places): string {
  switch (name) {
    case 'location':
    case 'content-location':
      return locationForClient(value, places);
    case 'refresh':
      return value.replace(
        /^([^;,]*[;,]\s*(?:url\s*=\s*)?['"]?)(.*)$/is,
        (_, start: string, url: string) => start + locationForClient(url, places),
      );
    case 'set-cookie':
      return cookieForClient(value, places);
    default:
      return value;
  }
}

/**
 * The URL of the same resource for the client. Those of other servers, those that the client has relative to its own, and those of
 * paths that are not below the server's URL stay as they are.
 */
function locationForClient(location: string, places: Places): string {
  const [, start = '', path = '', rest = ''] =
    /^((?:[a-z][a-z\d+.-]*:)?(?:\/\/[^/?#]*)?)([^?#]*)(.*)$/is.exec(location) ?? [];
  if (start === '') return path.startsWith('/') ? (pathForClient(path, places) ?? path) + rest : location;
  const seen = isServer(start, places) ? pathForClient(path || '/', places) : undefined;
  return seen === undefined ? location : places.request.constructUrl(seen + rest);
}

/** A scheme and an authority, read. */
interface Origin {
  readonly isSecure: boolean;
  readonly name: string;
  readonly port: number | undefined;
}

/** Whether scheme and authority are those of the server, by its URL, or by the Host that the client has sent. */
function isServer(start: string, { request: { peer }, upstream: { server } }: Places): boolean {
  const named = originOf(start, server.isSecure);
  if (!named || peer.host === '') return false;
  if (isSame(named, originOf(`//${server.authority}`, server.isSecure))) return true;
  // A server that sends clients of http to https means that.
  if (named.isSecure && peer.scheme === 'http') return false;
  return (
    named.name === originOf(`//${peer.host}`, true)?.name && (named.port ?? peer.hostPort) === peer.hostPort
  );
}

/** @param isSecure where the text names no scheme */
function originOf(text: string, isSecure: boolean): Origin | undefined {
  const [, scheme, authority = ''] = /^(?:(https?):)?\/\/(.+)$/is.exec(text) ?? [];
  const named = canonicalAuthority(authority);
  return named ? { isSecure: scheme ? scheme.toLowerCase() === 'https' : isSecure, ...named } : undefined;
}

function isSame(one: Origin, other: Origin | undefined): boolean {
  const portOf = ({ isSecure, port }: Origin): number => port ?? (isSecure ? 443 : 80);
  return one.isSecure === other?.isSecure && one.name === other.name && portOf(one) === portOf(other);
}

/** Undefined for a path that the client cannot reach. */
function pathForClient(
  path: string,
  { request: { baseUrl }, upstream: { prefix } }: Places,
): string | undefined {
  if (!isWithin(path, prefix)) return undefined;
  const rest = path.slice(prefix.length);
  // Where something was taken away, another host must not come to light; browsers read no tabs.
  return baseUrl + (prefix === '' ? rest : rest.replace(/^[/\\\t]*/, '/'));
}

function isWithin(path: string, prefix: string): boolean {
  return (
    path.startsWith(prefix) && (path.length === prefix.length || prefix === '' || path[prefix.length] === '/')
  );
}

/** A cookie for the server's host is one for the client's; its path is below the base. */
function cookieForClient(cookie: string, places: Places): string {
  const [pair = '', ...attributes] = cookie.split(';');
  const kept = attributes.flatMap((attribute) => {
    const [name = '', ...rest] = attribute.split('=').map((text) => text.trim());
    const value = rest.join('=');
    if (/^domain$/i.test(name)) return isForeignDomain(value, places) ? [] : [attribute];
    // The prefix allows no other path (RFC 6265bis 4.1.3.2).
    if (!/^path$/i.test(name) || /^\s*__host-/i.test(pair)) return [attribute];
    const path = cookiePath(value, places);
    return path === value ? [attribute] : [` ${name}=${path}`];
  });
  return [pair, ...kept].join(';');
}

/** Whether it is a domain of the server that the client has never heard of. */
function isForeignDomain(text: string, { request, upstream }: Places): boolean {
  const domain = text.replace(/^\./, '').toLowerCase();
  const isOf = (host: string): boolean => host === domain || host.endsWith(`.${domain}`);
  return isOf(upstream.server.hostname.toLowerCase()) && !isOf(request.peer.hostname.toLowerCase());
}

function cookiePath(path: string, { request: { baseUrl }, upstream: { prefix } }: Places): string {
  if (!path.startsWith('/')) return path;
  const rest = isWithin(path, prefix) ? path.slice(prefix.length) : undefined;
  const isAbove = rest === undefined && isWithin(prefix, path.replace(/\/$/, ''));
  if (isAbove || rest === '' || rest === '/') return baseUrl || '/';
  return rest === undefined ? path : baseUrl + rest;
}
