/** Sends responses: heads prepared as text, bodies in one write, streams with backpressure. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isInstance } from '../../ground/brand.js';
import { httpDate } from '../../http/date.js';
import { reasonPhrase } from '../../http/status.js';
import { lastResort } from '../../answering/error-page.js';
import { letGo, sendsBody } from '../../answering/finalize.js';
import { andThen, attempt } from '../../message/handler.js';
import { EventStreamResponse } from '../../message/event-stream.js';
import { represent } from '../../answering/represent.js';
import { requestName } from '../../answering/request-lines.js';
import type { Request } from '../../message/request.js';
import { ConnectionResponse, TextResponse } from '../../message/responses.js';
import { UpgradeResponse } from '../../message/upgrade-response.js';
import type { Response } from '../../message/response.js';
import type { AccessEntry } from './access-log.js';
import type { Exchange } from './exchange.js';
import type { Pipeline } from './pipeline.js';
import { PassedOn } from './neighbours/passed-on.js';
import { canPrepareHeads, endWithPreparedHead } from './prepared-head.js';
import { pump } from './pump.js';
import type { TakenConnection } from './taken-connection.js';
import type { Upgrades } from './upgrade.js';

export interface SenderOptions {
  readonly pipeline: Pipeline;
  readonly upgrades: Upgrades;
  /** Milliseconds, announced to the client; 0 for no limit. */
  readonly keepAliveTimeout: number;
  /** Called for every request that is over. */
  readonly accessLog?: ((entry: AccessEntry) => void) | undefined;
  /** Whether to hand node:http heads that are text already. Default: where this Node takes them. */
  readonly preparesHeads?: boolean;
  /** Sets a head that goes out with the first byte of the body, where others have set fields too. Default: it is the sender's alone. */
  readonly setHead?:
    | ((outgoing: ServerResponse, response: Response, fields: readonly string[]) => void)
    | undefined;
}

/** A body that no handler read and that is no longer than this is read and forgotten, so that the connection lives on. */
const MAX_SKIPPED_BODY = 64 * 1024;

/** What node:http keeps about the number of requests on a connection; no Node line documents it. */
interface Counted extends ServerResponse {
  readonly maxRequestsOnConnectionReached?: boolean;
}

/** Writes the responses of one server. */
export class Sender {
  /** Set when the server drains. */
  closing = false;
  readonly #options: SenderOptions;
  /** The value of Keep-Alive; `''` for none. */
  readonly #keepAlive: string;
  readonly #preparesHeads: boolean;
  /** Streams of events under way: they would never end by themselves. */
  readonly #eventStreams = new Set<Response>();
  #tailSecond = -1;
  #tail = '';

  constructor(options: SenderOptions) {
    this.#options = options;
    const seconds = Math.floor(options.keepAliveTimeout / 1000);
    this.#keepAlive = options.keepAliveTimeout > 0 ? `timeout=${String(seconds)}` : '';
    this.#preparesHeads = options.preparesHeads ?? (!options.setHead && canPrepareHeads());
  }

