/** A logger that keeps what it is told, so that tests stay silent and can look at it. */
import type { Logger } from '../../src/ground/logger.js';

export interface CollectingLogger extends Required<Logger> {
  readonly errors: string[];
  readonly warnings: string[];
  /** What only those want to know who look for something. */
  readonly details: string[];
}

export function collectingLogger(): CollectingLogger {
  const errors: string[] = [];
  const warnings: string[] = [];
  const details: string[] = [];
  return {
    errors,
    warnings,
    details,
    error: (message) => void errors.push(message),
    warn: (message) => void warnings.push(message),
    debug: (message) => void details.push(message),
  };
}
