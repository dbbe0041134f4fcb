/** Counts in the memory of this process, for as many keys as were told, and without a timer. */
import { assertCount } from '../../ground/whole-number.js';
import type { ThrottleCount, ThrottleStore } from './store.js';

export interface MemoryThrottleStoreOptions {
  /** How many keys are remembered that are being counted, and as many again that are blocked. Default 10,000. */
  readonly size?: number | undefined;
  /** Milliseconds since any moment. Default a clock that nobody can set back. */
  readonly now?: (() => number) | undefined;
}

interface Entry {
  count: number;
  until: number;
}

const SIZE = 10_000;

/** Of too many keys, it forgets those that were not counted for the longest time. */
export class MemoryThrottleStore implements ThrottleStore {
  /** Least recently counted first, as in `#blocked`. */
  readonly #counting = new Map<string, Entry>();
  /** Apart, so that nobody can push a blocked key out by failing with many others. */
  readonly #blocked = new Map<string, Entry>();
  readonly #size: number;
  readonly #now: () => number;
  /** When the last of all keys is forgotten. */
  #until = -Infinity;

  /** @throws ObolError E_SETTING for a wrong size */
  constructor({ size = SIZE, now = () => performance.now() }: MemoryThrottleStoreOptions = {}) {
    assertCount('size', size, 'keys');
    this.#size = size;
    this.#now = now;
  }

  /** Whether nothing is remembered. */
  get isEmpty(): boolean {
    if (this.size > 0 && this.#until <= this.#now()) {
      this.#counting.clear();
      this.#blocked.clear();
    }
    return this.size === 0;
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
  }

  #find(key: string): Entry | undefined {
    const entry = this.#blocked.get(key) ?? this.#counting.get(key);
    if (!entry || entry.until > this.#now()) return entry;
    this.reset(key);
    return undefined;
  }

  #remember(key: string, entry: Entry, entries: Map<string, Entry>): void {
    this.#until = Math.max(this.#until, entry.until);
    entries.delete(key);
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > this.#size && oldest !== undefined) entries.delete(oldest);
  }

  #countOf({ count, until }: Entry): ThrottleCount {
    return { count, remaining: until - this.#now() };
  }
}
