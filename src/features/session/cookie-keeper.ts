/** Sessions in the cookie itself, sealed or signed. */
import { randomBytes } from 'node:crypto';
import { ObolError } from '../../ground/errors.js';
import { contentOf, type CookieCodec } from './codec.js';
import type { Draft, Found, Identity, Keeper } from './keeper.js';
import { OpenedCookie, OpenedCookies } from './opened.js';
import { whyOver, type Lifetimes, type SessionRecord } from './record.js';
import type { Revocations } from './revoked.js';

/** Bytes of the content: with the seal around it and in base64url it fits into a cookie. */
const MAX_CONTENT = 3000;
/** Bytes of name and value that browsers keep. */
const MAX_COOKIE = 4096;

export interface CookieKeeperOptions {
  readonly codec: CookieCodec;
  readonly lifetimes: Lifetimes;
  readonly revoked?: Revocations | undefined;
}

export class CookieKeeper implements Keeper {
  readonly isRemote = false;
  readonly #options: CookieKeeperOptions;
  readonly #opened = new OpenedCookies();

  constructor(options: CookieKeeperOptions) {
    this.#options = options;
  }

  newIdentity(): Identity {
    return { id: randomBytes(16).toString('base64url'), token: '' };
  }

  find(value: string, cookieName: string): Found {
    const known = this.#opened.get(value, cookieName);
    const opened = known ?? this.#open(value, cookieName);
    if (typeof opened === 'string') return { problem: opened, clears: true };
    const { record } = opened;
    if (!record) return { problem: 'its content is not that of a session', clears: true };
    const over = whyOver(record, this.#options.lifetimes);
    if (over !== undefined) return { problem: over, clears: true };
    // Its cookie is left alone: the answer to the request that ended it may be on its way with another one.
    if (this.#options.revoked?.has(record.id)) return { problem: 'it was ended before its time' };
    // A copy, since it is a part of the header.
    if (!known) this.#opened.add(Buffer.from(value, 'latin1').toString('latin1'), opened);
    return opened;
  }

  write({ record, cookieName }: Draft): string {
    const content = contentOf(record);
    const bytes = Buffer.byteLength(content);
    if (bytes > MAX_CONTENT) throw tooLarge(record, bytes);
    const value = this.#options.codec.encode(content, cookieName);
    if (cookieName.length + value.length >= MAX_COOKIE) throw tooLarge(record, bytes);
    this.#opened.add(value, new OpenedCookie(cookieName, content, false));
    return value;
  }

  drop({ id, expiresAt }: SessionRecord): void {
    this.#options.revoked?.add(id, expiresAt);
  }

  /** @returns what is wrong with a cookie that cannot be opened */
  #open(value: string, cookieName: string): OpenedCookie | string {
    if (value.length + cookieName.length >= MAX_COOKIE) return 'it is too long';
    const decoded = this.#options.codec.decode(value, cookieName);
    if (decoded.problem !== undefined) return decoded.problem;
    return new OpenedCookie(cookieName, decoded.text, decoded.isOld);
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
