/** Counts in the memory of this process, for a given number of keys, and without a timer. */
import { checkOptions, rule, type Rules } from '../../kit.js';
import type { ThrottleCount, ThrottleStore } from './store.js';

export interface MemoryThrottleStoreOptions {
  /** How many keys are remembered that are being counted, and as many again that are blocked. Default 10,000. */
  readonly size?: number | undefined;
  /** Milliseconds since any moment. Default a clock that cannot be set back. */
  readonly now?: (() => number) | undefined;
}

interface Entry {
  count: number;
  until: number;
}

const SIZE = 10_000;
const RULES: Rules<MemoryThrottleStoreOptions> = {
  size: rule.whole('keys'),
  now: rule.callable('() => number'),
};

/**
 * Counts in the memory of this process. Of too many keys, it forgets those that were not counted for the longest time.
 * @throws ObolError E_SETTING for a wrong size
 */
export function memoryThrottleStore(options: MemoryThrottleStoreOptions = {}): MemoryThrottleStore {
  checkOptions('memoryThrottleStore', options, RULES);
  const { size = SIZE, now = () => performance.now() } = options;
  return new MemoryThrottleStore(size, now);
}

/** A store that answers at once, for one process. */
export class MemoryThrottleStore implements ThrottleStore {
  /** Least recently counted first, as in `#blocked`. */
  readonly #counting = new Map<string, Entry>();
  /** Apart, so that no client can push a blocked key out by failing with many others. */
  readonly #blocked = new Map<string, Entry>();
  readonly #size: number;
  readonly #now: () => number;
  /** When the last of all keys is forgotten. */
  #until = -Infinity;
  /** Whether nothing is remembered, as far as was seen: that a time is over is noticed when a key is asked for. */
  isEmpty = true;

  constructor(size: number, now: () => number) {
    this.#size = size;
    this.#now = now;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#counting.size + this.#blocked.size;
  }

  get(key: string): ThrottleCount | undefined {
    const entry = this.#find(key);
    return entry && this.#countOf(entry);
  }

  increment(key: string, lifetime: number): ThrottleCount {
    const entry = this.#find(key) ?? { count: 0, until: this.#now() + lifetime };
    entry.count++;
    this.#remember(key, entry, this.#blocked.has(key) ? this.#blocked : this.#counting);
    return this.#countOf(entry);
  }

  decrement(key: string): void {
    const entry = this.#find(key);
    if (entry && --entry.count <= 0) this.reset(key);
  }

  expire(key: string, lifetime: number): void {
    const entry = this.#find(key);
    if (!entry) return;
    entry.until = this.#now() + lifetime;
    this.#counting.delete(key);
    this.#remember(key, entry, this.#blocked);
  }

  reset(key: string): void {
    this.#counting.delete(key);
    this.#blocked.delete(key);
    this.isEmpty = this.size === 0;
  }

  #find(key: string): Entry | undefined {
    const now = this.#now();
    if (this.#until <= now) this.#forgetAll();
    const entry = this.#blocked.get(key) ?? this.#counting.get(key);
    if (!entry || entry.until > now) return entry;
    this.reset(key);
    return undefined;
  }

  #forgetAll(): void {
    this.#counting.clear();
    this.#blocked.clear();
    this.isEmpty = true;
  }

  #remember(key: string, entry: Entry, entries: Map<string, Entry>): void {
    this.#until = Math.max(this.#until, entry.until);
    this.isEmpty = false;
    entries.delete(key);
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > this.#size && oldest !== undefined) entries.delete(oldest);
  }

  #countOf({ count, until }: Entry): ThrottleCount {
    return { count, remaining: until - this.#now() };
  }
}
