/** A logger that keeps what it is told, so that tests stay silent and can look at it. */
import type { Logger } from '../../src/logger.js';

export interface CollectingLogger extends Logger {
  readonly errors: string[];
  readonly warnings: string[];
}

export function collectingLogger(): CollectingLogger {
  const errors: string[] = [];
  const warnings: string[] = [];
  return {
    errors,
    warnings,
    error: (message) => void errors.push(message),
    warn: (message) => void warnings.push(message),
  };
}
