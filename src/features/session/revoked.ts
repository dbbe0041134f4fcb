/** Sessions that were ended before their time, for those kept in cookies, of which any client may have a copy. */
import { assertSetting, epochSeconds, rule } from '../../kit.js';

/** Remembers ids of sessions until these would have ended by themselves. */
export interface Revocations {
  /** @param until seconds since the epoch */
  add(id: string, until: number): void;
  has(id: string): boolean;
}

/**
 * Keeps them in the memory of this process: those of other processes, and those before a restart, it does not know.
 * @example
 * ```ts
 * sessions({ keys, revoked: new RevokedSessions() })
 * ```
 */
export class RevokedSessions implements Revocations {
  readonly #until = new Map<string, number>();
  readonly #size: number;

  /** @param size how many at most; with more, the oldest are forgotten. Default 100,000 */
  constructor(size = 100_000) {
    assertSetting('RevokedSessions', size, rule.whole('sessions'));
    this.#size = size;
  }

  add(id: string, until: number): void {
    if (this.#until.size >= this.#size) this.#makeRoom();
    this.#until.set(id, until);
  }

  has(id: string): boolean {
    return this.#until.has(id);
  }

  /** What has ended goes first; when nothing has, the oldest tenth. */
  #makeRoom(): void {
    const now = epochSeconds();
    for (const [id, until] of this.#until) if (until <= now) this.#until.delete(id);
    let surplus = this.#until.size - this.#size;
    if (surplus < 0) return;
    surplus += Math.ceil(this.#size / 10);
    for (const id of this.#until.keys()) {
      if (surplus-- <= 0) return;
      this.#until.delete(id);
    }
  }
}
