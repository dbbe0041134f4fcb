/** A queue between what writes when it pleases and one reader. */

const nothing = (): void => undefined;

/** What is added is read in its order; {@link taken} lets a writer wait for the reader. */
export class EventQueue<T extends object> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #isOver = false;
  #hasLeft = false;
  #isWaiting = false;
  #wakeReader = nothing;
  #wakeWriter = nothing;

  add(item: T): void {
    if (this.#hasLeft) return;
    this.#items.push(item);
    this.#wakeReader();
  }

  /** No more is added. */
  end(): void {
    this.#isOver = true;
    this.#wakeReader();
  }

  /** Fulfilled when the reader waits for more, as it may do already, or has left. For one writer. */
  taken(): Promise<void> {
    if (this.#hasLeft || (this.#isWaiting && this.#items.length === 0)) return Promise.resolve();
    return new Promise((resolve) => (this.#wakeWriter = resolve));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item) yield item;
        else if (this.#isOver) return;
        else await this.#wait();
      }
    } finally {
      this.#hasLeft = true;
      this.#wakeWriter();
    }
  }

  async #wait(): Promise<void> {
    this.#isWaiting = true;
    this.#wakeWriter();
    await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    this.#isWaiting = false;
  }
}
