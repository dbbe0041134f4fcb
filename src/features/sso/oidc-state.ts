/** What a browser keeps while its user is at the OpenID provider: sealed, short-lived, and good for one way back. */
import { createHash, randomBytes } from 'node:crypto';
import {
  cookieNameOf,
  cookiesOf,
  epochSeconds,
  expiredCookie,
  keyBytes,
  KeyRing,
  type Request,
  SealedCodec,
  serializeCookie,
} from '../../kit.js';

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

/** Seconds that a user may take to log in there. */
const LIFETIME = 600;
/** As many pages may be on their way at once as one cookie has room for. */
const MAX_ATTEMPTS = 4;
/** Of the path to come back to, in one of them. */
export const MAX_NEXT = 500;

export class OidcState {
  readonly #name: string;
  readonly #isSecure: boolean;
  readonly #codec: SealedCodec;
  readonly #by: string;

  /**
   * @param keys long enough
   * @param client what distinguishes the provider from others of this host, whose attempts are in the same cookie
   * @param isSecure whether browsers reach the application over HTTPS
   */
  constructor(keys: readonly (string | Uint8Array)[], client: string, isSecure: boolean) {
    this.#codec = new SealedCodec(new KeyRing(keys.map(keyBytes)), 'obol-oidc-state-v2');
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
    return { attempt, setCookie: this.#write(request, [attempt, ...others]) };
  }

  /** @returns undefined for a state that this browser was not given, or not lately, or that has come back before */
  take(request: Request, state: string): TakenAttempt | undefined {
    const attempts = this.#read(request);
    const attempt = attempts.find((each) => each.state === state && each.by === this.#by);
    return (
      attempt && {
        attempt,
        setCookie: this.#write(
          request,
          attempts.filter((each) => each !== attempt),
        ),
      }
    );
  }

  #read(request: Request): readonly OidcAttempt[] {
    const name = cookieNameOf(request, this.#name);
    const decoded = this.#codec.decode(cookiesOf(request).get(name) ?? '', name);
    // What opens is what we wrote.
    return decoded.problem === undefined ? (JSON.parse(decoded.text) as OidcAttempt[]).filter(isFresh) : [];
  }

  #write(request: Request, attempts: readonly OidcAttempt[]): string {
    const name = cookieNameOf(request, this.#name);
    const attributes = { secure: this.#isSecure };
    if (attempts.length === 0) return expiredCookie(name, attributes);
    const value = this.#codec.encode(JSON.stringify(attempts), name);
    return serializeCookie(name, value, { ...attributes, maxAge: LIFETIME });
  }
}

function isFresh({ at }: OidcAttempt): boolean {
  return epochSeconds() - at < LIFETIME;
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
