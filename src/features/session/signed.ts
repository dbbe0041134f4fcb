/** Cookie values that everybody can read and nobody can change: HMAC-SHA-256 over name and content. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodeBase64url } from '../../crypto/base64url.js';
import type { CookieCodec, OpenedValue } from './codec.js';
import type { KeyRing, RingKey } from './keys.js';

const VERSION = 's1';
const MAC_BYTES = 32;

/** `s1.<key id>.<content>.<mac>`, content and mac in base64url. */
export class SignedCodec implements CookieCodec {
  readonly #keys: KeyRing;
  /** What each key signs with. */
  readonly #signing = new Map<RingKey, Buffer>();

  constructor(keys: KeyRing) {
    this.#keys = keys;
  }

  encode(text: string, name: string): string {
    const { first } = this.#keys;
    const content = `${VERSION}.${first.id}.${Buffer.from(text).toString('base64url')}`;
    return `${content}.${this.#sign(first, content, name).toString('base64url')}`;
  }

  decode(value: string, name: string): OpenedValue {
    const [version, id = '', content = '', mac = '', ...more] = value.split('.');
    if (version !== VERSION || more.length > 0) return { problem: 'its version is unknown' };
    const key = this.#keys.find(id);
    if (!key) return { problem: 'it was signed with a key that is not ours' };
    const given = decodeBase64url(mac);
    const expected = this.#sign(key, `${version}.${id}.${content}`, name);
    if (given?.length !== MAC_BYTES || !timingSafeEqual(given, expected))
      return { problem: 'it was changed, or belongs to another cookie' };
    return { text: Buffer.from(content, 'base64url').toString(), isOld: key !== this.#keys.first };
  }

  /** The name has no dot-free rule of its own, so its length goes first. */
  #sign(ringKey: RingKey, content: string, name: string): Buffer {
    let key = this.#signing.get(ringKey);
    if (!key)
      this.#signing.set(ringKey, (key = ringKey.derive('obol-session-signature-v1').subarray(0, MAC_BYTES)));
    return createHmac('sha256', key)
      .update(`${String(name.length)}:${name}${content}`)
      .digest();
  }
}
