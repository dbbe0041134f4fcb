/** What an application has for a feature that is started without one. */
import type { Surroundings } from 'obol';
import type { Logger } from '../../src/ground/log/log.js';
import { logOf } from '../../src/ground/log/logger.js';

/** Surroundings with a logger and nothing else: a feature that asks for more fails. */
export function surroundings(logger: Logger): Surroundings {
  const none = (): never => {
    throw new Error('There is no application here');
  };
  return {
    logger: logOf(logger),
    controllers: [],
    get table() {
      return none();
    },
    get routes() {
      return none();
    },
    resolve: none,
  };
}
