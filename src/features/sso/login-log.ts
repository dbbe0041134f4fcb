/** The log of a server that logs people in, without any secret. */
import { LateLogger, Outage, type Request } from '../../kit.js';

/** What a server fails at, one of which may work while another does not. */
export type LoginStep = 'discovery' | 'login';

/** Printing it shows nothing. */
export class LoginLog extends LateLogger {
  readonly #name: string;
  readonly #outage: Outage;
  #hasWarned = false;

  /** @param name of the server at the beginning of a line, such as `The CAS server https://cas.example.org/cas/` */
  constructor(name: string) {
    super();
    this.#name = name;
    this.#outage = new Outage(this, {
      away: `${name} cannot log people in`,
      back: `${name} logs people in again.`,
    });
  }

  failed(step: LoginStep, reason: string): void {
    this.#outage.began(reason, step);
  }

  works(step: LoginStep): void {
    this.#outage.ended(step);
  }

  /** @param reason without what a client has sent, but for words that were checked */
  refused(reason: string): void {
    this.debug(`${this.#name} has not logged a user in: ${reason}`);
  }

  /** What the application threw: without the target of the request, in which a ticket or a code stands. */
  crashed(what: string, error: unknown): void {
    this.error({ err: error }, what);
  }

  /** Cookies get the attribute Secure by what a request came over, so that a proxy which is not trusted costs it. */
  cameFor(service: URL, request: Request): void {
    if (this.#hasWarned || service.protocol !== 'https:' || request.peer.scheme === 'https') return;
    this.#hasWarned = true;
    this.warn(
      `The service ${service.origin} is https, and requests to log in come over HTTP: ` +
        'behind a proxy, name it in trustProxy; else cookies of logins are not Secure.',
    );
  }
}

/** A word of a server, such as the code of an error; a text of its own never gets into the log. */
export function safeWord(value: unknown): string {
  return typeof value === 'string' && /^\w{1,60}$/.test(value) ? value : 'no code';
}
