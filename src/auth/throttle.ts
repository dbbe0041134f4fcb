/** How often somebody may be wrong: a count of failures by user and address, whatever the way of logging in. */
import { createHash } from 'node:crypto';
import { ObolError } from '../errors.js';
import { HttpError } from '../http/http-error.js';

/** Who tries to log in, as whom. */
export interface Attempt {
  /** As the client names it; nobody need be called so. */
  readonly user: string;
  /** The client's address. */
  readonly address: string;
}

/** Asked before credentials are looked at, and told what became of them. It never waits. */
export interface Throttle {
  /** Seconds until the next attempt is looked at; 0 for now. */
  delay(attempt: Attempt): number;
  failed(attempt: Attempt): void;
  passed(attempt: Attempt): void;
}

export interface FailureLimitOptions {
  /** How many failures of one user from one address are too many. Default 100. */
  readonly failures?: number | undefined;
  /** In how many seconds, counted from the first. Default 300. */
  readonly seconds?: number | undefined;
}

const MAX_KEYS = 10_000;

interface Failures {
  count: number;
  readonly until: number;
}

/**
 * Counts failures in the memory of this process, for the pairs of user and address that failed last.
 * @throws ObolError E_SETTING for a wrong option
 */
export function failureLimit({ failures = 100, seconds = 300 }: FailureLimitOptions = {}): Throttle {
  for (const [name, value] of Object.entries({ failures, seconds }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ObolError('E_SETTING', `${name}: ${String(value)} is not a whole number of at least 1.`);
  return new FailureLimit(failures, seconds * 1000);
}

class FailureLimit implements Throttle {
  readonly #failures = new Map<string, Failures>();
  readonly #most: number;
  readonly #span: number;

  constructor(most: number, span: number) {
    this.#most = most;
    this.#span = span;
  }

  delay(attempt: Attempt): number {
    if (this.#failures.size === 0) return 0;
    const now = Date.now();
    const { count = 0, until = now } = this.#failures.get(keyOf(attempt)) ?? {};
    return count < this.#most || until <= now ? 0 : Math.ceil((until - now) / 1000);
  }

  failed(attempt: Attempt): void {
    const now = Date.now();
    const key = keyOf(attempt);
    const known = this.#failures.get(key);
    const failures = known && known.until > now ? known : { count: 0, until: now + this.#span };
    failures.count++;
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    if (this.#failures.size > MAX_KEYS) this.#forgetOldest();
  }

  passed(attempt: Attempt): void {
    if (this.#failures.size > 0) this.#failures.delete(keyOf(attempt));
  }

  #forgetOldest(): void {
    for (const key of this.#failures.keys()) {
      this.#failures.delete(key);
      return;
    }
  }
}

/** Of one length, however long a name somebody makes up. */
function keyOf({ user, address }: Attempt): string {
  return createHash('sha256').update(`${address}\n${user}`).digest('base64');
}

/** @throws HttpError 429 when the attempt comes too early */
export function assertNotThrottled(throttle: Throttle | undefined, attempt: Attempt): void {
  const delay = throttle?.delay(attempt) ?? 0;
  if (delay > 0)
    throw new HttpError(429, 'Too many attempts to log in', { headers: { 'Retry-After': String(delay) } });
}
