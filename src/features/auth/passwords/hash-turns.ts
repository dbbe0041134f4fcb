/** Turns for work that keeps a core busy: a few at a time, a few more wait, and the rest is sent away. */
import { HttpError } from '../../../kit.js';

/** Lets so many run at once, and so many wait. */
export class Turns {
  readonly #most: number;
  readonly #places: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(most: number, places: number) {
    this.#most = most;
    this.#places = places;
  }

  /** Does the work when it is its turn. @throws HttpError 503 when too many wait already */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) await this.#wait();
    else this.#running++;
    try {
      return await work();
    } finally {
      // The next that waits takes over the place, so that none comes between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= this.#places)
      throw new HttpError(503, 'Too many log-ins at once', { headers: { 'Retry-After': '1' } });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
