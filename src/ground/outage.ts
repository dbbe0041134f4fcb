/** The log of something that may be away: one warning when it goes and one when it is back. */
import { oneLine, type Logger } from './logger.js';

/** What the two lines say. */
export interface OutageLines {
  /** The reason is added, after a colon. */
  readonly away: string;
  readonly back: string;
}

/** However many requests an outage meets, and in however many ways, it is one warning; all else is for debugging. */
export class Outage {
  readonly #logger: Logger;
  readonly #lines: OutageLines;
  readonly #failing = new Set<string>();

  constructor(logger: Logger, lines: OutageLines) {
    this.#logger = logger;
    this.#lines = lines;
  }

  /** Whether anything fails. */
  get isOn(): boolean {
    return this.#failing.size > 0;
  }

  /** @param reason fit for a log @param part of several that fail and work each by itself */
  began(reason: string, part = ''): void {
    const line = oneLine(`${this.#lines.away}: ${reason}`);
    if (this.isOn) this.#logger.debug?.(line);
    else this.#logger.warn(line);
    this.#failing.add(part);
  }

  /** Reports that it is over when no other part fails. */
  ended(part = ''): void {
    if (this.#failing.delete(part) && !this.isOn) this.#logger.warn(oneLine(this.#lines.back));
  }

  /** Whatever failed does not matter any more. */
  forget(): void {
    this.#failing.clear();
  }
}
