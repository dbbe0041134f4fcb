/** The messages of a client in order, read no faster than they are taken. */

/** Text, or the bytes of a binary message. */
export type Message = string | Buffer;

/** What the messages come from. */
interface Source {
  pause(): void;
  resume(): void;
}

type Step = IteratorResult<Message, undefined>;

/** Bytes that may wait to be taken before the client is not read any further. */
const MAX_WAITING = 64 * 1024;
/** What a message takes besides its bytes. */
const OVERHEAD = 64;
const DONE: Step = { done: true, value: undefined };

/** An iterable of what comes, which ends where the connection does. It is read once. */
export class Messages implements AsyncIterableIterator<Message, undefined> {
  readonly #source: Source;
  readonly #queue: Message[] = [];
  #waiting: ((step: Step) => void)[] = [];
  #size = 0;
  #isPaused = false;
  /** Nothing more is kept: it is over, or not wanted. */
  #isOver = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Whether the client is not read at the moment. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  push(message: Message): void {
    if (this.#isOver) return;
    const take = this.#waiting.shift();
    if (take) {
      take({ done: false, value: message });
      return;
    }
    this.#queue.push(message);
    this.#size += sizeOf(message);
    if (this.#size > MAX_WAITING && !this.#isPaused) {
      this.#isPaused = true;
      this.#source.pause();
    }
  }

  /** No more will come; what waits can still be taken. */
  end(): void {
    this.#isOver = true;
    for (const take of this.#waiting.splice(0)) take(DONE);
  }

  next(): Promise<Step> {
    const message = this.#queue.shift();
    if (message !== undefined) {
      this.#size -= sizeOf(message);
      if (this.#size <= MAX_WAITING) this.#resume();
      return Promise.resolve({ done: false, value: message });
    }
    if (this.#isOver) return Promise.resolve(DONE);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What comes from now on is read and thrown away. */
  return(): Promise<Step> {
    this.#queue.length = this.#size = 0;
    this.end();
    this.#resume();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#source.resume();
  }
}

function sizeOf(message: Message): number {
  return message.length + OVERHEAD;
}
