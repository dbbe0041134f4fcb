/** Logins in a signed cookie: everybody can read who it says is logged in, and nobody can change it. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  CookieLoginKeeper,
  type LoginCodec,
  type LoginCookieOptions,
  type TimedLogin,
} from './cookie-keeper.js';
import { decodeBase64url } from '../../../crypto/base64url.js';
import type { LoginKeeper } from './keeper.js';
import { derivedKey, secretKeysFrom } from '../../../crypto/secret-key.js';

export interface CookieLoginOptions {
  /**
   * At least 32 random bytes each, the same in every process. The first signs, all are accepted: put a new one first, and
   * take the old one away when its logins have ended.
   */
  readonly keys: readonly (string | Uint8Array)[];
  /** Seconds that a login lives unused. Default 7,200: two hours. */
  readonly timeout?: number | undefined;
  /** Seconds that it lives however much it is used. Default 86,400: a day. */
  readonly maxAge?: number | undefined;
  /** Its name is `login` unless told otherwise. */
  readonly cookie?: LoginCookieOptions | undefined;
}

const HOUR = 3600;

/**
 * Keeps logins in a signed cookie. A copy of it cannot be called back before it ends; where that matters, keep logins in
 * sessions on the server.
 * @throws ObolError E_SETTING or E_COOKIE for a wrong option
 */
export function cookieLogin(options: CookieLoginOptions): LoginKeeper {
  const { keys, timeout = 2 * HOUR, maxAge = 24 * HOUR, cookie } = options;
  return new CookieLoginKeeper({
    codec: new SignedLogins(keys),
    lifetimes: { timeout, maxAge },
    cookie: { ...cookie, name: cookie?.name ?? 'login' },
  });
}

interface SigningKey {
  readonly id: string;
  readonly key: Buffer;
}

const VERSION = 'l1';
const MAX_LENGTH = 4096;

/** `l1.<key id>.<content>.<mac>`, content and mac in base64url. */
export class SignedLogins implements LoginCodec {
  readonly #first: SigningKey;
  readonly #keys: readonly SigningKey[];

  /** @throws ObolError E_SETTING for no keys, or weak ones */
  constructor(keys: readonly (string | Uint8Array)[]) {
    const [first, ...others] = secretKeysFrom('keys', keys);
    this.#first = signingKey(first);
    this.#keys = [this.#first, ...others.map(signingKey)];
  }

  encode({ user, groups, since, at }: TimedLogin, name: string): string {
    const content = Buffer.from(JSON.stringify([user, since, at, ...(groups ?? [])])).toString('base64url');
    const head = `${VERSION}.${this.#first.id}.${content}`;
    return `${head}.${macOf(this.#first, head, name).toString('base64url')}`;
  }

  decode(text: string, name: string): { login: TimedLogin; isOldKey: boolean } | undefined {
    const [version, id, content = '', mac = '', ...more] = text.length > MAX_LENGTH ? [] : text.split('.');
    const key = this.#keys.find((each) => each.id === id);
    if (version !== VERSION || !key || more.length > 0) return undefined;
    const expected = macOf(key, `${version}.${key.id}.${content}`, name);
    const given = decodeBase64url(mac);
    if (given?.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return { login: loginFrom(content), isOldKey: key !== this.#first };
  }
}

/** The MAC was right, so that this is what we wrote. */
function loginFrom(content: string): TimedLogin {
  const [user, since, at, ...groups] = JSON.parse(Buffer.from(content, 'base64url').toString()) as [
    string,
    number,
    number,
    ...string[],
  ];
  return { user, since, at, ...(groups.length > 0 && { groups }) };
}

function signingKey(secret: Buffer): SigningKey {
  const id = derivedKey(secret, 'login key id').toString('hex').slice(0, 8);
  return { id, key: derivedKey(secret, 'login cookie') };
}

/** A cookie cannot be given another name. */
function macOf({ key }: SigningKey, head: string, name: string): Buffer {
  return createHmac('sha256', key)
    .update(`${String(name.length)}:${name}${head}`)
    .digest();
}
