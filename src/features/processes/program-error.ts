/** Why a program gave no complete output. */

/** `unstartable`: the system did not run it; `time`: it took too long; `stopped`: its output is not wanted any more. */
type Reason = 'unstartable' | 'time' | 'stopped';

/** A program that was not started, or was ended before its time. */
export class ProgramError extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProgramError';
    this.reason = reason;
  }

  /** What the system said, such as `EACCES`; undefined where it said nothing. */
  get systemCode(): string | undefined {
    return (this.cause as NodeJS.ErrnoException | undefined)?.code;
  }
}
