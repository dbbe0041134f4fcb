/** Secret keys: which of them are long and random enough to make anything with, and one key for each purpose. */
import { createHmac } from 'node:crypto';
import { ObolError } from '../ground/errors.js';

const MIN_BYTES = 32;
/** Thirty-two random bytes written in hexadecimal have some fourteen different digits. */
const MIN_DIFFERENT = 8;

const EXAMPLE =
  /^(?:this|is|my|an?|the|your|very|super|long|top|app|session|cookie|secret|key|password|passphrase|change|me|replace|please|must|be|in|production|keyboard|cat|default|example|test|insert|here|with|random|string|at|least|bytes|characters|\d)+$/;

/**
 * The bytes of a secret key.
 * @throws ObolError E_SETTING, which does not show it, when it is too short or can be guessed
 */
export function secretKeyFrom(setting: string, secret: unknown): Buffer {
  const isKey = typeof secret === 'string' || secret instanceof Uint8Array;
  const bytes = isKey ? Buffer.from(secret as string) : Buffer.alloc(0);
  if (strengthOf(secret, bytes) >= MIN_BYTES) return bytes;
  throw new ObolError(
    'E_SETTING',
    `${setting}: it must hold at least ${String(MIN_BYTES)} random bytes, the same in every process. ` +
      "Make one with: node -p \"require('node:crypto').randomBytes(32).toString('base64')\"",
  );
}

/**
 * The bytes of a list of them, the first of which is used and all of which are accepted.
 * @throws ObolError E_SETTING also for what is no list, or an empty one
 */
export function secretKeysFrom(setting: string, secrets: unknown): readonly [Buffer, ...Buffer[]] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [];
  const [first, ...others] = list.map((secret, index) =>
    secretKeyFrom(`${setting}[${String(index)}]`, secret),
  );
  if (first) return [first, ...others];
  throw new ObolError(
    'E_SETTING',
    `${setting}: it must be a list of at least one, such as [process.env.LOGIN_KEY].`,
  );
}

/** A key for one purpose, from which the secret cannot be told. */
export function derivedKey(secret: Buffer, purpose: string): Buffer {
  return createHmac('sha256', secret).update(`obol ${purpose}`).digest();
}

/** Whether it is what people leave in place from examples, such as "change-me"; letter case and signs count for nothing. */
export function isExample(secret: string): boolean {
  return EXAMPLE.test(secret.toLowerCase().replace(/[^\da-z]+/g, ''));
}

/** How many bytes somebody who guesses has to get right, at most. */
function strengthOf(secret: unknown, bytes: Buffer): number {
  if (new Set(bytes).size < MIN_DIFFERENT) return 0;
  if (typeof secret !== 'string') return bytes.length;
  if (isExample(secret)) return 0;
  return /^[\da-f]+$/i.test(secret) ? bytes.length / 2 : bytes.length;
}
