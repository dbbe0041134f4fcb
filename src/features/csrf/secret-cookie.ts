/** The cookie that tokens are bound to where there is no session: a random value, signed. */
import { randomBytes } from 'node:crypto';
import { cookieNameOf, cookiesOf, KeyRing, type Request, serializeCookie, SignedCodec } from '../../kit.js';

const SIZE = 32;

/** Gives each browser a secret, which only the application can have written. Printing it shows no key. */
export class SecretCookie {
  readonly #codec: SignedCodec;

  constructor(key: Buffer) {
    this.#codec = new SignedCodec(new KeyRing([key]), { version: 'c1', purpose: 'obol-csrf-cookie-v1' });
  }

  /** The secret that the client sends, if it is one of ours. */
  read(request: Request): string | undefined {
    const name = cookieName(request);
    return this.#codec.decode(cookiesOf(request).get(name) ?? '', name).text;
  }

  /** A new one, and its Set-Cookie for as long as the browser is open. */
  create(request: Request): { readonly secret: string; readonly setCookie: string } {
    const secret = randomBytes(SIZE).toString('base64url');
    const name = cookieName(request);
    const value = this.#codec.encode(secret, name);
    return { secret, setCookie: serializeCookie(name, value, { secure: isSecure(request) }) };
  }
}

/** Over https no other host, nor an attacker on plain http, can set a cookie with the prefix (RFC 6265bis 4.1.3.2). */
function cookieName(request: Request): string {
  return cookieNameOf(request, isSecure(request) ? '__Host-csrf' : 'csrf');
}

function isSecure(request: Request): boolean {
  return request.peer.scheme === 'https';
}
