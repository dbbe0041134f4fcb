/** Values that no client can read or change: AES-256-GCM under a key derived for each process and name. */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { Recent } from '../ground/recent.js';
import { decodeBase64url } from './base64url.js';
import type { KeyRing, MasterKey } from './key-ring.js';
import { MAX_COOKIE, type DecodedValue, type ValueCodec } from './value-codec.js';

const CIPHER = 'aes-256-gcm';
const VERSION = 2;
const ID_BYTES = 4;
const SALT_BYTES = 24;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Without it shorter tags would be taken, too. */
const TAG = { authTagLength: TAG_BYTES };
const HEAD_BYTES = 1 + ID_BYTES + SALT_BYTES;
const SEALED_AT = HEAD_BYTES + NONCE_BYTES;
/** Drawn at once. */
const NONCES_DRAWN = 32;
/** Milliseconds after which those that are left are forgotten. */
const NONCES_LIVE = 10;
/** Keys of one generation. */
const MAX_KEYS = 512;

/** When a new salt is drawn. */
export interface SaltLimits {
  /** Values sealed under one. Default 2^24, at which two equal nonces are less likely than 2^-49. */
  readonly values: number;
  /** Milliseconds that one is in use. Default an hour. */
  readonly milliseconds: number;
}

const SALT_LIMITS: SaltLimits = { values: 2 ** 24, milliseconds: 60 * 60 * 1000 };

/** What one salt gives. */
interface DerivedKey {
  readonly key: KeyObject;
  /** Version, key id, salt and name: none of them can be exchanged. */
  readonly authenticated: Buffer;
  readonly isOld: boolean;
}

interface SealingKey extends DerivedKey {
  /** Version, key id and salt. */
  readonly head: Buffer;
  readonly until: number;
  left: number;
}

/**
 * Version, key id, salt, nonce, ciphertext, tag. The salt is drawn when the first value of a name is sealed, so that no two
 * processes share one; each value has a random nonce of its own. Printing it shows nothing.
 */
export class SealedCodec implements ValueCodec {
  readonly #keys: KeyRing;
  readonly #purpose: string;
  readonly #limits: SaltLimits;
  readonly #nonces = new Nonces();
  readonly #sealing = new Recent<SealingKey>({ entries: MAX_KEYS });
  /** By key id, salt and name. A key comes in when it has opened a value, so that no client can fill it with others. */
  readonly #opening = new Recent<DerivedKey>({ entries: MAX_KEYS });

  /** @param purpose what the values are for: those of another one are sealed with other keys */
  constructor(keys: KeyRing, purpose: string, limits = SALT_LIMITS) {
    this.#keys = keys;
    this.#purpose = purpose;
    this.#limits = limits;
  }

  /** GCM gives all bytes at once and has none left for the end, where it only makes the tag. */
  encode(text: string, name: string): string {
    let sealing = this.#sealing.get(name);
    const now = Date.now();
    if (!sealing || sealing.left <= 0 || now >= sealing.until) sealing = this.#newSalt(name, now);
    sealing.left--;
    const nonce = this.#nonces.next(now);
    const cipher = createCipheriv(CIPHER, sealing.key, nonce, TAG);
    cipher.setAAD(sealing.authenticated);
    const sealed = cipher.update(text, 'utf8');
    cipher.final();
    return Buffer.concat([sealing.head, nonce, sealed, cipher.getAuthTag()]).toString('base64url');
  }

  decode(value: string, name: string): DecodedValue {
    if (value.length + name.length >= MAX_COOKIE) return { problem: 'it is too long' };
    const bytes = decodeBase64url(value);
    if (!bytes) return { problem: 'it is not base64url' };
    if (bytes.length < SEALED_AT + TAG_BYTES) return { problem: 'it is too short' };
    if (bytes[0] !== VERSION) return { problem: 'its version is unknown' };
    const idAndSalt = bytes.toString('latin1', 1, HEAD_BYTES);
    const known = this.#opening.get(idAndSalt + name);
    const opening = known ?? this.#derivedFor(bytes, name);
    if (!opening) return { problem: 'it was sealed with a key that is not ours' };
    const text = unseal(bytes, opening);
    if (text === undefined) return { problem: 'it was changed, or belongs to another cookie' };
    if (!known) this.#opening.set(idAndSalt + name, opening);
    return { text, isOld: opening.isOld };
  }

  #newSalt(name: string, now: number): SealingKey {
    const { values, milliseconds } = this.#limits;
    const derived = this.#derive(this.#keys.first, randomBytes(SALT_BYTES), name);
    const head = derived.authenticated.subarray(0, HEAD_BYTES);
    const sealing = { ...derived, head, until: now + milliseconds, left: values };
    this.#sealing.set(name, sealing);
    return sealing;
  }

  /** @returns undefined for the id of a key that is not ours */
  #derivedFor(bytes: Buffer, name: string): DerivedKey | undefined {
    const key = this.#keys.find(bytes.toString('hex', 1, 1 + ID_BYTES));
    return key && this.#derive(key, bytes.subarray(1 + ID_BYTES, HEAD_BYTES), name);
  }

  #derive(master: MasterKey, salt: Uint8Array, name: string): DerivedKey {
    return {
      key: createSecretKey(master.derive(`${this.#purpose}:${name}`, salt)),
      authenticated: Buffer.concat([
        Buffer.of(VERSION),
        Buffer.from(master.id, 'hex'),
        salt,
        Buffer.from(name),
      ]),
      isOld: master !== this.#keys.first,
    };
  }
}

/**
 * Random nonces. They are no counter, which would show how many there are. Drawing one costs as much as drawing many, and
 * half as much as the cipher; so several are drawn, and what is left of them is good for a few milliseconds only, since an
 * image of the process that is started twice would use it twice.
 */
export class Nonces {
  #drawn = Buffer.alloc(0);
  #used = 0;
  #drawnAt = 0;

  /** @param now milliseconds since the epoch */
  next(now: number): Buffer {
    if (this.#used === this.#drawn.length || Math.abs(now - this.#drawnAt) > NONCES_LIVE) this.#draw(now);
    return this.#drawn.subarray(this.#used, (this.#used += NONCE_BYTES));
  }

  #draw(now: number): void {
    this.#drawn = randomBytes(NONCES_DRAWN * NONCE_BYTES);
    this.#used = 0;
    this.#drawnAt = now;
  }
}

function unseal(bytes: Buffer, { key, authenticated }: DerivedKey): string | undefined {
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(HEAD_BYTES, SEALED_AT), TAG);
  decipher.setAAD(authenticated);
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const text = decipher.update(bytes.subarray(SEALED_AT, -TAG_BYTES));
  try {
    decipher.final();
    return text.toString();
  } catch {
    return undefined;
  }
}
