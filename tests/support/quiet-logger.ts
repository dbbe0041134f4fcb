/** A logger that keeps its lines, for tests that look at them or want to hear nothing. */
import type { Logger } from '../../src/logger.js';

/** Keeps what it is told. */
export class QuietLogger implements Logger {
  readonly errors: string[] = [];
  readonly warnings: string[] = [];

  error(message: string): void {
    this.errors.push(message);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }
}
