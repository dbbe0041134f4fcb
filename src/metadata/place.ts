/** Remembers where in the user's code a decorator stands, so that errors can say it. */

/** A stack captured when a decorator ran; made into text only when asked for. */
export class Place {
  readonly #trace: { stack?: string } = {};

  readonly #skipped: number;

  /**
   * @param below the function whose caller is the place
   * @param skipped how many callers further up it is
   */
  constructor(below: (...args: never[]) => unknown, skipped = 0) {
    this.#skipped = skipped;
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = skipped + 1;
    Error.captureStackTrace(this.#trace, below);
    Error.stackTraceLimit = limit;
  }

  /** `file:line:column`; `''` when the engine kept no stack. */
  toString(): string {
    const frame = this.#trace.stack?.split('\n')[this.#skipped + 1] ?? '';
    const location = /\(?((?:file:\/\/)?[^\s(]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? '';
    return location.startsWith('file://') ? decodeURIComponent(location.slice('file://'.length)) : location;
  }
}
