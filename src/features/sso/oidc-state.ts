/** What a browser keeps while its user is at the OpenID provider: sealed, short-lived, and good for one way back. */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { epochSeconds } from '../../ground/clock.js';
import { expiredCookie, serializeCookie } from '../../http/set-cookie.js';
import { cookiesOf } from '../../message/cookies.js';
import type { Request } from '../../message/request.js';
import { derivedKey, secretKeysFrom } from '../../crypto/secret-key.js';

/** One way to the provider that was begun. */
export interface OidcAttempt {
  /** Stands in the address; the rest never does, but for what is made of it. */
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE (RFC 7636 4.1). */
  readonly verifier: string;
  /** The provider that it was begun with: an answer of another one does not count. */
  readonly by: string;
  /** Where to go afterwards: a path of this server. */
  readonly next: string;
  /** Seconds since the epoch. */
  readonly at: number;
}

/** An attempt that has come back, and the cookie without it. */
export interface TakenAttempt {
  readonly attempt: OidcAttempt;
  readonly setCookie: string;
}

/** Seconds that somebody may take to log in there. */
const LIFETIME = 600;
/** As many pages may be on their way at once as one cookie has room for. */
const MAX_ATTEMPTS = 4;
/** Of the path to come back to, in one of them. */
export const MAX_NEXT = 500;
const MAX_LENGTH = 4096;
const SALT = 24;
const TAG = 16;

export class OidcState {
  readonly #name: string;
  readonly #isSecure: boolean;
  readonly #keys: readonly Buffer[];
  readonly #by: string;

  /**
   * @param client what tells the provider from others of this host, whose attempts are in the same cookie
   * @param isSecure whether browsers reach the application over HTTPS
   * @throws ObolError E_SETTING for no keys, or weak ones
   */
  constructor(keys: readonly (string | Uint8Array)[], client: string, isSecure: boolean) {
    this.#keys = secretKeysFrom('keys', keys).map((key) => derivedKey(key, 'oidc state'));
    this.#by = createHash('sha256').update(client).digest('base64url').slice(0, 16);
    this.#isSecure = isSecure;
    this.#name = isSecure ? '__Host-oidc-state' : 'oidc-state';
  }

  /** Begins one more; of too many, the oldest is forgotten. */
  begin(request: Request, next: string): TakenAttempt {
    const attempt: OidcAttempt = {
      state: random(16),
      nonce: random(16),
      verifier: random(32),
      by: this.#by,
      next,
      at: epochSeconds(),
    };
    const others = this.#read(request).slice(0, MAX_ATTEMPTS - 1);
    return { attempt, setCookie: this.#write([attempt, ...others]) };
  }

  /** @returns undefined for a state that this browser was not given, or not lately, or that has come back before */
  take(request: Request, state: string): TakenAttempt | undefined {
    const attempts = this.#read(request);
    const attempt = attempts.find((each) => each.state === state && each.by === this.#by);
    return attempt && { attempt, setCookie: this.#write(attempts.filter((each) => each !== attempt)) };
  }

  #read(request: Request): readonly OidcAttempt[] {
    const text = cookiesOf(request).get(this.#name) ?? '';
    if (text === '' || text.length > MAX_LENGTH) return [];
    const bytes = Buffer.from(text, 'base64url');
    if (bytes.length < SALT + TAG) return [];
    for (const key of this.#keys) {
      const json = open(bytes, key, this.#name);
      // What opens is what we wrote.
      if (json !== undefined) return (JSON.parse(json) as OidcAttempt[]).filter(isFresh);
    }
    return [];
  }

  #write(attempts: readonly OidcAttempt[]): string {
    const attributes = { secure: this.#isSecure };
    const [key] = this.#keys;
    if (attempts.length === 0 || !key) return expiredCookie(this.#name, attributes);
    const value = seal(JSON.stringify(attempts), key, this.#name);
    return serializeCookie(this.#name, value, { ...attributes, maxAge: LIFETIME });
  }
}

function isFresh({ at }: OidcAttempt): boolean {
  return epochSeconds() - at < LIFETIME;
}

/** Salt, ciphertext, tag; every cookie has a key and a nonce of its own, and cannot be given another name. */
function seal(text: string, master: Buffer, name: string): string {
  const salt = randomBytes(SALT);
  const { key, nonce } = keyFor(master, salt);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
  cipher.setAAD(Buffer.from(name));
  const sealed = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([salt, ...sealed, cipher.getAuthTag()]).toString('base64url');
}

function open(bytes: Buffer, master: Buffer, name: string): string | undefined {
  const { key, nonce } = keyFor(master, bytes.subarray(0, SALT));
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
  decipher.setAAD(Buffer.from(name));
  decipher.setAuthTag(bytes.subarray(-TAG));
  const text = decipher.update(bytes.subarray(SALT, -TAG));
  try {
    return Buffer.concat([text, decipher.final()]).toString();
  } catch {
    return undefined;
  }
}

function keyFor(master: Buffer, salt: Buffer): { readonly key: Buffer; readonly nonce: Buffer } {
  const bytes = createHmac('sha512', master).update(salt).digest();
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32, 44) };
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
