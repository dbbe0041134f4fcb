/** What can be seen of sealed values from outside, for tests. */
import type { SealedCodec } from '../../src/crypto/sealed-codec.js';

const SALT_AT = 5;
const NONCE_AT = SALT_AT + 24;
const SEALED_AT = NONCE_AT + 12;

/** The salt of a sealed value. */
export function saltOf(value: string): string {
  return Buffer.from(value, 'base64url').toString('hex', SALT_AT, NONCE_AT);
}

/** Seals as many values; how many salts they have, and how many of them have the salt and nonce of another one. */
export function repeatsOf(codec: SealedCodec, count: number): { salts: number; repeated: number } {
  const nonces = new Map<string, Set<string>>();
  let repeated = 0;
  for (let i = 0; i < count; i++) {
    const bytes = Buffer.from(codec.encode('', 'SESSID'), 'base64url');
    const salt = bytes.toString('latin1', SALT_AT, NONCE_AT);
    const nonce = bytes.toString('latin1', NONCE_AT, SEALED_AT);
    const used = nonces.get(salt) ?? new Set();
    if (used.has(nonce)) repeated++;
    nonces.set(salt, used.add(nonce));
  }
  return { salts: nonces.size, repeated };
}
