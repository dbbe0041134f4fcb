/** `connect()`: middleware of Connect and Express, and whole applications of theirs, as middleware and handler of ours. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { letGo } from '../../../answering/finalize.js';
import { requestName } from '../../../answering/request-lines.js';
import { CurrentRequest } from '../../../ground/current-request.js';
import { ObolError } from '../../../ground/errors.js';
import { isError } from '../../../ground/realms.js';
import { kindOf } from '../../../ground/wording.js';
import { HttpError } from '../../../http/http-error.js';
import type { Handler } from '../../../message/handler.js';
import type { Headers } from '../../../message/headers.js';
import type { Request } from '../../../message/request.js';
import { ConnectionResponse } from '../../../message/responses.js';
import type { Response } from '../../../message/response.js';
import type { Receiver } from './answer-socket.js';
import { MessagePair } from './message-pair.js';

/** What Connect and Express call middleware; an application of theirs is one too. */
export type ConnectMiddleware = {
  /** As a method, so that functions fit that ask for more than node:http has, such as those of Express. */
  call(incoming: IncomingMessage, outgoing: ServerResponse, next: (error?: unknown) => void): unknown;
}['call'];

/** A middleware, and a handler that answers 404 where the middleware passes on. */
export type Connected = (request: Request, next?: Handler) => Promise<Response>;

/** The messages of a client's request, and of each that is made within another one: by its head, which all views of it share. */
const pairs = new WeakMap<Headers, Map<string, MessagePair>>();

/**
 * A middleware or an application of Connect or Express as middleware and handler of ours. It gets messages of node:http that are
 * made for it, the same for all middleware that a request passes through; what it answers becomes a response. Where it passes on, the
 * fields that it has set are added to the response of the next handler, whose own come first.
 * @throws ObolError E_MIDDLEWARE for what is none, and for one that handles errors
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, middleware: [connect(helmet()), mount('/old', connect(expressApp))] });
 * ```
 */
export function connect(middleware: ConnectMiddleware): Connected {
  checkMiddleware(middleware);
  const answersAll = 'listen' in middleware;
  return (request, next) => {
    const pair = pairFor(request);
    pair.show(request);
    // As the arguments of a route come there too.
    const inner = typeof next === 'function' ? next : undefined;
    return new Call(pair, request, inner ?? (answersAll ? undefined : nothing)).answer(middleware);
  };
}

/**
 * The message that middleware of `connect()` got, with what it has put there, such as a session.
 * @returns undefined for a request that passed through none
 *
 * @example
 * ```ts
 * // express-session and the like declare what they put there.
 * const session = incomingOf(req)?.session;
 * ```
 */
export function incomingOf(request: Request): IncomingMessage | undefined {
  return pairsOf(request).get(nameOf(request))?.incoming;
}

function pairsOf({ headers }: Request): Map<string, MessagePair> {
  const known = pairs.get(headers) ?? new Map<string, MessagePair>();
  pairs.set(headers, known);
  return known;
}

/** Of those that were made with the head of another, each asks for something else. */
function nameOf({ method, target }: Request): string {
  return `${method} ${target}`;
}

function pairFor(request: Request): MessagePair {
  const known = pairsOf(request);
  const name = nameOf(request);
  const found = known.get(name);
  const pair = found && !found.isSpent ? found : new MessagePair(request);
  known.set(name, pair);
  return pair;
}

/** One request at one middleware. */
class Call {
  readonly #pair: MessagePair;
  readonly #request: Request;
  readonly #next: Handler | undefined;
  #isSettled = false;
  #hasPassedOn = false;

  /** @param next undefined where the middleware has an answer of its own to all that it does not know */
  constructor(pair: MessagePair, request: Request, next: Handler | undefined) {
    this.#pair = pair;
    this.#request = request;
    this.#next = next;
  }

  answer(middleware: ConnectMiddleware): Promise<Response> {
    return new Promise((resolve, reject) => {
      const receiver = this.#pair.wait({
        resolve: (response) => {
          if (this.#isSettled) void letGo(response);
          this.#isSettled = true;
          this.#pair.forget(receiver);
          resolve(response);
        },
        reject: (error) => {
          if (this.#isSettled) this.#logLate(error);
          this.#isSettled = true;
          this.#pair.forget(receiver);
          // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- as it was thrown
          reject(error);
        },
      });
      this.#ask(middleware, receiver).catch((error: unknown) => {
        receiver.reject(asThrown(error));
      });
    });
  }

  async #ask(middleware: ConnectMiddleware, receiver: Receiver): Promise<void> {
    const { incoming, outgoing } = this.#pair;
    // Wherever it is called, such as at the end of a body, what is behind it finds the request.
    const passOn = CurrentRequest.bind((error?: unknown): void => {
      if (error && error !== 'route' && error !== 'router') receiver.reject(asThrown(error));
      else this.#passOn(receiver).catch(receiver.reject);
    });
    // An application that gets no `next` answers by itself what it does not know.
    await middleware(incoming, outgoing, this.#next ? passOn : (undefined as never));
  }

  async #passOn(receiver: Receiver): Promise<void> {
    const request = this.#request;
    if (this.#hasPassedOn || this.#isSettled || !this.#next) {
      const what = 'a middleware of connect() called next() again, or after its answer';
      request.log.warn(`${requestName(request)}: ${what}`);
      return;
    }
    this.#hasPassedOn = true;
    const response = await this.#next(request);
    const pair = this.#pair;
    if (pair.isSpent || ConnectionResponse.brand in response) receiver.resolve(response);
    else if (pair.isWatched) await pair.play(response, request);
    else receiver.resolve(pair.mergeInto(response));
  }

  /** What fails when the answer is there is for the log alone; of a client that has left, nothing is said. */
  #logLate(error: unknown): void {
    const request = this.#request;
    const line = `${requestName(request)}: a middleware of connect() failed after its answer`;
    if (!request.signal.aborted) request.log.error({ err: error }, line);
  }
}

function nothing(): never {
  throw new HttpError(404, 'Nothing is here');
}

/** An error as Express and its parsers know them has a status, and says whether its message is for clients. */
function asThrown(error: unknown): unknown {
  if (!isError(error) || error instanceof HttpError) return error;
  const { status, expose } = error as Partial<Pick<HttpError, 'status' | 'expose'>>;
  const isRefusal =
    typeof expose === 'boolean' && Number.isInteger(status) && Number(status) >= 400 && Number(status) < 600;
  return isRefusal
    ? new HttpError(Number(status), expose ? error.message : undefined, { cause: error, expose })
    : error;
}

function checkMiddleware(middleware: unknown): void {
  if (typeof middleware !== 'function')
    throw new ObolError(
      'E_MIDDLEWARE',
      `connect() takes a function (req, res, next) => ..., not ${kindOf(middleware)}.`,
    );
  if (middleware.length > 3)
    throw new ObolError(
      'E_MIDDLEWARE',
      'connect() takes middleware with the parameters (req, res, next); for one that handles errors, write an @ErrorHandler.',
    );
}
