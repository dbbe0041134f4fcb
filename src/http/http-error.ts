/** The errors that mean an answer: a status, what the client may read about it, and the headers it must carry. */
import { brand, isInstance } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { isFinalStatus, reasonPhrase } from './status.js';

/** What an {@link HttpError} carries besides its status. */
export interface HttpErrorOptions extends ErrorOptions {
  /** Headers of the answer, such as `Allow` or `Retry-After`. Default none. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Whether the client may read the message. Default: for every status below 500. */
  readonly expose?: boolean;
  /** For the log alone: what was seen, and what to do about it. Default none. */
  readonly hint?: string | undefined;
}

/**
 * Throw it anywhere to answer with a status: the state handler of that status makes the page, else Obol does.
 * @throws ObolError E_STATUS when the status is not a whole number from 200 to 599
 */
export class HttpError extends Error {
  static {
    brand(this, 'HttpError');
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(value, this);
  }

  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly expose: boolean;
  /** For the log alone: what was seen, and what to do about it. */
  readonly hint: string | undefined;

  constructor(status: number, detail?: string, options: HttpErrorOptions = {}) {
    if (!isFinalStatus(status)) {
      throw new ObolError(
        'E_STATUS',
        `${String(status)} is not a status that a response can have; use 200 to 599.`,
      );
    }
    super(detail ?? reasonPhrase(status), options);
    this.name = new.target.name;
    this.status = status;
    this.headers = options.headers ?? {};
    this.expose = options.expose ?? status < 500;
    this.hint = options.hint;
  }
}
