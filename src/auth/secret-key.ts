/** The secret that a server makes its tokens with: checked once, never shown, and never used for two purposes. */
import { createHmac } from 'node:crypto';
import { ObolError } from '../errors.js';

const MIN_BYTES = 32;
/** Thirty-two random bytes written in hexadecimal have some fourteen different ones. */
const MIN_DIFFERENT = 8;

/**
 * The bytes of a secret key.
 * @throws ObolError E_SETTING, which does not show it, when it is too short or hardly random
 */
export function secretKeyFrom(setting: string, secret: unknown): Buffer {
  const isKey = typeof secret === 'string' || secret instanceof Uint8Array;
  const bytes = isKey ? Buffer.from(secret as string) : Buffer.alloc(0);
  if (bytes.length >= MIN_BYTES && new Set(bytes).size >= MIN_DIFFERENT) return bytes;
  throw new ObolError(
    'E_SETTING',
    `${setting}: it must hold at least ${String(MIN_BYTES)} random bytes, the same in every process. ` +
      "Make one with: node -p \"require('node:crypto').randomBytes(32).toString('base64')\"",
  );
}

/** A key for one purpose, from which the secret cannot be told. */
export function derivedKey(secret: Buffer, purpose: string): Buffer {
  return createHmac('sha256', secret).update(`obol ${purpose}`).digest();
}
