/** The Set-Cookie header as servers write it (RFC 6265bis 4.1). */
import { ObolError } from '../errors.js';
import { httpDate } from './date.js';
import { isToken } from './grammar.js';

/** The attributes of a cookie. */
export interface CookieOptions {
  /** Seconds from now; browsers keep a cookie 400 days at most. */
  readonly maxAge?: number;
  readonly expires?: Date;
  readonly domain?: string;
  /** Default `/`. */
  readonly path?: string;
  readonly secure?: boolean;
  /** Default true. */
  readonly httpOnly?: boolean;
  /** Default `Lax`; `None` needs `secure`. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** A cookie of its own for each site that embeds this one (CHIPS); needs `secure`. */
  readonly partitioned?: boolean;
}

const MAX_COOKIE = 4096;
const MAX_ATTRIBUTE = 1024;
const COOKIE_VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
// eslint-disable-next-line no-control-regex -- control characters are exactly what an attribute must not hold
const NOT_ATTRIBUTE = /[;\x00-\x1f\x7f-\uffff]/;

/**
 * Writes a cookie. Characters that a value cannot hold are percent-encoded.
 * @throws ObolError E_COOKIE for a name, attribute or size that browsers would refuse or misread
 */
export function serializeCookie(name: string, value: string, options: CookieOptions = {}): string {
  if (!isToken(name)) throw wrong(name, 'its name may hold letters, digits and !#$%&\'*+-.^_`|~ only');
  const encoded = COOKIE_VALUE.test(value) ? value : encodeURIComponent(value.toWellFormed());
  const pair = `${name}=${encoded}`;
  if (pair.length > MAX_COOKIE) {
    throw wrong(name, `name and value are ${String(pair.length)} bytes; browsers drop what is over ${String(MAX_COOKIE)}`);
  }
  checkRules(name, options);
  return pair + attributes(name, options);
}

/** A cookie that removes another; name, domain and path must be those it was set with. */
export function expiredCookie(name: string, options: Pick<CookieOptions, 'domain' | 'path' | 'secure'> = {}): string {
  return serializeCookie(name, '', { ...options, maxAge: 0, expires: new Date(0) });
}

function attributes(name: string, options: CookieOptions): string {
  const { maxAge, expires, domain, path = '/', secure, httpOnly = true, sameSite = 'Lax', partitioned } = options;
  const parts = [''];
  if (maxAge !== undefined) parts.push(`Max-Age=${String(Math.trunc(maxAge))}`);
  if (expires !== undefined) parts.push(`Expires=${httpDate(expires.getTime())}`);
  if (domain !== undefined) parts.push(`Domain=${checkAttribute(name, 'domain', domain)}`);
  parts.push(`Path=${checkAttribute(name, 'path', path)}`);
  if (secure) parts.push('Secure');
  if (httpOnly) parts.push('HttpOnly');
  parts.push(`SameSite=${sameSite}`);
  if (partitioned) parts.push('Partitioned');
  return parts.join('; ');
}

/** What browsers demand of prefixes and of cookies for other sites (RFC 6265bis 4.1.3, 5.7). */
function checkRules(name: string, { secure, domain, path = '/', sameSite = 'Lax', partitioned, maxAge, expires }: CookieOptions): void {
  const lower = name.toLowerCase();
  if (lower.startsWith('__secure-') && !secure) throw wrong(name, 'the prefix __Secure- needs secure: true');
  if (lower.startsWith('__host-') && (!secure || domain !== undefined || path !== '/')) {
    throw wrong(name, 'the prefix __Host- needs secure: true, path "/" and no domain');
  }
  if (!['Strict', 'Lax', 'None'].includes(sameSite)) throw wrong(name, `sameSite is "Strict", "Lax" or "None", not ${JSON.stringify(sameSite)}`);
  if (sameSite === 'None' && !secure) throw wrong(name, 'sameSite "None" needs secure: true');
  if (partitioned && !secure) throw wrong(name, 'partitioned needs secure: true');
  if (maxAge !== undefined && !Number.isFinite(maxAge)) throw wrong(name, 'maxAge is a number of seconds');
  if (expires !== undefined && Number.isNaN(expires.getTime())) throw wrong(name, 'expires is no valid date');
}

function checkAttribute(cookie: string, attribute: string, value: string): string {
  if (NOT_ATTRIBUTE.test(value) || value.length > MAX_ATTRIBUTE) {
    throw wrong(cookie, `its ${attribute} ${JSON.stringify(value)} holds characters no attribute may have, or too many`);
  }
  return value;
}

function wrong(name: string, why: string): ObolError {
  return new ObolError('E_COOKIE', `The cookie ${JSON.stringify(name)} cannot be set: ${why}.`);
}
