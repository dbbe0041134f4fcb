/** Remembers where in the user's code a decorator stands, so that errors can say it. */

/** A stack captured when a decorator ran; made into text only when asked for. */
export class Place {
  readonly #trace: { stack?: string } = {};

  /** @param below the function whose caller is the place */
  constructor(below: (...args: never[]) => unknown) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 1;
    Error.captureStackTrace(this.#trace, below);
    Error.stackTraceLimit = limit;
  }

  /** `file:line:column`; `''` when the engine kept no stack. */
  toString(): string {
    const frame = this.#trace.stack?.split('\n')[1] ?? '';
    const location = /\(?((?:file:\/\/)?[^\s(]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? '';
    return location.startsWith('file://') ? decodeURIComponent(location.slice('file://'.length)) : location;
  }
}
