/** Sessions in the cookie itself, sealed or signed. */
import { randomBytes } from 'node:crypto';
import { copyOf, ObolError, Recent, type SealedCodec } from '../../kit.js';
import type { Draft, Found, Identity, Keeper } from './keeper.js';
import { contentOf, recordOf, whyOver, type Lifetimes, type SessionRecord } from './record.js';
import type { Revocations } from './revoked.js';

/** Bytes of the content: with the seal around it and in base64url it fits into a cookie. */
const MAX_CONTENT = 3000;
/** Name and value together: browsers drop what is longer (RFC 6265bis 5.4). */
const MAX_COOKIE = 4096;
/** Cookies of one generation, and characters of all of them together. */
const REMEMBERED = { entries: 4000, characters: 1024 * 1024 };

/** Its cookie is left alone: the answer to the request that ended it may be on its way with another one. */
const REVOKED: Found = { problem: 'it was ended before its time' };

export interface CookieKeeperOptions {
  readonly codec: Pick<SealedCodec, 'encode' | 'decode'>;
  readonly lifetimes: Lifetimes;
  readonly revoked?: Revocations | undefined;
}

/** A cookie of ours. Whether it still counts is judged with each use. */
interface OpenedCookie {
  readonly name: string;
  readonly record: SessionRecord;
  readonly isOld: boolean;
}

export class CookieKeeper implements Keeper {
  readonly isRemote = false;
  readonly #options: CookieKeeperOptions;
  /**
   * Cookies that were opened or written a moment ago, by their very value, so that the next request with the same one needs
   * no cryptography. Only those that are good come in, so that no client can fill it with others.
   */
  readonly #opened = new Recent<OpenedCookie>(REMEMBERED);

  constructor(options: CookieKeeperOptions) {
    this.#options = options;
  }

  newIdentity(): Identity {
    return { id: randomBytes(16).toString('base64url'), token: '' };
  }

  find(value: string, cookieName: string): Found {
    const known = this.#opened.get(value);
    const isKnown = known?.name === cookieName;
    const opened = isKnown ? known : this.#open(value, cookieName);
    if (!('record' in opened)) return opened;
    const { record } = opened;
    const over = whyOver(record, this.#options.lifetimes);
    if (over !== undefined) return { problem: over, clears: true };
    if (this.#options.revoked?.has(record.id)) return REVOKED;
    if (!isKnown) this.#opened.set(copyOf(value), opened);
    return opened;
  }

  write({ record, replaced }: Draft, cookieName: string): string {
    const content = contentOf(record);
    const bytes = Buffer.byteLength(content);
    if (bytes > MAX_CONTENT) throw tooLarge(record, bytes);
    const value = this.#options.codec.encode(content, cookieName);
    if (cookieName.length + value.length >= MAX_COOKIE) throw tooLarge(record, bytes);
    this.#opened.set(value, { name: cookieName, record, isOld: false });
    if (replaced) this.drop(replaced);
    return value;
  }

  drop({ id, expiresAt }: SessionRecord): undefined {
    this.#options.revoked?.add(id, expiresAt);
  }

  #open(value: string, name: string): OpenedCookie | { readonly problem: string; readonly clears: true } {
    const decoded = this.#options.codec.decode(value, name);
    if (decoded.problem !== undefined) return { problem: decoded.problem, clears: true };
    const record = recordOf(decoded.text);
    if (!record) return { problem: 'its content is not that of a session', clears: true };
    return { name, record, isOld: decoded.isOld };
  }
}

function tooLarge({ values }: SessionRecord, bytes: number): ObolError {
  const sizes = [...values].map(([key, text]) => ({ key: key.slice(1), size: Buffer.byteLength(text) }));
  const largest = sizes.sort((a, b) => b.size - a.size).slice(0, 3);
  const list = largest
    .map(({ key, size }) => `${JSON.stringify(key.slice(0, 100))} (${String(size)})`)
    .join(', ');
  return new ObolError(
    'E_SESSION_SIZE',
    `The session has ${String(bytes)} bytes, and a cookie has room for ${String(MAX_CONTENT)}. The largest values: ${list}. ` +
      'Keep large things where you keep your data and their ids in the session, or give sessions a store.',
  );
}
