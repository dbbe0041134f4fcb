/** Tells how far an upload has come. */
import type { UploadProgress } from './form-options.js';

/** Counts what arrives and reports it. */
export class ProgressMeter {
  /** The file that is arriving. */
  filename: string | undefined;
  readonly #total: number | undefined;
  readonly #report: ((progress: UploadProgress) => void) | undefined;
  #received = 0;
  #began = 0;

  constructor(total: number | undefined, report: ((progress: UploadProgress) => void) | undefined) {
    this.#total = total;
    this.#report = report;
  }

  advance(bytes: number): void {
    if (!this.#report) return;
    const now = performance.now();
    if (this.#received === 0) this.#began = now;
    this.#received += bytes;
    const seconds = Math.max((now - this.#began) / 1000, 0.001);
    this.#report({
      received: this.#received,
      total: this.#total,
      rate: this.#received / seconds,
      filename: this.filename,
    });
  }
}
