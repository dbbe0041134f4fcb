/** Sessions in the cookie itself, sealed or signed. */
import { randomBytes } from 'node:crypto';
import { ObolError } from '../errors.js';
import { contentOf, recordOf, type CookieCodec } from './codec.js';
import type { Draft, Identity, Keeper } from './keeper.js';
import { whyOver, type Lifetimes, type SessionRecord } from './record.js';
import type { Revocations } from './revoked.js';
import type { Found } from './state.js';

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

  constructor(options: CookieKeeperOptions) {
    this.#options = options;
  }

  newIdentity(): Identity {
    return { id: randomBytes(16).toString('base64url'), token: '' };
  }

  find(value: string, cookieName: string): Found {
    if (value.length + cookieName.length >= MAX_COOKIE) return refused('it is too long');
    const opened = this.#options.codec.decode(value, cookieName);
    if (opened.problem !== undefined) return refused(opened.problem);
    const record = recordOf(opened.text);
    if (!record) return refused('its content is not that of a session');
    const over = whyOver(record, this.#options.lifetimes);
    if (over !== undefined) return refused(over);
    // Its cookie is left alone: the answer to the request that ended it may be on its way with another one.
    if (this.#options.revoked?.has(record.id)) return { problem: 'it was ended before its time' };
    return { record, isOld: opened.isOld };
  }

  write({ record, cookieName }: Draft): string {
    const content = contentOf(record);
    const bytes = Buffer.byteLength(content);
    if (bytes > MAX_CONTENT) throw tooLarge(record, bytes);
    const value = this.#options.codec.encode(content, cookieName);
    if (cookieName.length + value.length >= MAX_COOKIE) throw tooLarge(record, bytes);
    return value;
  }

  drop({ id, expiresAt }: SessionRecord): void {
    this.#options.revoked?.add(id, expiresAt);
  }
}

function refused(problem: string): Found {
  return { problem, clears: true };
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
