/** Nonces that prove by themselves where and when they were made, so that none is kept before it is used. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Hmac } from './hmac.js';

/** What a genuine nonce says. */
export interface ReadNonce {
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** Whether it was made by this very maker, or by one that shares its memory. */
  readonly isOurs: boolean;
}

/** What a nonce is good for, and nothing else. */
export interface NoncePurpose {
  readonly realm: string;
  readonly algorithm: string;
}

const TIME = 6;
const RANDOM = 8;
const MAC = 16;
/** Of the random bytes: they are the same for all nonces of one maker, and distinguish it from others. */
const PIN = 4;
const FORM = /^[\w-]{40}$/;

/** Makes nonces and knows them again: base64url(time ‖ random ‖ HMAC-SHA-256 of these, the realm and the algorithm). */
export class Nonces {
  readonly #hmac = new Hmac();
  readonly #pin: Buffer;

  /** @param options.pinned whether those of other makers with the same key are not ours */
  constructor(key: Buffer, { pinned }: { readonly pinned: boolean }) {
    this.#hmac.useKey(key);
    this.#pin = pinned ? randomBytes(PIN) : Buffer.alloc(0);
  }

  issue(purpose: NoncePurpose, now = Date.now()): string {
    const nonce = Buffer.allocUnsafe(TIME + RANDOM + MAC);
    nonce.writeUIntBE(now, 0, TIME);
    const pin = this.#pin.copy(nonce, TIME);
    randomBytes(RANDOM - pin).copy(nonce, TIME + pin);
    nonce.write(this.#mac(nonce, purpose), TIME + RANDOM, MAC, 'binary');
    return nonce.toString('base64url');
  }

  /** @returns undefined for one that was not made with this key, or for something else */
  read(text: string, purpose: NoncePurpose): ReadNonce | undefined {
    if (!FORM.test(text)) return undefined;
    const nonce = Buffer.from(text, 'base64url');
    const mac = Buffer.from(this.#mac(nonce, purpose), 'binary');
    if (!timingSafeEqual(nonce.subarray(TIME + RANDOM), mac.subarray(0, MAC))) return undefined;
    const isOurs = nonce.subarray(TIME, TIME + this.#pin.length).equals(this.#pin);
    return { issuedAt: nonce.readUIntBE(0, TIME), isOurs };
  }

  /** Each byte a character; of the nonce counts what stands before it. */
  #mac(nonce: Buffer, { realm, algorithm }: NoncePurpose): string {
    const purpose = `${realm}\0${algorithm}`;
    const message = this.#hmac.resize(TIME + RANDOM + Buffer.byteLength(purpose));
    nonce.copy(message, 0, 0, TIME + RANDOM);
    message.write(purpose, TIME + RANDOM);
    return this.#hmac.digest();
  }
}
