/** Tells how far the reading of a form has come, to whoever follows it. */

/** How far the reading of a form has come. */
export interface UploadProgress {
  /** Bytes of the body that have arrived. */
  readonly received: number;
  /** Bytes of the whole body; undefined when the client did not say. */
  readonly total: number | undefined;
  /** Bytes per second, on average since the first one. */
  readonly rate: number;
  /** The file that came last, or is still coming; undefined before the first. */
  readonly filename: string | undefined;
}

/**
 * The progress of one form: counted by its reader, followed by any number of others.
 *
 * Iterating gives the latest figures whenever they have changed since the last ones taken, and ends when the form was
 * read, or could not be. Who is slow misses figures, never the last ones.
 *
 * @example
 * const reading = req.readForm();
 * for await (const { received, total } of req.progress) console.log(received, total);
 * const form = await reading;
 */
export class FormProgress implements AsyncIterable<UploadProgress> {
  #state: 'waiting' | 'running' | 'complete' | 'failed' = 'waiting';
  #isAbandoned = false;
  #total: number | undefined;
  #received = 0;
  #began = 0;
  #now = 0;
  #filename: string | undefined;
  #report: ((progress: UploadProgress) => void) | undefined;
  #followers: (() => void)[] = [];

  get state(): 'waiting' | 'running' | 'complete' | 'failed' {
    return this.#state;
  }

  /** The figures of this moment; undefined until the first bytes have arrived. */
  get latest(): UploadProgress | undefined {
    return this.#received === 0 ? undefined : this.#figures();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<UploadProgress, void, undefined> {
    for (let taken = 0; ;) {
      if (this.#received > taken) {
        taken = this.#received;
        yield this.#figures();
      } else if (this.#isOver) return;
      else await new Promise<void>((resolve) => this.#followers.push(resolve));
    }
  }

  /**
   * For the reader: the body begins.
   * @param total its bytes, when the client said
   * @param report called with the figures whenever more has arrived
   */
  begin(total: number | undefined, report?: (progress: UploadProgress) => void): void {
    this.#state = 'running';
    this.#total = total;
    this.#report = report;
  }

  /** For the reader: a file begins. */
  beginFile(filename: string): void {
    this.#filename = filename;
  }

  /** For the reader: more of the body has arrived. What the callback throws goes on. */
  advance(bytes: number): void {
    this.#now = performance.now();
    if (this.#received === 0) this.#began = this.#now;
    this.#received += bytes;
    this.#wake();
    this.#report?.(this.#figures());
  }

  /** For the reader: nothing more comes. What was said first stays. */
  end(state: 'complete' | 'failed'): void {
    if (this.#state === 'complete' || this.#state === 'failed') return;
    this.#state = state;
    this.#wake();
  }

  #figures(): UploadProgress {
    const seconds = Math.max((this.#now - this.#began) / 1000, 0.001);
    return {
      received: this.#received,
      total: this.#total,
      rate: this.#received / seconds,
      filename: this.#filename,
    };
  }

  /** For the request, when it is over: who still waits for a form to begin waits for nothing. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#wake();
  }

  get #isOver(): boolean {
    const isRead = this.#state === 'complete' || this.#state === 'failed';
    return isRead || (this.#isAbandoned && this.#state === 'waiting');
  }

  #wake(): void {
    if (this.#followers.length === 0) return;
    const followers = this.#followers;
    this.#followers = [];
    for (const wake of followers) wake();
  }
}
