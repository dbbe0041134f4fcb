/** `Throttle`: who fails too often, as an account or from an address, has to wait. */
import { andThen, type Feature, HttpError, isPromise, type Request } from '../../kit.js';
import { hashOf, networkOf } from './keys.js';
import { memoryThrottleStore } from './memory-store.js';
import { limitsOf, type ThrottleLimits, type ThrottleOptions } from './options.js';
import type { ThrottleCount, ThrottleStore } from './store.js';
import { tooMany } from './too-many.js';

/** Who tries, and as whom; what is left out is not counted. */
export interface Attempt {
  /** As the client names it; there need be no such account. */
  readonly account?: string | undefined;
  /** Such as `request.peer.address`. */
  readonly address?: string | undefined;
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

/** The features that a throttle works with, as its store has them. */
export function needsOf(throttle: Throttle | false | undefined): NonNullable<Feature['needs']> {
  return throttle ? (throttle.store.needs ?? []) : [];
}

/**
 * Counts failures by account and address together, so that no client locks out a user who comes from elsewhere, and by each of
 * them alone, so that neither one address can try all accounts nor many addresses one account. A success clears what was
 * counted for both together. Each alone gets back only what the attempt took: otherwise a client with one account could try
 * all others for ever.
 *
 * @example
 * ```ts
 * const throttle = new Throttle();
 * const user = await throttle.attempt(request, name, () => users.verify(name, password));
 * ```
 */
export class Throttle {
  /** Where failures are counted. */
  readonly store: ThrottleStore;
  readonly #limits: ThrottleLimits;
  /** How many attempts are being verified in this process, by key. */
  readonly #underWay = new Map<string, number>();

  /** @throws ObolError E_SETTING for a wrong option */
  constructor(options: ThrottleOptions = {}) {
    this.#limits = limitsOf(options);
    this.store = options.store ?? memoryThrottleStore({ now: options.now });
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
      this.#leave(taken);
    }
  }

  /**
   * Answers at once when the store does, as `fail` and `succeed` do.
   * @returns whether failures are counted which `succeed` would clear
   * @throws HttpError 429 with Retry-After for a blocked account or address
   */
  check(attempt: Attempt): boolean | Promise<boolean> {
    if (this.store.isEmpty) return false;
    const places = this.#places(attempt);
    const found = places.map(({ key }) => this.store.get(key));
    return together(found, (counts) => {
      for (const [i, { limit }] of places.entries()) {
        const { count = 0, remaining = 0 } = counts[i] ?? {};
        if (count >= limit) throw tooMany(remaining);
      }
      return places.some(({ isCleared }, i) => isCleared && counts[i] !== undefined);
    });
  }

  /**
   * Counts a failure, for those who verify on their own; `attempt` is right when that takes time.
   * @throws HttpError 429 with Retry-After in place of counting it, when it is one too many
   */
  fail(attempt: Attempt): void | Promise<void> {
    const places = this.#places(attempt);
    // All are asked at once: the next caller is answered after this, whatever the store takes for it.
    const counts = places.map(({ key }) => this.store.increment(key, this.#limits.window));
    return together(counts, (counted) => {
      const taken = places.map((place, i) => ({ ...place, count: counted[i]?.count ?? 0 }));
      const over = taken.findIndex(({ count, limit }) => count > limit);
      if (over < 0) return this.#confirm(taken);
      return andThen(this.#giveBack(taken), () => {
        throw tooMany(counted[over]?.remaining ?? 0);
      });
    });
  }

  /** Clears the account for this address. */
  succeed(attempt: Attempt): void | Promise<void> {
    if (this.store.isEmpty) return;
    const cleared = this.#places(attempt).filter(({ isCleared }) => isCleared);
    return all(cleared.map(({ key }) => this.store.reset(key)));
  }

  #places({ account, address }: Attempt): Place[] {
    const network = address === undefined ? undefined : networkOf(address);
    const places: Place[] = [];
    if (network !== undefined)
      places.push({ key: `address:${network}`, limit: this.#limits.addressFailures, isCleared: false });
    if (account === undefined) return places;
    const name = hashOf(account);
    places.push({ key: `login:${name}:${network ?? ''}`, limit: this.#limits.failures, isCleared: true });
    places.push({ key: `account:${name}`, limit: this.#limits.accountFailures, isCleared: false });
    return places;
  }

  async #verify<T>(verify: () => T | Promise<T>, taken: readonly Taken[]): Promise<T> {
    try {
      return await verify();
    } catch (error) {
      const isFailure = error instanceof HttpError && error.status < 500;
      await (isFailure ? this.#confirm(taken) : this.#tryToGiveBack(taken));
      throw error;
    }
  }

  /** Counts the attempt, unless it is refused. */
  async #take(places: readonly Place[]): Promise<Taken[]> {
    const taken: Taken[] = [];
    // One after the other, so that a blocked address counts for no account, not even for a moment.
    for (const place of places) {
      const { count, remaining } = await this.#count(place, taken);
      if (count > place.limit) {
        // It may be over in a moment, when others that came before turn out to be right.
        const refusal = tooMany(this.#underWay.has(place.key) ? 0 : remaining);
        this.#leave(taken);
        await this.#giveBack([...taken, place]);
        throw refusal;
      }
      this.#underWay.set(place.key, (this.#underWay.get(place.key) ?? 0) + 1);
      taken.push({ ...place, count });
    }
    return taken;
  }

  async #count({ key }: Place, taken: readonly Taken[]): Promise<ThrottleCount> {
    try {
      return await this.store.increment(key, this.#limits.window);
    } catch (error) {
      this.#leave(taken);
      await this.#tryToGiveBack(taken);
      throw error;
    }
  }

  /** A block is not made longer by those who do not wait: it begins with the failure that reaches the limit. */
  #confirm(taken: readonly Taken[]): void | Promise<void> {
    const full = taken.filter(({ count, limit }) => count === limit);
    return all(full.map(({ key }) => this.store.expire(key, this.#limits.block)));
  }

  #release(taken: readonly Taken[]): void | Promise<void> {
    return all(
      taken.map(({ key, isCleared }) => (isCleared ? this.store.reset(key) : this.store.decrement(key))),
    );
  }

  #giveBack(taken: readonly Place[]): void | Promise<void> {
    return all(taken.map(({ key }) => this.store.decrement(key)));
  }

  /** As far as the store can: the error reported is why the attempt came to nothing. */
  async #tryToGiveBack(taken: readonly Taken[]): Promise<void> {
    try {
      await this.#giveBack(taken);
    } catch {
      // What was taken ends with the window.
    }
  }

  #leave(taken: readonly Taken[]): void {
    for (const { key } of taken) {
      const left = (this.#underWay.get(key) ?? 1) - 1;
      if (left > 0) this.#underWay.set(key, left);
      else this.#underWay.delete(key);
    }
  }
}

/** Goes on at once where there is nothing to wait for. */
function together<T, U>(
  answers: readonly (T | Promise<T>)[],
  next: (values: readonly T[]) => U | Promise<U>,
): U | Promise<U> {
  return answers.some(isPromise) ? Promise.all(answers).then(next) : next(answers as readonly T[]);
}

function all(answers: readonly (void | Promise<void>)[]): void | Promise<void> {
  return together(answers, () => undefined);
}
