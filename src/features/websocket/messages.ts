/** The messages of a client in order, read no faster than they are taken. */

/** Text, or the bytes of a binary message. */
export type Message = string | Buffer;

/** What the messages come from. */
interface Source {
  pause(): void;
  resume(): void;
}

/** The next message, or that there will be none. */
export type Step = IteratorResult<Message, undefined>;

type Take = (step: Step) => void;

/** Bytes that may wait to be taken before the client is not read any further. */
const MAX_WAITING = 64 * 1024;
/** What a message takes besides its bytes. */
const OVERHEAD = 64;
const DONE: Step = { done: true, value: undefined };

/** An iterable of what comes, which ends where the connection does. It is read once. */
export class Messages implements AsyncIterableIterator<Message, undefined> {
  readonly #source: Source;
  readonly #queue: Message[] = [];
  /** What waits for a message: one as a rule, so that a list is made for others alone. */
  #take: Take | undefined;
  #others: Take[] | undefined;
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
    const take = this.#take;
    if (take) {
      this.#take = this.#others?.shift();
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
    const waiting = this.#take ? [this.#take, ...(this.#others ?? [])] : [];
    this.#take = this.#others = undefined;
    for (const take of waiting) take(DONE);
  }

  /** What there is to take already. */
  ready(): Step | undefined {
    const message = this.#queue.shift();
    if (message === undefined) return this.#isOver ? DONE : undefined;
    this.#size -= sizeOf(message);
    if (this.#size <= MAX_WAITING) this.#resume();
    return { done: false, value: message };
  }

  /** Where nothing is ready: hands over what comes next. */
  whenNext(take: Take): void {
    if (this.#take) (this.#others ??= []).push(take);
    else this.#take = take;
  }

  next(): Promise<Step> {
    const step = this.ready();
    if (step) return Promise.resolve(step);
    return new Promise((resolve) => {
      this.whenNext(resolve);
    });
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
