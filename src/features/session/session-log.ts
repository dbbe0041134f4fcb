/** The log of sessions, for what no client is told: the application's logger, as soon as it has started. */
import { consoleLogger, oneLine, type Logger } from '../../ground/logger.js';
import type { Request } from '../../message/request.js';

/** A logger for what is made before the application has one. */
export class SessionLog implements Logger {
  #target: Logger = consoleLogger;

  start(logger: Logger): void {
    this.#target = logger;
  }

  error(message: string): void {
    this.#target.error(message);
  }

  warn(message: string): void {
    this.#target.warn(message);
  }

  debug(message: string): void {
    this.#target.debug?.(message);
  }

  /** A cookie that led to no session: one line, and never with anything of the cookie in it. */
  refused({ method, target }: Request, problem: string): void {
    this.debug(oneLine(`${method} ${target.slice(0, 256)}: the session was refused: ${problem}`));
  }
}
