/** The secret keys of sessions: which are long and random enough, and what becomes of a passphrase. */
import { scryptSync } from 'node:crypto';
import { KeyRing, ObolError, SECRET_KEY_RULES } from '../../kit.js';

/** One key: text is a passphrase or hexadecimal, bytes are taken as they are. */
export type SessionKey = string | Uint8Array;

const MIN_BYTES = 32;
const MIN_DIFFERENT = 10;
const HOW = `Make one with: node -p "crypto.randomBytes(32).toString('hex')"`;

/**
 * The keys of one application.
 * @param keys the first writes; of the others, what is undefined or empty counts as not given
 * @throws ObolError E_SESSION_KEY for a key that is missing, weak or there twice
 */
export function sessionKeys(keys: readonly (SessionKey | undefined)[]): KeyRing {
  const [first, ...others] = keys;
  if (first === undefined || first.length === 0)
    throw keyError(
      1,
      `is ${first === undefined ? 'missing' : 'empty'}. ${HOW}, keep it outside of the code, and give it as OBOL_SECRET_KEY, or as keys: [process.env.SESSION_KEY].`,
    );
  const given = [first, ...others.filter((key) => key !== undefined && key.length > 0)] as [SessionKey];
  const secrets = given.map((key, index) => secretOf(key, index + 1));
  const ring = new KeyRing(secrets);
  if (ring.size < secrets.length)
    throw keyError(
      secrets.length,
      'is one of those before it. Leave it out, or give the old key in its place.',
    );
  return ring;
}

/** A passphrase goes through scrypt, once, so that guessing it costs as much each time. */
function secretOf(key: SessionKey, place: number): Uint8Array {
  if (typeof key !== 'string') {
    if (!(key instanceof Uint8Array)) throw keyError(place, 'is neither text nor bytes.');
    if (key.length < MIN_BYTES) throw tooShort(place, key.length);
    if (new Set(key).size < MIN_DIFFERENT) throw guessable(place);
    return key;
  }
  const isHex = /^(?:[\da-f]{2})+$/i.test(key);
  const length = isHex ? key.length / 2 : Buffer.byteLength(key);
  if (length < MIN_BYTES) throw tooShort(place, length);
  if (new Set(key).size < (isHex ? MIN_DIFFERENT - 2 : MIN_DIFFERENT)) throw guessable(place);
  if (SECRET_KEY_RULES.one(key, '') !== undefined) throw guessable(place);
  if (isHex) return Buffer.from(key, 'hex');
  return scryptSync(key, 'obol-session-passphrase-v1', 32, { N: 32_768, maxmem: 64 * 1024 * 1024 });
}

function tooShort(place: number, length: number): ObolError {
  return keyError(place, `has ${String(length)} bytes; ${String(MIN_BYTES)} are the least. ${HOW}`);
}

function guessable(place: number): ObolError {
  return keyError(place, `can be guessed. ${HOW}`);
}

function keyError(place: number, why: string): ObolError {
  return new ObolError('E_SESSION_KEY', `Session key ${String(place)} ${why}`);
}
