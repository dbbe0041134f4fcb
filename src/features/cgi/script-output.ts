/** What a script writes, as its answer is read from it: by a pipe or by a connection. */

export interface ScriptOutput {
  /** The next piece; undefined when there is no more. @throws Error for one that was stopped, or took too long */
  read(): Promise<Buffer | undefined>;
  /** No more than that many bytes are waited for where it is gone. */
  expect(bytes: number): void;
  /** When there is no more: how its script ended. @throws Error as `read` does */
  end(): Promise<Ending>;
  /** May be called at any time. */
  stop(): void;
}

/** How a script ended. */
interface Ending {
  /** Null where a signal has ended it. */
  readonly code: number | null;
  readonly signal: string | null;
}