  /**
   * Sends a response, and closes the request when it is over. What answered decides how it is finished: the application that
   * the host knows of, or one inside it.
   * @returns whether some of it is still on its way
   */
  // oxlint-disable-next-line complexity -- every request passes here: one function instead of several
  send(exchange: Exchange, answer: Response): boolean {
    const { request, incoming, outgoing } = exchange;
    const view = answer.answeredBy?.root === request ? answer.answeredBy : request;
    try {
      if (outgoing.destroyed || ConnectionResponse.brand in answer) return this.#act(exchange, answer, view);
      if (answer.opening === 'due' && sendsBody(request, answer))
        return sendOpened(this, exchange, answer, view);
      const response = answer.hasHeaders ? represent(view, answer) : answer;
      if (response instanceof Promise) return sendLater(this, exchange, response);
      if (exchange.hasBody && !incoming.complete) followConnection(incoming);
      if (request.hasClosers) this.#closeWith(outgoing, request);
      if (this.#options.accessLog) this.#logWhenOver(exchange, response, view);
      if (
        this.closing ||
        (response.hasHeaders && asksToClose(response)) ||
        (outgoing as Counted).maxRequestsOnConnectionReached === true ||
        (exchange.hasBody && mustClose(exchange))
      )
        this.#options.pipeline.endAfter(incoming, outgoing);
      const withBody = sendsBody(request, response);
      if (response.isStream) {
        if (withBody) return this.#stream(exchange, response, view);
        void letGo(response);
      }
      const body = withBody ? (response.body as string | Uint8Array | null) : null;
      outgoing.statusCode = response.status;
      if (this.#preparesHeads) {
        endWithPreparedHead(
          outgoing,
          view.settings.finisher.head(response) + this.#ending(outgoing, response),
          body,
        );
      } else this.#endWithFields(outgoing, response, view, body);
    } catch (error) {
      giveUp(outgoing, view, error);
    }
    return incoming.socket.writableLength > 0;
  }

  /** Sends a response that is the last of its connection. */
  sendLast(exchange: Exchange, response: Response): boolean {
    this.#options.pipeline.endAfter(exchange.incoming, exchange.outgoing);
    return this.send(exchange, response);
  }

  /**
   * Every response from now on is the last of its connection, and what would never end by itself is ended: streams of
   * events, whose clients come again, and connections that were taken over.
   */
  drain(): void {
    this.closing = true;
    this.#options.upgrades.drain();
    for (const response of this.#eventStreams) void letGo(response);
  }

  /** Date and what concerns the connection, made once a second. */
  #ending(outgoing: ServerResponse, response: Response): string {
    const hasDate = response.hasHeaders && response.headers.has('date');
    if (hasDate || !outgoing.shouldKeepAlive) return asLines(this.#endingFields(outgoing, hasDate)) + '\r\n';
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#tailSecond) this.#beginSecond(outgoing, second);
    return this.#tail;
  }

  #beginSecond(outgoing: ServerResponse, second: number): void {
    this.#tailSecond = second;
    this.#tail = asLines(this.#endingFields(outgoing, false)) + '\r\n';
  }

  #endingFields({ shouldKeepAlive }: ServerResponse, hasDate: boolean): string[] {
    const fields = hasDate ? [] : ['Date', httpDate(Date.now())];
    fields.push('Connection', shouldKeepAlive ? 'keep-alive' : 'close');
    if (shouldKeepAlive && this.#keepAlive !== '') fields.push('Keep-Alive', this.#keepAlive);
    return fields;
  }

  #endWithFields(
    outgoing: ServerResponse,
    response: Response,
    view: Request,
    body: string | Uint8Array | null,
  ): void {
    this.#writeHead(outgoing, response, view);
    // As text it would have the whole head encoded like itself.
    outgoing.end(typeof body === 'string' ? Buffer.from(body) : (body ?? undefined));
  }

  #writeHead(outgoing: ServerResponse, response: Response, { settings }: Request): void {
    const fields = settings.finisher.fields(response);
    if (this.#options.setHead) {
      this.#options.setHead(outgoing, response, fields);
      return;
    }
    const hasDate = response.hasHeaders && response.headers.has('date');
    const { status } = response;
    outgoing.writeHead(status, reasonPhrase(status), [...fields, ...this.#endingFields(outgoing, hasDate)]);
  }

  #stream(exchange: Exchange, response: Response, view: Request): true {
    const { request, outgoing } = exchange;
    // Callbacks may still be added while the stream runs; a request without any closes for nothing.
    if (!request.hasClosers) this.#closeWith(outgoing, request);
    if (EventStreamResponse.brand in response) this.#eventStreams.add(response);
    outgoing.once('close', () => {
      this.#eventStreams.delete(response);
      if (!outgoing.writableFinished) void letGo(response);
    });
    this.#pump(exchange, response, view).catch((error: unknown) => {
      if (!outgoing.destroyed) {
        view.log.error({ err: error }, `${requestName(view)}, in mid-stream, connection cut`);
      }
      // What it has given so far is on its way first, the head in any case.
      setImmediate(() => outgoing.destroy());
    });
    return true;
  }

  async #pump({ request, outgoing }: Exchange, response: Response, view: Request): Promise<void> {
    const { length } = response;
    if (request.httpVersion === '1.0') delimitByClosing(outgoing, length);
    this.#writeHead(outgoing, response, view);
    request.isHeadSent = true;
    if (response.opening === 'early') outgoing.write('', 'latin1');
    await pump(response.takeStream(), outgoing, length);
    outgoing.end();
  }

  /** On an ended connection a malformed body was refused meanwhile, and the log has that as the end of the request. */
  #logWhenOver({ incoming, outgoing }: Exchange, response: Response, request: Request): void {
    if (incoming.socket.writableEnded) return;
    const { status } = response;
    const length = sendsBody(request, response) ? response.length : 0;
    outgoing.once('close', () => {
      const complete = outgoing.writableFinished && !isCut(incoming.socket);
      const milliseconds = Date.now() - request.startTime;
      this.#options.accessLog?.({
        request,
        status,
        length: complete ? length : undefined,
        complete,
        milliseconds,
      });
    });
  }

  #closeWith(outgoing: ServerResponse, request: Request): void {
    outgoing.once('close', () => {
      request.close(report);
    });
  }

  /** Nothing is sent: the client has left, the response is no message, or another answers. */
  #act(exchange: Exchange, response: Response, view: Request): boolean {
    const { request, outgoing } = exchange;
    if (isInstance(response, UpgradeResponse) && !outgoing.destroyed)
      return this.#upgrade(exchange, response, view);
    const passesOn = response instanceof PassedOn && !outgoing.destroyed;
    if (!passesOn) outgoing.destroy();
    request.close(report);
    void letGo(response);
    if (passesOn) response.passOn();
    return false;
  }

  #upgrade(exchange: Exchange, response: UpgradeResponse, view: Request): boolean {
    if (this.closing)
      return this.send(exchange, new TextResponse('503 The server closes\n', { status: 503 }));
    const mistake = this.#options.upgrades.takeOver(exchange, { response, view, over: this.#upgradeOver });
    return mistake ? this.send(exchange, lastResort(mistake, view)) : false;
  }

  /** A connection that was taken over is closed. */
  readonly #upgradeOver = ({ request, socket }: TakenConnection): void => {
    request.close(report);
    const complete = !isCut(socket);
    const length = complete ? 0 : undefined;
    const milliseconds = Date.now() - request.startTime;
    this.#options.accessLog?.({ request, status: 101, length, complete, milliseconds });
  };
}

