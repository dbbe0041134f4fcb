/** `cascade()`: handlers that are asked in turn, until one knows the answer. */
import {
  andThen,
  answerError,
  attempt,
  checkOptions,
  type Handler,
  HttpError,
  letGo,
  ObolError,
  type Request,
  requestName,
  ResponseError,
  Response,
  rule,
  type Rules,
} from '../../kit.js';
import { isErrorStatus } from './error-document.js';
import { checkedHandler, isHandler, passOn, type Answering, type Composed } from './handlers.js';
import { NestedTable, type HandlerLike } from './nested-table.js';

export interface CascadeOptions {
  /** Statuses, 400 to 599, of answers after which the next handler is asked. Default `[404]`. */
  readonly catch?: readonly number[];
  /**
   * Whether the next one is asked even after a handler has begun to read the body, and the method is not idempotent, as POST is not
   * (RFC 9110 9.2.2): what the first has done with it would be done twice. Default false: then its answer stands.
   */
  readonly repeat?: boolean;
  /** Bytes of a body that more than one handler may read, over which reading it is 413. Default the setting `streamSize`. */
  readonly limit?: number;
}

const RULES: Rules<CascadeOptions> = {
  catch: rule.list('a list of statuses', rule.that('a status from 400 to 599', isErrorStatus)),
  repeat: rule.flag,
  limit: rule.whole('bytes'),
};

/**
 * Asks the first handler, and when the status of its answer is one that is caught, the next. What was caught is let go of, with its headers
 * and cookies; the answer of the last one stands. As a middleware, what comes after it is the last.
 *
 * Each handler reads the body from its beginning. What one has read is kept for the next, in memory up to 64 KiB and then in a file;
 * nothing is kept before a handler reads.
 *
 * @throws ObolError E_SETTING for wrong options, E_HANDLER where there is none, or what is none
 *
 * @example
 * ```ts
 * await listen(cascade([staticFiles('overrides'), site]));
 * await listen(cascade([legacy, site], { catch: [404, 405] }));
 * ```
 */
export function cascade(handlers: readonly HandlerLike[], options: CascadeOptions = {}): Composed {
  checkOptions('cascade', options, RULES);
  const list = [...handlers].map((handler, index) =>
    checkedHandler(`cascade(), number ${String(index + 1)}`, handler),
  );
  if (list.length === 0)
    throw new ObolError(
      'E_HANDLER',
      'cascade([]) has no handlers; give it those that are asked in turn, the last of which always answers.',
    );
  const table = new NestedTable(handlers.map((handler) => ({ handler })));
  const inTurn = new Cascade(options);
  const answer: Answering = (request, next) => inTurn.ask(request, isHandler(next) ? [...list, next] : list);
  return Object.assign(answer, { table });
}

class Cascade {
  readonly #caught: ReadonlySet<number>;
  readonly #repeats: boolean;
  readonly #limit: number | undefined;

  constructor({ catch: caught = [404], repeat = false, limit }: CascadeOptions) {
    this.#caught = new Set(caught);
    this.#repeats = repeat;
    this.#limit = limit;
  }

  /** @param at which of the handlers is asked */
  ask(request: Request, handlers: readonly Handler[], at = 0): Response | Promise<Response> {
    const isLast = at === handlers.length - 1;
    const turn = this.#turnOf(request, isLast);
    if (isLast) return andThen(passOn(turn, handlers[at]), (response) => traced(request, response, at));
    const reads = request.bodyReads;
    const isCaught: IsCaught = (status) =>
      this.#caught.has(status) && (this.#mayRepeat(request) || request.bodyReads === reads);
    const takeBackHead = request.rememberHead();
    const answer = attempt(
      () => andThen(passOn(turn, handlers[at]), (response) => unlessCaught(turn, response, isCaught)),
      (error) => letGoOf(turn, error, isCaught),
    );
    return andThen(answer, (response) => {
      if (response) return traced(request, response, at);
      takeBackHead();
      return this.ask(request, handlers, at + 1);
    });
  }

  /** Only a body that another handler may read too is kept. */
  #turnOf(request: Request, isLast: boolean): Request {
    if (!request.hasBody || !this.#mayRepeat(request)) return request.below();
    return request.turn(isLast ? undefined : (this.#limit ?? request.settings.streamSize));
  }

  #mayRepeat({ isIdempotent }: Request): boolean {
    return this.#repeats || isIdempotent;
  }
}

type IsCaught = (status: number) => boolean;

/** The answer, a stream among them only when its first chunk is there; undefined for one that was caught, which nothing is left of. */
function unlessCaught(
  turn: Request,
  response: Response,
  isCaught: IsCaught,
): Response | undefined | Promise<Response> {
  if (!isCaught(response.status)) return response.open(turn);
  void letGo(response);
  return undefined;
}

/** The same of what a handler throws. @throws what was not caught, as it is */
function letGoOf(turn: Request, error: unknown, isCaught: IsCaught): Response | undefined {
  const response = error instanceof ResponseError ? error.response : error;
  if (response instanceof Response) {
    if (!isCaught(response.status)) throw error;
    void letGo(response);
    return undefined;
  }
  if (!isCaught(error instanceof HttpError ? error.status : 500)) throw error;
  // A crash is one line in the log, whatever is answered.
  if (!(error instanceof HttpError)) answerError(error, turn);
  return undefined;
}

/** In debug mode the log shows which handler has answered. */
function traced(request: Request, response: Response, at: number): Response {
  if (request.settings.debug)
    request.log.debug(
      `cascade: handler ${String(at + 1)} has answered ${requestName(request)} with ${String(response.status)}`,
    );
  return response;
}
