/** Sends responses: heads prepared as text, bodies in one write, streams with backpressure. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpDate } from '../http/date.js';
import { reasonPhrase } from '../http/status.js';
import { crashLine, type Logger } from '../logger.js';
import { declaredLength, discardBody, sendsBody, type Finalizer } from '../message/finalize.js';
import type { Request } from '../message/request.js';
import { Declined } from '../message/responses.js';
import type { Response } from '../message/response.js';
import type { Pipeline } from './pipeline.js';
import { canPrepareHeads, endWithPreparedHead } from './prepared-head.js';
import { pump } from './pump.js';

/** One request under way on a connection. */
export interface Exchange {
  readonly request: Request;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Whether a body follows the head. */
  readonly hasBody: boolean;
}

export interface SenderOptions {
  readonly finalizer: Finalizer;
  readonly logger: Logger;
  readonly pipeline: Pipeline;
  /** Milliseconds, told to the client; 0 for no limit. */
  readonly keepAliveTimeout: number;
  /** Whether to hand node:http heads that are text already. Default: where this Node takes them. */
  readonly preparesHeads?: boolean;
}

/** A body that nobody read and that is no longer than this is read and forgotten, so that the connection lives on. */
const MAX_SKIPPED_BODY = 64 * 1024;

/** Writes the responses of one server. */
export class Sender {
  /** Set when the server drains: every response from now on is the last of its connection. */
  closing = false;
  readonly #finalizer: Finalizer;
  readonly #logger: Logger;
  readonly #pipeline: Pipeline;
  /** The value of Keep-Alive; `''` for none. */
  readonly #keepAlive: string;
  readonly #preparesHeads: boolean;
  #tailSecond = -1;
  #tail = '';

  constructor(options: SenderOptions) {
    this.#finalizer = options.finalizer;
    this.#logger = options.logger;
    this.#pipeline = options.pipeline;
    const seconds = Math.floor(options.keepAliveTimeout / 1000);
    this.#keepAlive = options.keepAliveTimeout > 0 ? `timeout=${String(seconds)}` : '';
    this.#preparesHeads = options.preparesHeads ?? canPrepareHeads();
  }

  /** Sends a response, and closes the request when it is over. @returns undefined, or a promise for streams */
  send(exchange: Exchange, response: Response): undefined | Promise<void> {
    const { request, outgoing } = exchange;
    if (outgoing.destroyed || response instanceof Declined) return this.#drop(exchange, response);
    if (request.hasClosers)
      outgoing.once('close', () => {
        request.close();
      });
    if (this.closing || asksToClose(outgoing, response) || (exchange.hasBody && mustClose(exchange)))
      this.#pipeline.endAfter(exchange.incoming, outgoing);
    if (response.isStream && sendsBody(request, response)) return this.#stream(exchange, response);
    this.#whole(exchange, response);
    return response.isStream ? letGo(response) : undefined;
  }

  /** Sends a response that is the last of its connection. */
  sendLast(exchange: Exchange, response: Response): undefined | Promise<void> {
    this.#pipeline.endAfter(exchange.incoming, exchange.outgoing);
    return this.send(exchange, response);
  }

