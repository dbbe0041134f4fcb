/** Which counts of which nonces were used: what stands between a digest and its replay. */
import { checkOptions, copyOf, type Feature, rule } from '../../../kit.js';

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
   * @returns false when that count was used before, is too far behind, or is no longer known
   */
  use(use: NonceUse): boolean | Promise<boolean>;
  /** Features that it works with, such as its connection. */
  readonly needs?: Feature['needs'];
  /** The application is complete, and answers nothing yet. */
  start?(): void | Promise<void>;
  /** The application has closed. */
  close?(): void | Promise<void>;
}

/** How far a count may be behind the highest. */
const WINDOW = 64;
const WORD = 32;

interface Uses {
  readonly nonce: string;
  readonly issuedAt: number;
  highest: number;
  /** Bit n: whether the count n below the highest was used. */
  recent: number;
  /** Bit n: whether the count n + 32 below the highest was. */
  older: number;
}

export interface MemoryNonceStoreOptions {
  /** How many nonces it remembers. Default 10,000. */
  readonly size?: number | undefined;
}

/**
 * Remembers the nonces that were used last in the memory of this process.
 * @throws ObolError E_SETTING for a wrong size
 *
 * @example
 * ```ts
 * digest({ secretKey, authMap, nonceStore: memoryNonceStore({ size: 100_000 }) })
 * ```
 */
export function memoryNonceStore(options: MemoryNonceStoreOptions = {}): MemoryNonceStore {
  checkOptions('memoryNonceStore', options, { size: rule.whole('nonces') });
  return new MemoryNonceStore(options.size ?? 10_000);
}

/** A store that answers at once, for one process. */
export class MemoryNonceStore implements NonceStore {
  readonly isShared = false;
  /** Least recently used first. */
  readonly #uses = new Map<string, Uses>();
  readonly #capacity: number;
  /** Nonces up to this age were forgotten, so an unknown one may have been used before. */
  #forgottenUntil = -Infinity;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many nonces it remembers. */
  get size(): number {
    return this.#uses.size;
  }

  use({ nonce, count, issuedAt }: NonceUse): boolean {
    const uses = this.#uses.get(nonce);
    if (!uses) return this.#useFirst(nonce, count, issuedAt);
    if (!mark(uses, count)) return false;
    this.#uses.delete(nonce);
    this.#uses.set(uses.nonce, uses);
    return true;
  }

  #useFirst(text: string, count: number, issuedAt: number): boolean {
    if (issuedAt <= this.#forgottenUntil) return false;
    const nonce = copyOf(text);
    this.#uses.set(nonce, { nonce, issuedAt, highest: count, recent: 1, older: 0 });
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

/** Whether the count is new; from now on it is not. */
function mark(uses: Uses, count: number): boolean {
  const ahead = count - uses.highest;
  if (ahead > 0) advance(uses, ahead);
  const behind = uses.highest - count;
  if (behind >= WINDOW) return false;
  const bit = 1 << (behind % WORD);
  const word = behind < WORD ? 'recent' : 'older';
  if ((uses[word] & bit) !== 0) return false;
  uses[word] |= bit;
  return true;
}

/** Moves the window up; the new highest count is not marked yet. */
function advance(uses: Uses, by: number): void {
  uses.highest += by;
  if (by < WORD) {
    uses.older = (uses.older << by) | (uses.recent >>> (WORD - by));
    uses.recent <<= by;
  } else {
    uses.older = by < WINDOW ? uses.recent << (by - WORD) : 0;
    uses.recent = 0;
  }
}
