/** Cookie values that nobody can read or change: AES-256-GCM under a key of their own each. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { decodeBase64url } from '../../crypto/base64url.js';
import type { CookieCodec, OpenedValue } from './codec.js';
import type { KeyRing, RingKey } from './keys.js';

const CIPHER = 'aes-256-gcm';
const VERSION = 1;
const ID_BYTES = 4;
const SALT_BYTES = 24;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Without it shorter tags would be taken, too. */
const TAG = { authTagLength: TAG_BYTES };
const HEAD_BYTES = 1 + ID_BYTES + SALT_BYTES;

/**
 * Version, key id, salt, ciphertext, tag. Key and nonce are derived from the salt by HKDF, so that no number of cookies
 * wears the master key out; version, key id and the cookie's name are authenticated, so that no value can be moved.
 */
export class SealedCodec implements CookieCodec {
  readonly #keys: KeyRing;
  readonly #salts = new Salts();

  constructor(keys: KeyRing) {
    this.#keys = keys;
  }

  encode(text: string, name: string): string {
    const { first } = this.#keys;
    const head = Buffer.allocUnsafe(HEAD_BYTES);
    head[0] = VERSION;
    head.write(first.id, 1, 'hex');
    this.#salts.next().copy(head, 1 + ID_BYTES);
    const { key, nonce } = derive(first, head, name);
    const cipher = createCipheriv(CIPHER, key, nonce, TAG);
    cipher.setAAD(authenticated(head, name));
    const sealed = cipher.update(text, 'utf8');
    // GCM is done with all the bytes by now, and has none left for the end.
    cipher.final();
    return Buffer.concat([head, sealed, cipher.getAuthTag()]).toString('base64url');
  }

  decode(value: string, name: string): OpenedValue {
    const bytes = decodeBase64url(value);
    if (!bytes) return { problem: 'it is not base64url' };
    if (bytes.length < HEAD_BYTES + TAG_BYTES) return { problem: 'it is too short' };
    if (bytes[0] !== VERSION) return { problem: 'its version is unknown' };
    const key = this.#keys.find(bytes.toString('hex', 1, 1 + ID_BYTES));
    if (!key) return { problem: 'it was sealed with a key that is not ours' };
    const text = unseal(bytes, key, name);
    if (text === undefined) return { problem: 'it was changed, or belongs to another cookie' };
    return { text, isOld: key !== this.#keys.first };
  }
}

/** Random salts, none of which is given twice: asking for many at once costs little more than asking for one. */
class Salts {
  #bytes = Buffer.alloc(0);
  #used = 0;

  next(): Buffer {
    if (this.#used >= this.#bytes.length) {
      this.#bytes = randomBytes(SALT_BYTES * 100);
      this.#used = 0;
    }
    return this.#bytes.subarray(this.#used, (this.#used += SALT_BYTES));
  }
}

function unseal(bytes: Buffer, ringKey: RingKey, name: string): string | undefined {
  const { key, nonce } = derive(ringKey, bytes, name);
  const decipher = createDecipheriv(CIPHER, key, nonce, TAG);
  decipher.setAAD(authenticated(bytes, name));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const text = decipher.update(bytes.subarray(HEAD_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return text.toString();
  } catch {
    return undefined;
  }
}

function derive(
  ringKey: RingKey,
  head: Buffer,
  name: string,
): { readonly key: Buffer; readonly nonce: Buffer } {
  const bytes = ringKey.derive(`obol-session-v1:${name}`, head.subarray(1 + ID_BYTES, HEAD_BYTES));
  return { key: bytes.subarray(0, KEY_BYTES), nonce: bytes.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES) };
}

function authenticated(head: Buffer, name: string): Buffer {
  return Buffer.concat([head.subarray(0, 1 + ID_BYTES), Buffer.from(name)]);
}
