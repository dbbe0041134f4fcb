/** The first hop of a request: looks at its head, builds the Request, asks the handler, and sends what it answers. */
import { IncomingMessage, type RequestListener } from 'node:http';
import { crashLine } from '../logger.js';
import type { Handler } from '../message/handler.js';
import type { HostSettings } from '../message/host-settings.js';
import { Request } from '../message/request.js';
import { TextResponse } from '../message/responses.js';
import { Response } from '../message/response.js';
import { examineHead, WITH_BODY } from './examine-head.js';
import type { ServerLimits } from './options.js';
import { refuse } from './refuse.js';
import type { Exchange, Sender } from './send.js';
import { Watchdog } from './watchdog.js';

/** Listens to the requests of one server. */
export class Listener {
  readonly watchdog: Watchdog;
  readonly #handle: Handler;
  readonly #settings: HostSettings;
  readonly #limits: ServerLimits;
  readonly #sender: Sender;
  /** Exchanges that were answered in the handler's place; what the handler gives later is thrown away. */
  readonly #givenUp = new WeakSet<Exchange>();

  constructor(handle: Handler, parts: { settings: HostSettings; limits: ServerLimits; sender: Sender }) {
    this.#handle = handle;
    this.#settings = parts.settings;
    this.#limits = parts.limits;
    this.#sender = parts.sender;
    this.watchdog = new Watchdog(parts.limits, {
      giveUp: (exchange, status) => {
        this.#giveUp(exchange, status);
      },
    });
  }

  /** For the server's `request` event. */
  readonly onRequest: RequestListener = (incoming, outgoing) => {
    const head = examineHead(incoming, this.#limits);
    if (typeof head === 'object') {
      refuse(incoming.socket, head);
      return;
    }
    const request = new Request(incoming, this.#settings.request);
    const exchange: Exchange = { request, incoming, outgoing, hasBody: head === WITH_BODY };
    let answer: Response | Promise<Response>;
    try {
      answer = this.#handle(request);
    } catch (error) {
      answer = this.#escaped(exchange, error);
    }
    if (answer instanceof Response) this.#send(exchange, answer);
    else this.#sendLater(exchange, answer);
  };

  /** For the server's `checkContinue` event: the client is asked for the body when somebody starts to read it. */
  readonly onCheckContinue: RequestListener = (incoming, outgoing) => {
    incoming._read = function (size) {
      incoming._read = IncomingMessage.prototype._read;
      if (!outgoing.headersSent) outgoing.writeContinue();
      incoming._read(size);
    };
    this.onRequest(incoming, outgoing);
  };

  #send(exchange: Exchange, response: Response): void {
    const streaming = this.#sender.send(exchange, response);
    if (streaming || exchange.incoming.socket.writableLength > 0) this.#watchUntilClosed(exchange);
  }

  #sendLater(exchange: Exchange, answer: Promise<Response>): void {
    this.watchdog.watch(exchange);
    const settled = (response: Response): void => {
      this.watchdog.release(exchange);
      if (this.#givenUp.has(exchange)) return;
      try {
        this.#send(exchange, response);
      } catch (error) {
        this.#settings.logger.error(crashLine('A response could not be sent', error));
        exchange.outgoing.destroy();
      }
    };
    answer.then(settled, (error: unknown) => {
      settled(this.#escaped(exchange, error));
    });
  }

  #watchUntilClosed(exchange: Exchange): void {
    this.watchdog.watch(exchange);
    exchange.outgoing.once('close', () => {
      this.watchdog.release(exchange);
    });
  }

  #giveUp(exchange: Exchange, status: 408 | 503): void {
    this.#givenUp.add(exchange);
    const { request, outgoing } = exchange;
    outgoing.shouldKeepAlive = false;
    const text = status === 408 ? 'The body came too slowly' : 'The answer took too long';
    this.#send(exchange, new TextResponse(`${String(status)} ${text}\n`, { status }));
    if (status === 503)
      this.#settings.logger.error(
        `${request.method} ${request.target.slice(0, 256)}: no answer in time, 503 sent`,
      );
  }

  /** A handler that is no application may throw; it is answered all the same. */
  #escaped({ request }: Exchange, error: unknown): Response {
    this.#settings.logger.error(crashLine(`${request.method} ${request.target.slice(0, 256)}`, error));
    return new TextResponse('500 Internal Server Error\n', { status: 500 });
  }
}
