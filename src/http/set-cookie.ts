/** The Set-Cookie header as servers write it (RFC 6265bis 4.1). */
import { ObolError } from '../ground/errors.js';
import { rule, type Rules } from '../ground/settings.js';
import { httpDate } from './date.js';
import { isToken } from './grammar.js';

/** The attributes of a cookie. */
export interface CookieOptions {
  /** Seconds from now; browsers keep a cookie 400 days at most. Default: until the browser is closed. */
  readonly maxAge?: number;
  /** When it ends. Default: until the browser is closed. */
  readonly expires?: Date;
  /** Sent to this domain and those below. Default this host only. */
  readonly domain?: string;
  /** Default `/`. */
  readonly path?: string;
  /** Sent over HTTPS only. Default false. */
  readonly secure?: boolean;
  /** Default true. */
  readonly httpOnly?: boolean;
  /** Default `Lax`; `None` needs `secure`. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** A cookie of its own for each site that embeds this one (CHIPS); needs `secure`. Default false. */
  readonly partitioned?: boolean;
}

/** Of the cookie of a feature. What browsers would refuse of it is an error when it is written. */
export const COOKIE_RULES: Rules<Omit<CookieOptions, 'maxAge' | 'expires'> & { readonly name?: string }> = {
  ...rule.each(
    ['name', 'domain', 'path', 'sameSite'],
    rule.text('text', () => true),
  ),
  ...rule.each(['secure', 'httpOnly', 'partitioned'], rule.flag),
};

const MAX_COOKIE = 4096;
const MAX_ATTRIBUTE = 1024;
/** No percent sign: a value with one would be decoded to another. */
const COOKIE_VALUE = /^[\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const NOT_ATTRIBUTE = /[;\x00-\x1f\x7f-\uffff]/;

/**
 * Writes a cookie. Characters that a value cannot hold are percent-encoded.
 * @throws ObolError E_COOKIE for a name, attribute or size that browsers would refuse or misread
 */
export function serializeCookie(name: string, value: string, options: CookieOptions = {}): string {
  if (!isToken(name)) throw cookieError(name, "its name may hold letters, digits and !#$%&'*+-.^_`|~ only");
  const encoded = COOKIE_VALUE.test(value) ? value : encodeURIComponent(value.toWellFormed());
  const pair = `${name}=${encoded}`;
  if (pair.length > MAX_COOKIE) {
    throw cookieError(
      name,
      `name and value are ${String(pair.length)} bytes; browsers drop what is over ${String(MAX_COOKIE)}`,
    );
  }
  checkRules(name, options);
  return pair + attributes(name, options);
}

/** A cookie that removes another; name, domain, path and `partitioned` must be those it was set with. */
export function expiredCookie(name: string, options: Omit<CookieOptions, 'maxAge' | 'expires'> = {}): string {
  return serializeCookie(name, '', { ...options, maxAge: 0, expires: new Date(0) });
}

/** The name of a secure cookie with the prefix that its attributes allow, unless it has one (RFC 6265bis 4.1.3). */
export function prefixedName(name: string, { domain, path = '/' }: CookieOptions): string {
  if (/^__(?:host|secure)-/i.test(name)) return name;
  return `${domain === undefined && path === '/' ? '__Host-' : '__Secure-'}${name}`;
}

function attributes(name: string, options: CookieOptions): string {
  const {
    maxAge,
    expires,
    domain,
    path = '/',
    secure,
    httpOnly = true,
    sameSite = 'Lax',
    partitioned,
  } = options;
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
function checkRules(name: string, options: CookieOptions): void {
  const { secure, domain, path = '/', sameSite = 'Lax', partitioned, maxAge, expires } = options;
  const lower = name.toLowerCase();
  const isHost = lower.startsWith('__host-');
  const rules: [kept: boolean, why: string][] = [
    [!!secure || !lower.startsWith('__secure-'), 'the prefix __Secure- needs secure: true'],
    [
      !isHost || (!!secure && domain === undefined && path === '/'),
      'the prefix __Host- needs secure: true, path "/" and no domain',
    ],
    [path.startsWith('/'), `path begins with "/", unlike ${JSON.stringify(path)}`],
    [
      ['Strict', 'Lax', 'None'].includes(sameSite),
      `sameSite is "Strict", "Lax" or "None", not ${JSON.stringify(sameSite)}`,
    ],
    [!!secure || sameSite !== 'None', 'sameSite "None" needs secure: true'],
    [!!secure || !partitioned, 'partitioned needs secure: true'],
    [Number.isSafeInteger(Math.trunc(maxAge ?? 0)), 'maxAge is a number of seconds'],
    [!Number.isNaN(expires?.getTime()), 'expires is no valid date'],
  ];
  const broken = rules.find(([kept]) => !kept);
  if (broken) throw cookieError(name, broken[1]);
}

function checkAttribute(cookie: string, attribute: string, value: string): string {
  if (NOT_ATTRIBUTE.test(value) || value.length > MAX_ATTRIBUTE) {
    throw cookieError(
      cookie,
      `its ${attribute} ${JSON.stringify(value)} holds characters no attribute may have, or too many`,
    );
  }
  return value;
}

function cookieError(name: string, why: string): ObolError {
  return new ObolError('E_COOKIE', `The cookie ${JSON.stringify(name)} cannot be set: ${why}.`);
}
