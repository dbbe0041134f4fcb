/** Nonces with which somebody was let in a moment ago, so that what was proved then need not be worked out anew. */
import { copyOf } from './nonce-store.js';
import type { NoncePurpose, ReadNonce } from './nonce.js';

/** What a nonce has proved, together with a right response. */
export interface ProvenNonce extends NoncePurpose {
  readonly nonce: ReadNonce;
  /** Who was let in: whoever has the nonce need not be kept from knowing that there is such a user. */
  readonly user: string;
}

const CAPACITY = 10_000;

/** In the memory of this process, and never more than {@link CAPACITY}: a nonce that is not there is only slower. */
export class ProvenNonces {
  readonly #proven = new Map<string, ProvenNonce>();

  /** @returns undefined also for one that was proved for another realm or algorithm */
  find(text: string, { realm, algorithm }: NoncePurpose): ProvenNonce | undefined {
    const proven = this.#proven.get(text);
    return proven?.realm === realm && proven.algorithm === algorithm ? proven : undefined;
  }

  add(text: string, proven: ProvenNonce): void {
    if (this.#proven.size >= CAPACITY) this.#proven.clear();
    this.#proven.set(copyOf(text), { ...proven, user: copyOf(proven.user) });
  }
}
