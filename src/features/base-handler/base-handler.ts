/** A handler written as a class with one method for each HTTP method: no router, no container, no decorators. */
import {
  adopting,
  andThen,
  answerError,
  attempt,
  httpDate,
  HttpError,
  MethodNotAllowed,
  METHODS,
  NoContentResponse,
  respond,
  VERSION,
  type Handler,
  type Request,
} from '../../kit.js';

/** Settings of an application. */
type SettingsOptions = Exclude<Parameters<typeof adopting>[0], () => unknown>;
type Do = (this: object, request: Request) => unknown;

/**
 * Extend it with methods such as `doGET(request)` or `doPOST(request)`, which return what any handler may return, and
 * give an instance to `listen` or to a `TestClient`. HEAD is answered by `doGET` unless there is a `doHEAD`; OPTIONS
 * is answered unless there is a `doOPTIONS`; a method that is missing is 405 with Allow, an unknown one 501.
 *
 * @example
 * ```ts
 * class Hello extends BaseHandler {
 *   doGET(req: Request) {
 *     return `Hello, ${req.peer.address}!`;
 *   }
 * }
 * await listen(new Hello(), { port: 8080 });
 * ```
 */
export abstract class BaseHandler {
  /** Such as `Obol/0.1.0`. */
  readonly serverVersion: string = `Obol/${VERSION}`;
  /** Such as `Node.js/24.1.0`. */
  readonly systemVersion: string = `Node.js/${process.versions.node}`;
  /** Makes the HTML pages of errors; a small one is built in. */
  readonly errorTemplate?: SettingsOptions['errorTemplate'];
  /** Where crashes are written; that of the application around it, else the standard error stream. */
  readonly logger?: SettingsOptions['logger'];

  /** Answers a request with the method of its name. Throws nothing and never rejects. */
  readonly handle: Handler = adopting(
    () => this.#settings(),
    (request) =>
      attempt(
        () => andThen(this.#answer(request), (value) => respond(value, request)),
        (error) => answerError(error, request),
      ),
  );

  /** What a Server header would say: server and system version. */
  versionString(): string {
    return `${this.serverVersion} ${this.systemVersion}`;
  }

  /** A moment as headers show it (RFC 9110 5.6.7). @param time milliseconds since the epoch; default now */
  dateTimeString(time = Date.now()): string {
    return httpDate(time);
  }

  /** The methods it answers. */
  allowedMethods(): (typeof METHODS)[number][] {
    const own = METHODS.filter((method) => this.#methodOf(method));
    return METHODS.filter(
      (method) => own.includes(method) || method === 'OPTIONS' || (method === 'HEAD' && own.includes('GET')),
    );
  }

  #answer(request: Request): unknown {
    const { method } = request;
    const action = this.#methodOf(method) ?? (method === 'HEAD' ? this.#methodOf('GET') : undefined);
    if (action) return action.call(this, request);
    const allowed = this.allowedMethods();
    if (method === 'OPTIONS') return new NoContentResponse({ headers: { Allow: allowed.join(', ') } });
    if ((METHODS as readonly string[]).includes(method))
      throw new MethodNotAllowed({ method, allow: allowed });
    throw new HttpError(501, `The method ${method} is not implemented`, { expose: true });
  }

  #methodOf(method: string): Do | undefined {
    const action = (this as unknown as Record<string, unknown>)[`do${method}`];
    return typeof action === 'function' ? (action as Do) : undefined;
  }

  /** Asked for when the first request comes, and the fields of subclasses are there. No Server header: it says what to try. */
  #settings(): SettingsOptions {
    const { errorTemplate, logger } = this;
    return { ...(errorTemplate && { errorTemplate }), ...(logger && { logger }), poweredBy: false };
  }
}
