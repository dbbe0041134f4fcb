/** The cookie that tokens are bound to where there is no session: a random value, signed. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { cookieNameOf, cookiesOf, type Request, serializeCookie } from '../../kit.js';

const SIZE = 32;

/** Over https no other host, nor an attacker on plain http, can set a cookie with the prefix (RFC 6265bis 4.1.3.2). */
function cookieName(request: Request): string {
  return cookieNameOf(request, isSecure(request) ? '__Host-csrf' : 'csrf');
}

function isSecure(request: Request): boolean {
  return request.peer.scheme === 'https';
}

/** The value of a new one. */
export function newSecret(key: Buffer): string {
  return signed(key, randomBytes(SIZE).toString('base64url'));
}

/** The value that the client sends, if it is one of ours. */
export function secretFrom(request: Request, key: Buffer): string | undefined {
  const value = cookiesOf(request).get(cookieName(request));
  if (value === undefined) return undefined;
  const given = Buffer.from(value);
  const expected = Buffer.from(signed(key, value.slice(0, Math.max(0, value.indexOf('.')))));
  return given.length === expected.length && timingSafeEqual(given, expected) ? value : undefined;
}

/** The Set-Cookie of it, for as long as the browser is open. */
export function secretCookie(request: Request, secret: string): string {
  return serializeCookie(cookieName(request), secret, { secure: isSecure(request) });
}

function signed(key: Buffer, random: string): string {
  return `${random}.${createHmac('sha256', key).update('cookie\0').update(random).digest('base64url')}`;
}
