/** Secrets that a browser gets before it goes to the CAS server and shows when it comes back: no other site can send it there. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { cookieNameOf, cookiesOf, expiredCookie, type Request, serializeCookie } from '../../kit.js';

const STATE = /^[\w-]{22}$/;
/** As many pages may be on their way at once. */
const MAX_STATES = 4;
/** Seconds that a user may take to log in there. */
const LIFETIME = 3600;

/** Ties each way back from CAS to the browser that went there, so that no link logs a user in as another. */
export class CasState {
  readonly #isSecure: boolean;
  readonly #name: string;

  /** @param isSecure whether browsers reach the application over HTTPS */
  constructor(isSecure: boolean) {
    this.#isSecure = isSecure;
    this.#name = isSecure ? '__Host-cas-state' : 'cas-state';
  }

  /** Begins one more login; of too many, the oldest is forgotten. @returns the part of its state that may stand in a URL */
  begin(request: Request): { readonly proof: string; readonly setCookie: string } {
    const state = randomBytes(16).toString('base64url');
    const states = [state, ...this.#read(request).slice(0, MAX_STATES - 1)];
    return { proof: proofOf(state), setCookie: this.#write(request, states) };
  }

  /** Ends a login. @returns the cookie without it; undefined for a login that this browser has not begun, or has ended */
  take(request: Request, proof: string): string | undefined {
    const states = this.#read(request);
    const taken = states.find((state) => isEqual(proofOf(state), proof));
    return taken === undefined
      ? undefined
      : this.#write(
          request,
          states.filter((state) => state !== taken),
        );
  }

  #read(request: Request): readonly string[] {
    const text = cookiesOf(request).get(cookieNameOf(request, this.#name)) ?? '';
    const states = text.length > MAX_STATES * 23 ? [] : text.split('.');
    return states.filter((state) => STATE.test(state));
  }

  #write(request: Request, states: readonly string[]): string {
    const name = cookieNameOf(request, this.#name);
    const attributes = { secure: this.#isSecure };
    return states.length === 0
      ? expiredCookie(name, attributes)
      : serializeCookie(name, states.join('.'), { ...attributes, maxAge: LIFETIME });
  }
}

function proofOf(state: string): string {
  return createHash('sha256').update(state).digest('base64url');
}

function isEqual(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}
