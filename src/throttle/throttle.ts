/** `Throttle`: who fails too often, as an account or from an address, has to wait. */
import { ObolError } from '../errors.js';
import { HttpError } from '../http/http-error.js';
import type { Request } from '../message/request.js';
import { accountKey, addressKey } from './keys.js';
import { MemoryThrottleStore } from './memory-store.js';
import type { ThrottleStore } from './store.js';

/** Who tries, and as whom; what is left out is not counted. */
export interface Attempt {
  /** As the client names it; nobody need be called so. */
  readonly account?: string | undefined;
  /** Such as `request.peer.address`. */
  readonly address?: string | undefined;
}

export interface ThrottleOptions {
  /** How many failures block an account, wherever they come from. Default 5. */
  readonly failures?: number | undefined;
  /** How many block an address, which many people may share. Default four times as many. */
  readonly addressFailures?: number | undefined;
  /** Milliseconds within which they count, from the first. Default 15 minutes. */
  readonly window?: number | undefined;
  /** Milliseconds that a block lasts, from the last failure. Default 15 minutes. */
  readonly block?: number | undefined;
  /** Where they are counted. Default the memory of this process. */
  readonly store?: ThrottleStore | undefined;
  /** The clock of the default store, in milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** One of the counts that an attempt belongs to. */
interface Place {
  readonly key: string;
  readonly limit: number;
  /** Whether a success proves that what was counted does not matter any more. */
  readonly isCleared: boolean;
}

/** A place where an attempt has been counted. */
interface Taken extends Place {
  readonly count: number;
}

const QUARTER_HOUR = 15 * 60_000;

/**
 * Counts failures by account and by address. A success clears the account; the address gets back only what the attempt took,
 * for else everybody with one account could try all others for ever.
 *
 * @example
 * const throttle = new Throttle();
 * const user = await throttle.attempt(request, name, () => users.verify(name, password));
 */
export class Throttle {
  readonly #failures: number;
  readonly #addressFailures: number;
  readonly #window: number;
  readonly #block: number;
  readonly #store: ThrottleStore;
  /** How many attempts are being verified in this process, by key. */
  readonly #underWay = new Map<string, number>();

  /** @throws ObolError E_SETTING for a wrong option */
  constructor(options: ThrottleOptions = {}) {
    const { failures = 5, window = QUARTER_HOUR, block = QUARTER_HOUR, store, now } = options;
    const { addressFailures = 4 * failures } = options;
    for (const [name, value] of Object.entries({ failures, addressFailures, window, block }))
      if (!Number.isSafeInteger(value) || value < 1)
        throw new ObolError('E_SETTING', `${name}: ${String(value)} is not a whole number of at least 1.`);
    this.#failures = failures;
    this.#addressFailures = addressFailures;
    this.#window = window;
    this.#block = block;
    this.#store = store ?? new MemoryThrottleStore({ now });
  }

  /**
   * Verifies what the client of a request shows for an account. The attempt is counted before it is verified, so that many
   * at once are no more than one after another; more than `failures` at once are refused, right ones among them.
   * @param verify gives undefined, null or false for a failure; so does an HttpError below 500 that it throws. Any other
   *   error says nothing of the client, and is not counted
   * @returns what `verify` gave
   * @throws HttpError 429 with Retry-After, without asking `verify`
   */
  async attempt<T>(request: Request, account: string, verify: () => T | Promise<T>): Promise<T> {
    const taken = await this.#take(this.#places({ account, address: request.peer.address }));
    try {
      const result = await this.#verify(verify, taken);
      const isFailure = result === undefined || result === null || result === false;
      await (isFailure ? this.#confirm(taken) : this.#release(taken));
      return result;
    } finally {
      for (const { key } of taken) this.#leave(key);
    }
  }

  /** @throws HttpError 429 with Retry-After for a blocked account or address */
  async check(attempt: Attempt): Promise<void> {
    for (const { key, limit } of this.#places(attempt)) {
      const found = await this.#store.get(key);
      if (found && found.count >= limit) throw tooMany(found.remaining);
    }
  }

  /** Counts a failure, for those who verify on their own; `attempt` is right when several come at once. */
  async fail(attempt: Attempt): Promise<void> {
    for (const place of this.#places(attempt)) {
      const { count } = await this.#store.increment(place.key, this.#window);
      // A block is not made longer by those who do not wait.
      if (count === place.limit) await this.#store.expire(place.key, this.#block);
    }
  }

  /** Clears the account. */
  async succeed(attempt: Attempt): Promise<void> {
    for (const { key, isCleared } of this.#places(attempt)) if (isCleared) await this.#store.reset(key);
  }

  #places({ account, address }: Attempt): Place[] {
    const network = address === undefined ? undefined : addressKey(address);
    return [
      ...(network === undefined ? [] : [{ key: network, limit: this.#addressFailures, isCleared: false }]),
      ...(account === undefined
        ? []
        : [{ key: accountKey(account), limit: this.#failures, isCleared: true }]),
    ];
  }

  async #verify<T>(verify: () => T | Promise<T>, taken: readonly Taken[]): Promise<T> {
    try {
      return await verify();
    } catch (error) {
      const isFailure = error instanceof HttpError && error.status < 500;
      await (isFailure ? this.#confirm(taken) : this.#giveBack(taken));
      throw error;
    }
  }

  /** Counts the attempt, unless it is refused. */
  async #take(places: readonly Place[]): Promise<Taken[]> {
    const taken: Taken[] = [];
    for (const place of places) {
      const { count, remaining } = await this.#store.increment(place.key, this.#window);
      taken.push({ ...place, count });
      if (count <= place.limit) continue;
      await this.#giveBack(taken);
      // It may be over in a moment, when others that came before turn out to be right.
      throw tooMany(this.#underWay.has(place.key) ? 0 : remaining);
    }
    for (const { key } of taken) this.#underWay.set(key, (this.#underWay.get(key) ?? 0) + 1);
    return taken;
  }

  async #confirm(taken: readonly Taken[]): Promise<void> {
    for (const { key, count, limit } of taken)
      if (count === limit) await this.#store.expire(key, this.#block);
  }

  async #release(taken: readonly Taken[]): Promise<void> {
    for (const { key, isCleared } of taken)
      await (isCleared ? this.#store.reset(key) : this.#store.decrement(key));
  }

  async #giveBack(taken: readonly Taken[]): Promise<void> {
    for (const { key } of taken) await this.#store.decrement(key);
  }

  #leave(key: string): void {
    const left = (this.#underWay.get(key) ?? 1) - 1;
    if (left > 0) this.#underWay.set(key, left);
    else this.#underWay.delete(key);
  }
}

function tooMany(remaining: number): HttpError {
  const seconds = Math.max(1, Math.ceil(remaining / 1000));
  const headers = { 'Retry-After': String(seconds) };
  return new HttpError(429, `There were too many failures; try again in ${spoken(seconds)}`, { headers });
}

function spoken(seconds: number): string {
  const [count, unit] = seconds < 120 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${String(count)} ${unit}${count === 1 ? '' : 's'}`;
}
