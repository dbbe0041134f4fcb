/** Where failures are counted: in memory, or wherever several processes can count together. */
import type { Feature } from '../../kit.js';

/** How often, and for how long that is remembered. */
export interface ThrottleCount {
  readonly count: number;
  /** Milliseconds until it is forgotten. */
  readonly remaining: number;
}

/**
 * Counts by key. Each method is one step that no other can come between, as one command or script of Redis is. A store
 * that cannot answer rejects with `HttpError(503)`, and no client gets in.
 */
export interface ThrottleStore {
  /** True as long as there is nothing in it, so that it need not be asked; a store that cannot know leaves it out. */
  readonly isEmpty?: boolean;
  /** Features that it works with, such as its connection. */
  readonly needs?: Feature['needs'];
  /** The count of a key; undefined when there is none. */
  get(key: string): ThrottleCount | undefined | Promise<ThrottleCount | undefined>;
  /** Counts one more. @param lifetime milliseconds that a key is remembered which was not there; others keep theirs */
  increment(key: string, lifetime: number): ThrottleCount | Promise<ThrottleCount>;
  /** Counts one less. A count that comes to 0 is forgotten, and one that is not there stays so. */
  decrement(key: string): void | Promise<void>;
  /** Remembers a key for so many milliseconds from now, if it is there. */
  expire(key: string, lifetime: number): void | Promise<void>;
  /** Forgets a key. */
  reset(key: string): void | Promise<void>;
}
