/** One cookie as a browser keeps it: the Set-Cookie header read, and refused where browsers refuse it (RFC 6265bis 5.6, 5.7). */
import { isIP } from 'node:net';
import { trimWhitespace } from '../../kit.js';
import { parseCookieDate } from './cookie-date.js';

/** Where a request goes: what decides which cookies it carries. */
export interface CookieTarget {
  /** In lower case, without a port. */
  readonly host: string;
  /** As in the URL, without the query. */
  readonly path: string;
  /** Whether nothing between client and server can be read or changed: https, or this machine. */
  readonly isSecure: boolean;
}

/** A cookie that is kept. */
export interface StoredCookie {
  /** May be empty. */
  readonly name: string;
  readonly value: string;
  /** In lower case. */
  readonly domain: string;
  /** Whether it is for that host alone, and not for those below it. */
  readonly hostOnly: boolean;
  readonly path: string;
  /** Milliseconds since the epoch; Infinity for one that ends with the browser. */
  readonly expires: number;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** `Lax` where none was named. */
  readonly sameSite: 'Strict' | 'Lax' | 'None';
}

const MAX_PAIR = 4096;
const MAX_ATTRIBUTE = 1024;
/** Milliseconds: 400 days. */
const MAX_AGE = 400 * 24 * 60 * 60 * 1000;
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/;

/** @returns undefined for one that browsers ignore */
export function cookieFrom(header: string, target: CookieTarget): StoredCookie | undefined {
  const [pair = '', ...rest] = header.split(';');
  const equals = pair.indexOf('=');
  const name = trimWhitespace(pair.slice(0, Math.max(equals, 0)));
  const value = trimWhitespace(pair.slice(equals + 1));
  if (CONTROLS.test(header) || name + value === '' || Buffer.byteLength(name + value) > MAX_PAIR)
    return undefined;
  const attributes = attributesOf(rest);
  const asked = domainOf(attributes.get('domain'));
  const domain = asked ?? target.host;
  const given = attributes.get('path');
  const cookie: StoredCookie = {
    name,
    value,
    domain,
    hostOnly: asked === undefined || (asked === target.host && !asked.includes('.')),
    path: given?.startsWith('/') ? given : defaultPath(target.path),
    expires: endOf(attributes),
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    sameSite: sameSiteOf(attributes.get('samesite')),
  };
  return isAllowed(cookie, { target, asked, hasRootPath: given === '/' }) ? cookie : undefined;
}

/** Whether a host is the domain or below it. */
export function domainMatches(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0);
}

/** Whether a path is that of the cookie or below it. */
export function pathMatches(path: string, cookiePath: string): boolean {
  if (!path.startsWith(cookiePath)) return false;
  return path === cookiePath || cookiePath.endsWith('/') || path[cookiePath.length] === '/';
}

/** The last of a name counts; one that is too long does not. */
function attributesOf(parts: readonly string[]): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    const end = equals < 0 ? part.length : equals;
    const value = trimWhitespace(part.slice(end + 1));
    if (Buffer.byteLength(value) <= MAX_ATTRIBUTE)
      attributes.set(trimWhitespace(part.slice(0, end)).toLowerCase(), value);
  }
  return attributes;
}

function domainOf(text = ''): string | undefined {
  return text.replace(/^\./, '').toLowerCase() || undefined;
}

function defaultPath(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 1)) || '/';
}

/** Max-Age wins over Expires; what cannot be read is not there. */
function endOf(attributes: ReadonlyMap<string, string>): number {
  const maxAge = attributes.get('max-age') ?? '';
  const latest = Date.now() + MAX_AGE;
  if (/^-?\d+$/.test(maxAge))
    return Number(maxAge) <= 0 ? -Infinity : Math.min(Date.now() + Number(maxAge) * 1000, latest);
  const expires = parseCookieDate(attributes.get('expires') ?? '');
  return expires === undefined ? Infinity : Math.min(expires, latest);
}

function sameSiteOf(text = ''): StoredCookie['sameSite'] {
  const known = ['Strict', 'None'] as const;
  return known.find((each) => each.toLowerCase() === text.toLowerCase()) ?? 'Lax';
}

interface Circumstances {
  readonly target: CookieTarget;
  /** The domain that the header names. */
  readonly asked: string | undefined;
  readonly hasRootPath: boolean;
}

function isAllowed(cookie: StoredCookie, { target, asked, hasRootPath }: Circumstances): boolean {
  const { secure, sameSite } = cookie;
  if (asked !== undefined && !isOwnDomain(asked, target.host)) return false;
  if (secure ? !target.isSecure : sameSite === 'None') return false;
  return keepsPrefix(cookie, asked === undefined && hasRootPath);
}

/** Whether a cookie is what its prefix promises. @param isOfHost whether it is for this host alone, and all its paths */
function keepsPrefix({ name, value, secure }: StoredCookie, isOfHost: boolean): boolean {
  // A server would read the value of a cookie without a name as its name.
  const prefix = /^__(host|secure)-/i.exec(name || value)?.[1]?.toLowerCase();
  if (prefix === undefined) return true;
  return name !== '' && secure && (prefix === 'secure' || isOfHost);
}

/** A domain without a dot is a public suffix, unless it is the host itself. */
function isOwnDomain(domain: string, host: string): boolean {
  return domainMatches(host, domain) && (domain === host || domain.includes('.'));
}
