/** The secret keys of sessions: the first seals, all of them open, and each has a short public name. */
import { scryptSync } from 'node:crypto';
import { ObolError } from '../../ground/errors.js';
import { isExample } from '../../crypto/secret-key.js';
import { Hkdf } from '../../crypto/hkdf.js';

/** One key: text is a passphrase or hexadecimal, bytes are taken as they are. */
export type SessionKey = string | Uint8Array;

const ID_BYTES = 4;
const NO_SALT = new Uint8Array(0);

/** A key, ready for use. Printing it shows its id. */
export class RingKey {
  /** Eight hexadecimal digits that tell keys apart and tell nothing about them. */
  readonly id: string;
  readonly #secret: Uint8Array;
  readonly #derivations = new Map<string, Hkdf>();

  constructor(secret: Uint8Array) {
    this.#secret = Uint8Array.from(secret);
    this.id = this.derive('obol-session-key-id-v1').toString('hex', 0, ID_BYTES);
  }

  /** 64 bytes for one of the few purposes that there are. @param salt 64 bytes at most */
  derive(purpose: string, salt: Uint8Array = NO_SALT): Buffer {
    let hkdf = this.#derivations.get(purpose);
    if (!hkdf) this.#derivations.set(purpose, (hkdf = new Hkdf(this.#secret, purpose)));
    return hkdf.derive(salt);
  }
}

const MIN_BYTES = 32;
const MIN_DIFFERENT = 10;
const HOW = `Make one with: node -p "crypto.randomBytes(32).toString('hex')"`;

/** The keys of one application. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, RingKey>;
  readonly first: RingKey;

  /**
   * @param keys the first seals; of the others, what is undefined or empty counts as not given
   * @throws ObolError E_SESSION_KEY for a key that is missing, weak or there twice
   */
  constructor(keys: readonly (SessionKey | undefined)[]) {
    const [first, ...others] = keys;
    if (first === undefined || first.length === 0)
      throw wrong(
        1,
        `is ${first === undefined ? 'missing' : 'empty'}. ${HOW}, keep it outside of the code, and give it as keys: [process.env.SESSION_KEY].`,
      );
    const given = [first, ...others.filter((key) => key !== undefined && key.length > 0)] as [SessionKey];
    const ring = given.map((key, index) => new RingKey(secretOf(key, index + 1))) as [RingKey];
    this.#keys = new Map(ring.map((key) => [key.id, key]));
    if (this.#keys.size < ring.length)
      throw wrong(ring.length, 'is one of those before it. Leave it out, or give the old key in its place.');
    this.first = ring[0];
  }

  find(id: string): RingKey | undefined {
    return this.#keys.get(id);
  }
}

/** A passphrase goes through scrypt, once, so that guessing it costs as much each time. */
function secretOf(key: SessionKey, place: number): Uint8Array {
  if (typeof key !== 'string') {
    if (!(key instanceof Uint8Array)) throw wrong(place, 'is neither text nor bytes.');
    if (key.length < MIN_BYTES) throw tooShort(place, key.length);
    if (new Set(key).size < MIN_DIFFERENT) throw guessable(place);
    return key;
  }
  const isHex = /^(?:[\da-f]{2})+$/i.test(key);
  const length = isHex ? key.length / 2 : Buffer.byteLength(key);
  if (length < MIN_BYTES) throw tooShort(place, length);
  if (new Set(key).size < (isHex ? MIN_DIFFERENT - 2 : MIN_DIFFERENT)) throw guessable(place);
  if (isExample(key)) throw guessable(place);
  if (isHex) return Buffer.from(key, 'hex');
  return scryptSync(key, 'obol-session-passphrase-v1', 32, { N: 32_768, maxmem: 64 * 1024 * 1024 });
}

function tooShort(place: number, length: number): ObolError {
  return wrong(place, `has ${String(length)} bytes; ${String(MIN_BYTES)} are the least. ${HOW}`);
}

function guessable(place: number): ObolError {
  return wrong(place, `can be guessed. ${HOW}`);
}

function wrong(place: number, why: string): ObolError {
  return new ObolError('E_SESSION_KEY', `Session key ${String(place)} ${why}`);
}
