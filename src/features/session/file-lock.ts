/** One at a time: among the callers of this process by a queue, among processes by a lock file. */
import { holdLock, type LockTerms } from '../../files/file-lock.js';

/** Work under one takes a few milliseconds, and requests wait for it. */
const TERMS: LockTerms = { patience: 900, interval: 5, leftBehind: 10_000 };

export class FileLocks {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Does the work while nobody else holds the lock. @param path of the lock file @throws LockHeld after a second */
  async hold<T>(path: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(path);
    const turn = before ? before.then(() => holdLock(path, work, TERMS)) : holdLock(path, work, TERMS);
    const tail = turn.catch(() => undefined);
    this.#tails.set(path, tail);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(path) === tail) this.#tails.delete(path);
    }
  }
}
