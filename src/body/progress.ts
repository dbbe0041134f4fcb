/** How far the reading of a form has come, for those who follow it. */

/** How far the reading of a form has come. */
export interface UploadProgress {
  /** Bytes of the body that have arrived. */
  readonly received: number;
  /** Bytes of the whole body; undefined when the client did not say. */
  readonly total: number | undefined;
  /** Bytes per second, on average since the reading began. */
  readonly rate: number;
  /** The file that came last, or is still coming; undefined before the first. */
  readonly filename: string | undefined;
}

/** What is known of a form: written by its reader, without a call for each chunk when nothing follows it. */
export interface FormReading {
  state: 'waiting' | 'running' | 'complete' | 'failed';
  /** Bytes of the whole body; undefined when the client did not say. */
  total: number | undefined;
  received: number;
  /** Milliseconds, by `performance.now()`: when the reading began, and when more last arrived. */
  began: number;
  now: number;
  /** The file that came last, or is still coming. */
  filename: string | undefined;
  /** Called when any of it has changed. */
  onChange: (() => void) | undefined;
}

/** A form of which nothing has been read. */
export const UNREAD: Readonly<FormReading> = {
  state: 'waiting',
  total: undefined,
  received: 0,
  began: 0,
  now: 0,
  filename: undefined,
  onChange: undefined,
};

/** The figures of this moment. */
export function figuresOf({ received, total, began, now, filename }: FormReading): UploadProgress {
  const seconds = Math.max((now - began) / 1000, 0.001);
  return { received, total, rate: received / seconds, filename };
}

/**
 * The progress of one form: counted by its reader, followed by any number of others.
 *
 * Iterating gives the latest figures whenever they have changed since the last ones taken, and ends when the form was
 * read, or could not be. Who is slow misses figures, never the last ones.
 *
 * @example
 * ```ts
 * const reading = req.readForm();
 * for await (const { received, total } of req.progress) console.log(received, total);
 * const form = await reading;
 * ```
 */
export class FormProgress implements AsyncIterable<UploadProgress> {
  readonly #reading: FormReading;
  #isAbandoned = false;
  #followers: (() => void)[] = [];

  constructor(reading: FormReading) {
    this.#reading = reading;
    reading.onChange = () => {
      this.#wake();
    };
  }

  get state(): 'waiting' | 'running' | 'complete' | 'failed' {
    return this.#reading.state;
  }

  /** The figures of this moment; undefined until the first bytes have arrived. */
  get latest(): UploadProgress | undefined {
    return this.#reading.received === 0 ? undefined : figuresOf(this.#reading);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<UploadProgress, void, undefined> {
    for (let taken = 0; ;) {
      if (this.#reading.received > taken) {
        taken = this.#reading.received;
        yield figuresOf(this.#reading);
      } else if (this.#isOver) return;
      else await new Promise<void>((resolve) => this.#followers.push(resolve));
    }
  }

  /** For the request, when it is over: who still waits for a form to begin waits for nothing. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#wake();
  }

  get #isOver(): boolean {
    const { state } = this.#reading;
    return state === 'complete' || state === 'failed' || (this.#isAbandoned && state === 'waiting');
  }

  #wake(): void {
    const followers = this.#followers;
    this.#followers = [];
    for (const wake of followers) wake();
  }
}
