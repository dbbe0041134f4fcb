/** Which counts of which nonces were used: what stands between a digest and its replay. */

/** One use of a nonce that is genuine and not too old. */
export interface NonceUse {
  readonly nonce: string;
  /** The nonce count, 1 or more. */
  readonly count: number;
  /** Milliseconds since the epoch; from `expiresAt` on it is refused anyway, and may be forgotten. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * Remembers the uses of nonces. One that several processes share, such as `redisNonceStore()`, makes a nonce good in all of them;
 * without, each process takes its own nonces only and gives clients of others a new one (`stale=true`).
 */
export interface NonceStore {
  /** Whether all processes with the same secret key use the same memory. */
  readonly isShared: boolean;
  /**
   * Marks a use, in one step. Counts may arrive out of order, as browsers send over several connections: any of the last
   * 64 counts is good, once.
   * @returns false when that count was used before, is too far behind, or nobody knows any more
   */
  use(use: NonceUse): boolean | Promise<boolean>;
  /** The application is complete, and answers nothing yet. */
  start?(): void | Promise<void>;
  /** The application has closed. */
  close?(): void | Promise<void>;
}

/** How far a count may be behind the highest. */
const WINDOW = 64;
const WINDOW_BITS = (1n << BigInt(WINDOW)) - 1n;
const MAX_NONCES = 10_000;

interface Uses {
  readonly issuedAt: number;
  highest: number;
  /** Bit n: whether the count n below the highest was used. */
  seen: bigint;
}

/** In the memory of this process: the nonces that were used last. */
export class MemoryNonceStore implements NonceStore {
  readonly isShared = false;
  readonly #uses = new Map<string, Uses>();
  readonly #capacity: number;
  /** Nonces up to this age were forgotten, so an unknown one may have been used before. */
  #forgottenUntil = -Infinity;

  /** @param capacity how many nonces to remember */
  constructor(capacity = MAX_NONCES) {
    this.#capacity = capacity;
  }

  /** How many nonces it remembers. */
  get size(): number {
    return this.#uses.size;
  }

  use({ nonce, count, issuedAt }: NonceUse): boolean {
    const uses = this.#uses.get(nonce);
    if (!uses) return issuedAt > this.#forgottenUntil && this.#remember(nonce, count, issuedAt);
    if (!mark(uses, count)) return false;
    this.#uses.delete(nonce);
    this.#uses.set(nonce, uses);
    return true;
  }

  #remember(nonce: string, count: number, issuedAt: number): true {
    this.#uses.set(nonce, { issuedAt, highest: count, seen: 1n });
    if (this.#uses.size > this.#capacity) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    for (const [nonce, { issuedAt }] of this.#uses) {
      this.#uses.delete(nonce);
      this.#forgottenUntil = Math.max(this.#forgottenUntil, issuedAt);
      return;
    }
  }
}

function mark(uses: Uses, count: number): boolean {
  const ahead = count - uses.highest;
  if (ahead > 0) {
    uses.seen = ahead >= WINDOW ? 1n : ((uses.seen << BigInt(ahead)) | 1n) & WINDOW_BITS;
    uses.highest = count;
    return true;
  }
  const bit = 1n << BigInt(-ahead);
  if (-ahead >= WINDOW || (uses.seen & bit) !== 0n) return false;
  uses.seen |= bit;
  return true;
}
