/** HMAC-SHA-256 (RFC 2104), over and over in the same buffers: those that node:crypto makes for each cost more than all hashing. */
import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** Authenticates one message after the other. Printing it shows nothing. */
export class Hmac {
  #inner: Buffer;
  #message: Buffer;
  readonly #outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

  /** @param length of its messages, in bytes, which `resize` changes */
  constructor(length = 0) {
    this.#inner = Buffer.alloc(BLOCK_BYTES + length);
    this.#message = this.#inner.subarray(BLOCK_BYTES);
  }

  /** To be written to. */
  get message(): Buffer {
    return this.#message;
  }

  /** @returns the message, all of which is to be written anew when its length was another */
  resize(length: number): Buffer {
    if (length === this.#message.length) return this.#message;
    const key = this.#inner.subarray(0, BLOCK_BYTES);
    this.#inner = Buffer.concat([key], BLOCK_BYTES + length);
    return (this.#message = this.#inner.subarray(BLOCK_BYTES));
  }

  /** Takes another key. @param key a block at most */
  useKey(key: Uint8Array): this {
    const inner = this.#inner;
    const outer = this.#outer;
    for (let i = 0; i < BLOCK_BYTES; i++) {
      const byte = i < key.length ? (key[i] ?? 0) : 0;
      inner[i] = byte ^ 0x36;
      outer[i] = byte ^ 0x5c;
    }
    return this;
  }

  /** @returns 32 bytes, each a character, or in hexadecimal */
  digest(encoding: 'binary' | 'hex' = 'binary'): string {
    this.#outer.write(hash('sha256', this.#inner, 'binary'), BLOCK_BYTES, 'binary');
    return hash('sha256', this.#outer, encoding);
  }
}
