/** The keys of one purpose: the first writes, all of them read, and each has a short public id. */
import { createHmac } from 'node:crypto';

const ID_BYTES = 4;
const NO_SALT = new Uint8Array(0);

/** A key from which others are derived. Printing it shows its id. */
export class MasterKey {
  /** Eight hexadecimal digits that distinguish keys and reveal nothing about them. */
  readonly id: string;
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array) {
    this.#secret = Uint8Array.from(secret);
    this.id = this.derive('obol-key-id-v1').toString('hex', 0, ID_BYTES);
  }

  /**
   * A key for one purpose, from which neither this one nor any other can be found: HKDF-SHA-256 (RFC 5869), whose first
   * block is all that is needed, in half the time of `hkdfSync` and for a purpose of any length.
   * @returns 32 bytes
   */
  derive(purpose: string, salt: Uint8Array = NO_SALT): Buffer {
    const extracted = createHmac('sha256', salt).update(this.#secret).digest();
    return createHmac('sha256', extracted).update(`${purpose}\x01`).digest();
  }
}

/** The keys in the order in which they were given. */
export class KeyRing {
  readonly first: MasterKey;
  readonly #keys: ReadonlyMap<string, MasterKey>;

  /** @param secrets at least one */
  constructor(secrets: readonly Uint8Array[]) {
    const keys = secrets.map((secret) => new MasterKey(secret));
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    [this.first] = keys as [MasterKey];
  }

  /** How many there are; one that was given twice counts once. */
  get size(): number {
    return this.#keys.size;
  }

  /** Undefined for the id of a key that is not here. */
  find(id: string): MasterKey | undefined {
    return this.#keys.get(id);
  }
}
