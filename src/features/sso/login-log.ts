/** What the log is told of a server that logs people in: one line when it fails, one when it is back, and no secret in either. */
import { consoleLogger, crashLine, oneLine, type Logger } from '../../ground/logger.js';
import type { Request } from '../../message/request.js';

/** What a server fails at, one of which may work while another does not. */
export type LoginStep = 'discovery' | 'login';

/** Printing it shows nothing. */
export class LoginLog {
  readonly #name: string;
  readonly #failing = new Set<LoginStep>();
  #logger: Logger = consoleLogger;
  #hasWarned = false;

  /** @param name of the server at the beginning of a line, such as `The CAS server https://cas.example.org/cas/` */
  constructor(name: string) {
    this.#name = name;
  }

  start(logger: Logger): void {
    this.#logger = logger;
  }

  /** An outage is told once, however many requests it meets and in however many ways; more is for debugging. */
  failed(step: LoginStep, reason: string): void {
    const isKnown = this.#failing.size > 0;
    this.#failing.add(step);
    const line = oneLine(`${this.#name} cannot log people in: ${reason}`);
    if (isKnown) this.#logger.debug?.(line);
    else this.#logger.warn(line);
  }

  works(step: LoginStep): void {
    if (this.#failing.delete(step) && this.#failing.size === 0)
      this.#logger.warn(oneLine(`${this.#name} logs people in again.`));
  }

  /** @param reason without what a client has sent, but for words that were checked */
  refused(reason: string): void {
    this.#logger.debug?.(oneLine(`${this.#name} has not logged somebody in: ${reason}`));
  }

  /** What the application threw: without the target of the request, in which a ticket or a code stands. */
  crashed(what: string, error: unknown): void {
    this.#logger.error(crashLine(what, error));
  }

  /** Cookies get the attribute Secure by what a request came over, so that a proxy which is not trusted costs it. */
  cameFor(service: URL, request: Request): void {
    if (this.#hasWarned || service.protocol !== 'https:' || request.peer.scheme === 'https') return;
    this.#hasWarned = true;
    this.#logger.warn(
      `The service ${service.origin} is https, and requests to log in come over HTTP: ` +
        'behind a proxy, name it in trustProxy; else cookies of logins are not Secure.',
    );
  }
}

/** A word of a server, such as the code of an error; a text of its own never gets into the log. */
export function safeWord(value: unknown): string {
  return typeof value === 'string' && /^\w{1,60}$/.test(value) ? value : 'no code';
}
