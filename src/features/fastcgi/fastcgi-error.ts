/** Why a FastCGI server gave no whole answer. */

/** What the client gets: 502, 503 where the server has no room, 504 where it took too long. */
type Status = 502 | 503 | 504;

/** Its message stands behind the name of what has failed, and goes to the log only. */
export class FastcgiError extends Error {
  readonly status: Status;

  constructor(status: Status, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FastcgiError';
    this.status = status;
  }
}

/** A connection that ended before the answer did. */
export class LostConnection extends FastcgiError {
  constructor(message: string, options?: ErrorOptions) {
    super(502, message, options);
    this.name = 'LostConnection';
  }
}
