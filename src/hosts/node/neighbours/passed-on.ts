/** What a handler has no answer to and another one of the same server may have. */
import { ConnectionResponse } from '../../../message/responses.js';

/** No message: the request is left to whatever comes next on the server. */
export class PassedOn extends ConnectionResponse {
  readonly #next: () => void;

  constructor(next: () => void) {
    super();
    this.#next = next;
  }

  /** For the sender, once this request is over here. */
  passOn(): void {
    this.#next();
  }
}
