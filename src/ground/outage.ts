/** The log of something that may be away: one warning when it goes and one when it is back. */
import type { Log, Logger } from './log/log.js';
import { logOf } from './log/logger.js';

/** What the two lines say. */
export interface OutageLines {
  /** The reason is added, after a colon. */
  readonly away: string;
  readonly back: string;
}

/** However many requests an outage meets, and in however many ways, it is one warning; all else is for debugging. */
export class Outage {
  readonly #log: Log;
  readonly #lines: OutageLines;
  readonly #failing = new Set<string>();

  constructor(logger: Logger, lines: OutageLines) {
    this.#log = logOf(logger);
    this.#lines = lines;
  }

  /** Whether anything fails. */
  get isOn(): boolean {
    return this.#failing.size > 0;
  }

  /** @param reason fit for a log @param part of several that fail and work each by itself */
  began(reason: string, part = ''): void {
    this.#log[this.isOn ? 'debug' : 'warn'](`${this.#lines.away}: ${reason}`);
    this.#failing.add(part);
  }

  /** Reports that it is over when no other part fails. */
  ended(part = ''): void {
    if (this.#failing.delete(part) && !this.isOn) this.#log.warn(this.#lines.back);
  }

  /** Whatever failed does not matter any more. */
  forget(): void {
    this.#failing.clear();
  }
}
