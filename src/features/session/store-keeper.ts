/** Sessions in a store: the cookie holds a random token, and the store knows its hash. */
import { createHash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { andThen, HttpError, isPromise, type Logger, ObolError, Outage } from '../../kit.js';
import type { Draft, Found, Identity, Keeper } from './keeper.js';
import { endOf, whyOver, type Lifetimes, type SessionRecord } from './record.js';
import type { SessionStore, StoredSession } from './store.js';
import { areValues } from './values.js';

/** 256 bits: the last of 43 characters holds four of them, so that each token has one spelling. */
const TOKEN = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
/** Bytes of all the values of one session. */
const MAX_BYTES = 256 * 1024;
/** Milliseconds for the store to answer. */
const PATIENCE = 800;

export interface StoreKeeperOptions {
  readonly store: SessionStore;
  readonly lifetimes: Lifetimes;
  readonly logger: Logger;
}

export class StoreKeeper implements Keeper {
  readonly isRemote = true;
  readonly #store: SessionStore;
  readonly #lifetimes: Lifetimes;
  readonly #outage: Outage;

  constructor({ store, lifetimes, logger }: StoreKeeperOptions) {
    this.#store = store;
    this.#lifetimes = lifetimes;
    this.#outage = new Outage(logger, {
      away: 'The session store fails; requests that need it get 503',
      back: 'The session store answers again.',
    });
  }

  newIdentity(): Identity {
    const token = randomBytes(32).toString('base64url');
    return { id: idOf(token), token };
  }

  find(token: string): Found | Promise<Found> {
    if (!TOKEN.test(token)) return { problem: 'it is no token of a session', clears: true };
    const id = idOf(token);
    const judge = (stored: StoredSession | undefined): Found => this.#judge(stored, { id, token });
    return this.#ask(() => this.#store.load(id), judge);
  }

  write({ record, token, changes, replaced }: Draft): string | undefined | Promise<string | undefined> {
    checkSize(record);
    const { id, values, ...times } = record;
    const endsAt = endOf(record, this.#lifetimes);
    if (changes)
      return this.#ask(
        () => this.#store.update(id, { ...changes, ...times, endsAt }),
        (isThere) => (isThere ? token : undefined),
      );
    const created = this.#ask(
      () => this.#store.create(id, { set: values, deleted: [], ...times, endsAt }),
      () => token,
    );
    return replaced ? andThen(created, () => andThen(this.drop(replaced), () => token)) : created;
  }

  drop({ id }: SessionRecord): undefined | Promise<undefined> {
    return this.#ask(
      () => this.#store.destroy(id),
      () => undefined,
    );
  }

  close(): void | Promise<void> {
    return this.#store.close?.();
  }

  /**
   * A session that the store does not know leaves its cookie where it is: it may have just been replaced by another
   * request, whose answer must not lose the new cookie again.
   */
  #judge(stored: StoredSession | undefined, { id, token }: Identity): Found {
    if (!stored) return { problem: 'the store does not know it' };
    const over = whyOver(stored, this.#lifetimes);
    if (over !== undefined) return { problem: over, clears: true };
    if (!areValues(stored.values)) return { problem: 'its content is not that of a session' };
    return { record: { ...stored, id }, token };
  }

  /** Asks the store. @throws HttpError 503 when it fails, or does not answer in time; also as a rejection */
  #ask<T, R>(question: () => T | Promise<T>, then: (answer: T) => R): R | Promise<R> {
    try {
      const answer = question();
      if (isPromise(answer)) return this.#wait(answer, then);
      this.#outage.ended();
      return then(answer);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async #wait<T, R>(answer: PromiseLike<T>, then: (answer: T) => R): Promise<R> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(reject, PATIENCE, new Error(`no answer within ${String(PATIENCE)} ms`));
    });
    try {
      const settled = await Promise.race([answer, late]);
      this.#outage.ended();
      return then(settled);
    } catch (error) {
      throw this.#failed(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** An HttpError is of a store that has a log of its own, as those in Redis have. */
  #failed(error: unknown): HttpError {
    if (error instanceof HttpError) return error;
    this.#outage.began(reasonOf(error));
    return new HttpError(503, 'The session store does not answer', {
      cause: error,
      headers: { 'Retry-After': '1' },
    });
  }
}

/** @throws ObolError E_SESSION_SIZE */
function checkSize({ values }: SessionRecord): void {
  let bytes = 0;
  for (const [key, text] of values) bytes += key.length + Buffer.byteLength(text);
  if (bytes > MAX_BYTES)
    throw new ObolError(
      'E_SESSION_SIZE',
      `The session has ${String(bytes)} bytes; ${String(MAX_BYTES)} are the most. Keep large things where you keep your data.`,
    );
}

/** The hash is what the store is given: who reads the store can use none of its sessions. */
function idOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error, { depth: 0 });
}
