/** A secret that a browser gets before it goes to the CAS server and shows when it comes back: nobody else can send it there. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';

const STATE = /^[\w-]{22}$/;

/** Ties the way back from CAS to the browser that went there, so that nobody is logged in as somebody else by a link. */
export class CasState {
  readonly #isSecure: boolean;
  readonly #name: string;

  /** @param isSecure whether browsers reach the application over HTTPS */
  constructor(isSecure: boolean) {
    this.#isSecure = isSecure;
    this.#name = isSecure ? '__Host-cas-state' : 'cas-state';
  }

  /** The browser's own, or a new one: it may go to CAS from several pages at once. */
  of(request: Request): string {
    const known = request.cookies.get(this.#name);
    return known !== undefined && STATE.test(known) ? known : randomBytes(16).toString('base64url');
  }

  /** What of it may stand in an address. */
  proofOf(state: string): string {
    return createHash('sha256').update(state).digest('base64url');
  }

  give(response: Response, state: string): Response {
    return response.setCookie(this.#name, state, { secure: this.#isSecure });
  }

  isProvedBy(request: Request, proof: string): boolean {
    const state = request.cookies.get(this.#name) ?? '';
    const [expected, given] = [Buffer.from(this.proofOf(state)), Buffer.from(proof)];
    return STATE.test(state) && given.length === expected.length && timingSafeEqual(given, expected);
  }
}
