/** What can be seen of sealed values from outside, for tests. */
import type { SealedCodec } from '../../src/crypto/sealed-codec.js';

const SALT_AT = 5;
const NONCE_AT = SALT_AT + 24;

/** The salt of a sealed value. */
export function saltOf(value: string): string {
  return Buffer.from(value, 'base64url').toString('hex', SALT_AT, NONCE_AT);
}

/**
 * Seals as many values; how many salts they have, and how many have the salt and nonce of another one. Of both only 64 bits
 * are looked at, which ten million values share by chance in one run of 300,000.
 */
export function repeatsOf(codec: SealedCodec, count: number): { salts: number; repeated: number } {
  const salts = new Set<string>();
  const seen = new BigUint64Array(count);
  for (let i = 0; i < count; i++) {
    const bytes = Buffer.from(codec.encode('', 'SESSID'), 'base64url');
    salts.add(bytes.toString('latin1', SALT_AT, NONCE_AT));
    seen[i] = bytes.readBigUInt64LE(SALT_AT) ^ bytes.readBigUInt64LE(NONCE_AT);
  }
  seen.sort();
  return { salts: salts.size, repeated: seen.filter((bits, i) => i > 0 && bits === seen[i - 1]).length };
}
