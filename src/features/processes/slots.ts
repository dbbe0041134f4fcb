/** Places for what can be done a few times at once, and a queue for those that wait for one. */
import { HttpError } from '../../kit.js';

/** Seconds after which a client that was turned away may come again. */
const RETRY_AFTER = '1';

/** One that waits for a place. */
interface Waiter {
  enter(): void;
  turnAway(error: Error): void;
}

/** Places, given out in the order in which they were asked for. */
export class Slots {
  readonly #waiting = new Set<Waiter>();
  readonly #full: string;
  #queue: number;
  #free: number;

  /** @param count of places @param queue how many may wait for one @param full what is said to those that may not */
  constructor(count: number, queue: number, full = 'Too many programs are running; come again') {
    this.#free = count;
    this.#queue = queue;
    this.#full = full;
  }

  /** Takes a place if one is free. */
  takeNow(): boolean {
    if (this.#free <= 0) return false;
    this.#free--;
    return true;
  }

  /**
   * Waits for a place, which is given back with {@link release}.
   * @throws HttpError 503 when too many wait already; the reason of the signal
   */
  async take(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.takeNow()) return;
    if (this.#waiting.size >= this.#queue) throw this.#tooMany();
    await this.#wait(signal);
  }

  /** Gives a place back: to the one who waits longest. */
  release(): void {
    const [first] = this.#waiting;
    if (first) first.enter();
    else this.#free++;
  }

  /** Turns away all that wait, and all that come. */
  close(): void {
    this.#free = -Infinity;
    this.#queue = 0;
    for (const waiter of this.#waiting) waiter.turnAway(this.#tooMany());
  }

  #wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiter.turnAway(signal?.reason as Error);
      };
      const end = (): void => {
        this.#waiting.delete(waiter);
        signal?.removeEventListener('abort', leave);
      };
      const waiter: Waiter = {
        enter: () => {
          end();
          resolve();
        },
        turnAway: (error) => {
          end();
          reject(error);
        },
      };
      this.#waiting.add(waiter);
      signal?.addEventListener('abort', leave);
    });
  }

  #tooMany(): HttpError {
    return new HttpError(503, this.#full, { headers: { 'Retry-After': RETRY_AFTER }, expose: true });
  }
}