/** The head waits for the first chunk: what goes wrong before that is an answer. */
function sendOpened(sender: Sender, exchange: Exchange, response: Response, view: Request): boolean {
  const opened = attempt(
    () => response.open(view),
    (error) => {
      const page = lastResort(error, view);
      if (view !== exchange.request) page.answeredBy = view;
      return page;
    },
  );
  return andThen(opened, (ready) => sender.send(exchange, ready)) !== false;
}

/** What the application answers in place of a response that was refused. */
function sendLater(sender: Sender, exchange: Exchange, refusal: Promise<Response>): true {
  refusal.then(
    (response) => sender.send(exchange, response),
    (error: unknown) => {
      giveUp(exchange.outgoing, exchange.request, error);
    },
  );
  return true;
}

function giveUp(outgoing: ServerResponse, { log }: Request, error: unknown): void {
  log.error({ err: error }, 'A response could not be sent');
  outgoing.destroy();
}

/** Takes what a callback for the end of a request throws. */
function report(error: unknown, { log }: Request): void {
  log.error({ err: error }, 'A callback for the end of a request failed');
}

/**
 * Once it is answered, a request of node:http says nothing of a connection that closes; its body may still be read. What a reader has
 * left of it would hold up the next request.
 */
function followConnection(incoming: IncomingMessage): void {
  const { socket } = incoming;
  if (incoming.readableDidRead && incoming.listenerCount('data') === 0) incoming.resume();
  const cut = (): void => void incoming.destroy();
  socket.once('close', cut);
  incoming.once('close', () => socket.off('close', cut));
}

/** Whether the rest of the body is too long to be read for nothing. */
function mustClose({ request, incoming }: Exchange): boolean {
  if (incoming.complete) return false;
  const length = request.contentLength;
  return length < 0 || length > MAX_SKIPPED_BODY || request.headers.has('expect');
}

/** Whether it was closed before it had sent everything: what waited to be sent then counts as finished for node:http. */
function isCut({ destroyed, writableFinished }: Socket): boolean {
  return destroyed && !writableFinished;
}

function asksToClose(response: Response): boolean {
  return response.headers.get('connection')?.toLowerCase() === 'close';
}

/** HTTP/1.0 knows no chunks: the end of the connection is the end of a body of unknown length (RFC 9112 6.3). */
function delimitByClosing(outgoing: ServerResponse, length: number | undefined): void {
  outgoing.useChunkedEncodingByDefault = false;
  if (length === undefined) outgoing.shouldKeepAlive = false;
}

function asLines(fields: readonly string[]): string {
  let lines = '';
  for (let i = 0; i < fields.length; i += 2) lines += `${fields[i] ?? ''}: ${fields[i + 1] ?? ''}\r\n`;
  return lines;
}
