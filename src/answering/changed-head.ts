/** Heads of one request that are changed as they are put together, whichever response they are of. */
import { checkedHeaders, fieldsOf, type Headers } from '../message/headers.js';
import type { Finisher, HeadChange, ResponseHead } from '../message/settings.js';

/** Puts heads together as another does, of headers that were changed; a response itself stays as it is. */
export class ChangedHead implements Finisher {
  readonly #finisher: Finisher;
  readonly #changes: readonly HeadChange[];

  constructor(finisher: Finisher, changes: readonly HeadChange[]) {
    this.#finisher = finisher;
    this.#changes = changes;
  }

  get nonce(): string {
    return this.#finisher.nonce;
  }

  withNonce(nonce: string): ChangedHead {
    return new ChangedHead(this.#finisher.withNonce(nonce), this.#changes);
  }

  withChange(change: HeadChange): ChangedHead {
    return new ChangedHead(this.#finisher, [...this.#changes, change]);
  }

  head(response: ResponseHead): string {
    return this.#finisher.head(this.#changed(response));
  }

  fields(response: ResponseHead): string[] {
    return this.#finisher.fields(this.#changed(response));
  }

  check(response: ResponseHead): void {
    this.#finisher.check(response);
  }

  #changed({ status, contentType, length, headers, asIs = false }: ResponseHead): ResponseHead {
    const own: Headers = checkedHeaders([...fieldsOf(headers)]);
    for (const change of this.#changes) change(own);
    return { status, contentType, length, headers: own, hasHeaders: true, asIs };
  }
}
