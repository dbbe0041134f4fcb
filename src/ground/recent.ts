/** A bounded memory of what was in use a moment ago. */
import { copyOf } from './copy-of.js';

/** How much one generation holds; there are two. */
export interface RecentLimits {
  readonly entries: number;
  /** Of all keys together. Default: no limit. */
  readonly characters?: number;
}

/**
 * Remembers values by text, in two generations: when the younger one is full, the older one is forgotten, and what is still
 * in use has moved to the younger one by then. Printing it shows nothing.
 */
export class Recent<V extends object> {
  #younger = new Map<string, V>();
  #older = new Map<string, V>();
  #characters = 0;
  readonly #limits: Required<RecentLimits>;

  constructor({ entries, characters = Infinity }: RecentLimits) {
    this.#limits = { entries, characters };
  }

  /** How many it remembers; what stands in both generations counts twice. */
  get size(): number {
    return this.#younger.size + this.#older.size;
  }

  /** @returns undefined for what it does not know */
  get(key: string): V | undefined {
    const young = this.#younger.get(key);
    if (young) return young;
    const old = this.#older.get(key);
    if (old) this.set(copyOf(key), old);
    return old;
  }

  /** @param key no part of a longer text, which would be kept as a whole */
  set(key: string, value: V): void {
    const { entries, characters } = this.#limits;
    this.#characters += key.length;
    if (this.#younger.size >= entries || this.#characters > characters) this.#begin(key.length);
    this.#younger.set(key, value);
  }

  #begin(characters: number): void {
    this.#older = this.#younger;
    this.#younger = new Map();
    this.#characters = characters;
  }
}