  #whole({ request, outgoing }: Exchange, response: Response): void {
    const length = declaredLength(response);
    const body = sendsBody(request, response) ? (response.body as string | Uint8Array | null) : null;
    outgoing.statusCode = response.status;
    if (!this.#preparesHeads) {
      this.#writeHead(outgoing, response, length);
      // As text it would have the whole head encoded like itself.
      outgoing.end(typeof body === 'string' ? Buffer.from(body) : (body ?? undefined));
      return;
    }
    const framing = length === undefined ? '' : `Content-Length: ${String(length)}\r\n`;
    const head = this.#finalizer.head(response) + framing + this.#ending(outgoing, response);
    endWithPreparedHead(outgoing, head, body ?? undefined);
  }

  /** Date and what concerns the connection, made once a second. */
  #ending(outgoing: ServerResponse, response: Response): string {
    const hasDate = response.hasHeaders && response.headers.has('date');
    if (hasDate || !outgoing.shouldKeepAlive) return asLines(this.#endingFields(outgoing, hasDate)) + '\r\n';
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#tailSecond) {
      this.#tailSecond = second;
      this.#tail = asLines(this.#endingFields(outgoing, false)) + '\r\n';
    }
    return this.#tail;
  }

  #endingFields({ shouldKeepAlive }: ServerResponse, hasDate: boolean): string[] {
    const fields = hasDate ? [] : ['Date', httpDate(Date.now())];
    fields.push('Connection', shouldKeepAlive ? 'keep-alive' : 'close');
    if (shouldKeepAlive && this.#keepAlive !== '') fields.push('Keep-Alive', this.#keepAlive);
    return fields;
  }

  #writeHead(outgoing: ServerResponse, response: Response, length: number | undefined): void {
    const fields = this.#finalizer.fields(response);
    if (length !== undefined) fields.push('Content-Length', String(length));
    const hasDate = response.hasHeaders && response.headers.has('date');
    const { status } = response;
    outgoing.writeHead(status, reasonPhrase(status), [...fields, ...this.#endingFields(outgoing, hasDate)]);
  }

  async #stream(exchange: Exchange, response: Response): Promise<void> {
    const { request, outgoing } = exchange;
    // Callbacks may still be added while the stream runs; a request without any closes for nothing.
    if (!request.hasClosers)
      outgoing.once('close', () => {
        request.close();
      });
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) void letGo(response);
    });
    try {
      const length = declaredLength(response);
      if (request.httpVersion === '1.0') delimitByClosing(outgoing, length);
      this.#writeHead(outgoing, response, length);
      await pump(response.takeStream(), outgoing, length);
      outgoing.end();
    } catch (error) {
      if (!outgoing.destroyed) {
        const by = request.route ? ` (${request.route.name})` : '';
        const line = `${request.method} ${request.target.slice(0, 256)}${by}, in mid-stream, connection cut`;
        this.#logger.error(crashLine(line, error));
      }
      outgoing.destroy();
    }
  }

  /** No answer: the client left, or shall get none. */
  #drop({ request, outgoing }: Exchange, response: Response): Promise<void> {
    outgoing.destroy();
    request.close();
    return letGo(response);
  }
}

/** Whether the rest of the body is too long to be read for nothing. */
function mustClose({ request, incoming }: Exchange): boolean {
  if (incoming.complete) return false;
  const length = request.contentLength;
  return length < 0 || length > MAX_SKIPPED_BODY || request.headers.has('expect');
}

/** Whether node:http wants this response to be the last of its connection, or the response itself does. */
function asksToClose(outgoing: ServerResponse, response: Response): boolean {
  const reached = (outgoing as { maxRequestsOnConnectionReached?: boolean }).maxRequestsOnConnectionReached;
  if (reached === true) return true;
  return response.hasHeaders && response.headers.get('connection')?.toLowerCase() === 'close';
}

/** HTTP/1.0 knows no chunks: the end of the connection is the end of a body of unknown length (RFC 9112 6.3). */
function delimitByClosing(outgoing: ServerResponse, length: number | undefined): void {
  outgoing.useChunkedEncodingByDefault = false;
  if (length === undefined) outgoing.shouldKeepAlive = false;
}

/** Lets go of a stream that nobody will read; what goes wrong with that concerns nobody any more. */
export async function letGo(response: Response): Promise<void> {
  const { body } = response;
  if (body instanceof EventEmitter) body.on('error', () => undefined);
  await discardBody(response).catch(() => undefined);
}

function asLines(fields: readonly string[]): string {
  let lines = '';
  for (let i = 0; i < fields.length; i += 2) lines += `${fields[i] ?? ''}: ${fields[i + 1] ?? ''}\r\n`;
  return lines;
}
