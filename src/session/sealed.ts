/** Cookie values that nobody can read or change: AES-256-GCM under a key of their own each. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import type { CookieCodec, OpenedValue } from './codec.js';
import type { KeyRing } from './keys.js';

const VERSION = 1;
const ID_BYTES = 4;
const SALT_BYTES = 24;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + ID_BYTES + SALT_BYTES;

/**
 * Version, key id, salt, ciphertext, tag. Key and nonce are derived from the salt by HKDF, so that no number of cookies
 * wears the master key out; version, key id and the cookie's name are authenticated, so that no value can be moved.
 */
export class SealedCodec implements CookieCodec {
  readonly #keys: KeyRing;

  constructor(keys: KeyRing) {
    this.#keys = keys;
  }

  encode(text: string, name: string): string {
    const { id, secret } = this.#keys.first;
    const head = Buffer.concat([Buffer.of(VERSION), Buffer.from(id, 'hex'), randomBytes(SALT_BYTES)]);
    const { key, nonce } = derive(secret, head, name);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(authenticated(head, name));
    const sealed = [cipher.update(text, 'utf8'), cipher.final()];
    return Buffer.concat([head, ...sealed, cipher.getAuthTag()]).toString('base64url');
  }

  decode(value: string, name: string): OpenedValue {
    const bytes = Buffer.from(value, 'base64url');
    // Node's decoder passes over what it does not know: only one spelling of each value is ours.
    if (bytes.toString('base64url') !== value) return { problem: 'it is not base64url' };
    if (bytes.length < HEAD_BYTES + TAG_BYTES) return { problem: 'it is too short' };
    if (bytes[0] !== VERSION) return { problem: 'its version is unknown' };
    const key = this.#keys.find(bytes.toString('hex', 1, 1 + ID_BYTES));
    if (!key) return { problem: 'it was sealed with a key that is not ours' };
    const text = unseal(bytes, key.secret, name);
    if (text === undefined) return { problem: 'it was changed, or belongs to another cookie' };
    return { text, isOld: key !== this.#keys.first };
  }
}

function unseal(bytes: Buffer, secret: KeyObject, name: string): string | undefined {
  const { key, nonce } = derive(secret, bytes, name);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(authenticated(bytes, name));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const text = decipher.update(bytes.subarray(HEAD_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([text, decipher.final()]).toString();
  } catch {
    return undefined;
  }
}

function derive(
  secret: KeyObject,
  head: Buffer,
  name: string,
): { readonly key: Buffer; readonly nonce: Buffer } {
  const salt = head.subarray(1 + ID_BYTES, HEAD_BYTES);
  const bytes = Buffer.from(hkdfSync('sha256', secret, salt, `obol-session-v1:${name}`, 44));
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32) };
}

function authenticated(head: Buffer, name: string): Buffer {
  return Buffer.concat([head.subarray(0, 1 + ID_BYTES), Buffer.from(name)]);
}
