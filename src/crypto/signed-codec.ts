/** Values that every client can read and none can change: HMAC-SHA-256 over name and content. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodeBase64url } from './base64url.js';
import type { KeyRing, MasterKey } from './key-ring.js';
import { MAX_COOKIE, type DecodedValue, type ValueCodec } from './value-codec.js';

/** What the values are for. */
export interface SignedPurpose {
  /** They begin with it; it has no dot. */
  readonly version: string;
  /** Those of another one are signed with other keys. */
  readonly purpose: string;
}

/** `<version>.<key id>.<content>.<mac>`, content and mac in base64url. Printing it shows no key. */
export class SignedCodec implements ValueCodec {
  readonly #keys: KeyRing;
  readonly #version: string;
  readonly #purpose: string;
  /** What each key signs with. */
  readonly #signing = new Map<MasterKey, Buffer>();

  constructor(keys: KeyRing, { version, purpose }: SignedPurpose) {
    this.#keys = keys;
    this.#version = version;
    this.#purpose = purpose;
  }

  encode(text: string, name: string): string {
    const { first } = this.#keys;
    const content = `${this.#version}.${first.id}.${Buffer.from(text).toString('base64url')}`;
    return `${content}.${this.#sign(first, content, name).toString('base64url')}`;
  }

  decode(value: string, name: string): DecodedValue {
    if (value.length + name.length >= MAX_COOKIE) return { problem: 'it is too long' };
    const [version, id = '', content = '', mac = '', ...more] = value.split('.');
    if (version !== this.#version || more.length > 0) return { problem: 'its version is unknown' };
    const key = this.#keys.find(id);
    if (!key) return { problem: 'it was signed with a key that is not ours' };
    const given = decodeBase64url(mac);
    const expected = this.#sign(key, `${version}.${id}.${content}`, name);
    if (given?.length !== expected.length || !timingSafeEqual(given, expected))
      return { problem: 'it was changed, or belongs to another cookie' };
    return { text: Buffer.from(content, 'base64url').toString(), isOld: key !== this.#keys.first };
  }

  /** The name has no dot-free rule of its own, so its length goes first. */
  #sign(master: MasterKey, content: string, name: string): Buffer {
    let key = this.#signing.get(master);
    if (!key) this.#signing.set(master, (key = master.derive(this.#purpose)));
    return createHmac('sha256', key)
      .update(`${String(name.length)}:${name}${content}`)
      .digest();
  }
}
