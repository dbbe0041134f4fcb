/** The first hop of a request: looks at its head, builds the Request, asks the handler, and sends what it answers. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isInstance } from '../../ground/brand.js';
import { lastResort } from '../../answering/error-page.js';
import { inPlace } from '../../answering/every-answer.js';
import { letGo } from '../../answering/finalize.js';
import { logRefusal, requestName } from '../../answering/request-lines.js';
import type { Handler } from '../../message/handler.js';
import { Request } from '../../message/request.js';
import type { RequestSource } from '../../message/request-source.js';
import { TextResponse } from '../../message/responses.js';
import { Response } from '../../message/response.js';
import type { Settings } from '../../message/settings.js';
import { examineHead, WITH_BODY, type Refusal } from './examine-head.js';
import type { Exchange } from './exchange.js';
import type { ServerLimits } from './options.js';
import type { Pipeline } from './pipeline.js';
import type { Sender } from './send.js';
import { Watchdog } from './watchdog.js';

/** What a listener works with. */
interface ListenerParts {
  readonly settings: Settings;
  readonly limits: ServerLimits;
  readonly sender: Sender;
  readonly pipeline: Pipeline;
}

/** Listens to the requests of one server. */
export class Listener {
  readonly watchdog: Watchdog;
  readonly #handle: Handler;
  readonly #parts: ListenerParts;
  /** Exchanges that were answered in the handler's place; what the handler gives later is thrown away. */
  readonly #givenUp = new WeakSet<Exchange>();

  constructor(handle: Handler, parts: ListenerParts) {
    this.#handle = handle;
    this.#parts = parts;
    this.watchdog = new Watchdog(parts.limits, (exchange, status) => {
      this.#giveUp(exchange, status);
    });
  }

  /**
   * For the server's `request` event.
   * @param source what the request is made of, where that is not what came in
   * @param handle what answers this one request, where it is not what answers all of them
   */
  readonly onRequest = (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    source: RequestSource = incoming,
    handle = this.#handle,
  ): void => {
    const behind = outgoing.socket === null || incoming.socket.writableEnded;
    if (behind && !this.#parts.pipeline.admits(incoming, outgoing)) return;
    const head = examineHead(incoming, this.#parts.limits);
    const request = new Request(source, this.#parts.settings, head === WITH_BODY);
    const exchange: Exchange = { request, incoming, outgoing, hasBody: head === WITH_BODY, slot: -1 };
    if (typeof head === 'object') {
      this.#refuse(exchange, head);
      return;
    }
    let answer: Response | Promise<Response>;
    try {
      answer = handle(request);
    } catch (error) {
      // A handler that is no application may throw; it is answered all the same.
      answer = lastResort(error, request);
    }
    if (!(answer instanceof Response)) this.#sendLater(exchange, answer);
    else if (this.#parts.sender.send(exchange, answer)) this.#watchUntilClosed(exchange);
  };

  /** For the server's `checkContinue` event: the client is asked for the body when the handler starts to read it. */
  readonly onCheckContinue: RequestListener = (incoming, outgoing) => {
    const read = incoming._read.bind(incoming);
    incoming._read = (size) => {
      incoming._read = read;
      if (!outgoing.headersSent) outgoing.writeContinue();
      read(size);
    };
    this.onRequest(incoming, outgoing);
  };

  /** For the server's `checkExpectation` event: what is expected is not what we can do. */
  readonly onCheckExpectation: RequestListener = (incoming, outgoing) => {
    if (!this.#parts.pipeline.admits(incoming, outgoing)) return;
    const request = new Request(incoming, this.#parts.settings);
    const refusal = { status: 417, detail: 'The only expectation understood is 100-continue' };
    this.#refuse({ request, incoming, outgoing, hasBody: true, slot: -1 }, refusal);
  };

  /** Only types say that a handler gives responses; JavaScript knows no types. */
  #checked(exchange: Exchange, answer: unknown): Response {
    if (answer instanceof Response || isInstance(answer, Response)) return answer;
    const type = answer === null ? 'null' : typeof answer;
    const error = new TypeError(`A handler gives a Response, not ${type}; makeResponse(value) makes one`);
    return lastResort(error, exchange.request);
  }

  #refuse(exchange: Exchange, { status, detail }: Refusal): void {
    logRefusal({ status, message: detail }, exchange.request);
    const page = new TextResponse(`${String(status)} ${detail}\n`, { status });
    this.#parts.sender.sendLast(exchange, inPlace(page, exchange.request));
  }

  #sendLater(exchange: Exchange, answer: PromiseLike<Response>): void {
    this.watchdog.watch(exchange);
    const settled = (response: Response): void => {
      if (this.#givenUp.has(exchange)) {
        void letGo(response);
        return;
      }
      this.watchdog.release(exchange);
      if (this.#parts.sender.send(exchange, response)) this.#watchUntilClosed(exchange);
    };
    // A foreign thenable may throw; a promise of our own is taken as it is.
    Promise.resolve(answer).then(
      (response) => {
        settled(this.#checked(exchange, response));
      },
      (error: unknown) => {
        settled(lastResort(error, exchange.request));
      },
    );
  }

  #watchUntilClosed(exchange: Exchange): void {
    this.watchdog.watch(exchange);
    exchange.outgoing.once('close', () => {
      this.watchdog.release(exchange);
    });
  }

  #giveUp(exchange: Exchange, status: 408 | 503): void {
    this.#givenUp.add(exchange);
    const { request } = exchange;
    const text = status === 408 ? 'The body came too slowly' : 'The answer took too long';
    this.#refuse(exchange, { status, detail: text });
    if (status === 503) request.log.error(`${requestName(request)}: no answer in time, 503 sent`);
  }
}
