/** The errors that mean an answer: a status, what the client may read about it, and the headers it must carry. */
import { brand, isInstance } from '../ground/brand.js';
import { isFieldValue, isToken } from './grammar.js';
import { checkStatus, reasonPhrase } from './status.js';
import { noHeaders, wrongName, wrongValue } from './wrong-fields.js';

/** What an {@link HttpError} carries besides its status. */
export interface HttpErrorOptions extends ErrorOptions {
  /** Headers of the answer, such as `Allow` or `Retry-After`. Default none. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Whether the client may read the message. Default: for every status below 500. */
  readonly expose?: boolean;
  /** For the log alone: what was seen, and what to do about it. Default none. */
  readonly hint?: string | undefined;
  /** More members of the JSON problem that clients get (RFC 9457 3.2), such as `type`, or a list of mistakes. Default none. */
  readonly members?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Throw it anywhere to answer with a status: the state handler of that status makes the page, else Obol does.
 * @throws ObolError E_STATUS when the status is not a whole number from 200 to 599; E_HEADERS, E_HEADER_NAME or E_HEADER_VALUE for
 * headers that could not be sent
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
  /** More members of the JSON problem that clients get (RFC 9457 3.2). */
  readonly members: Readonly<Record<string, unknown>> | undefined;

  constructor(status: number, detail?: string, options: HttpErrorOptions = {}) {
    checkStatus(status);
    super(detail ?? reasonPhrase(status), options);
    this.name = new.target.name;
    this.status = status;
    if (options.headers) checkFields(options.headers);
    this.headers = options.headers ?? {};
    this.expose = options.expose ?? status < 500;
    this.hint = options.hint;
    this.members = options.members;
  }
}

/** Where they are written: when the error is answered, it is too late for an error about it. */
function checkFields(headers: Readonly<Record<string, unknown>>): void {
  if (typeof headers !== 'object' || Symbol.iterator in headers) throw noHeaders(headers, false);
  for (const [name, values] of Object.entries(headers)) {
    if (!isToken(name)) throw wrongName(name);
    for (const value of [values].flat())
      if (typeof value !== 'number' && (typeof value !== 'string' || !isFieldValue(value)))
        throw wrongValue(name, value);
  }
}
