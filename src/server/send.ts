/** Sends responses: heads prepared as text, bodies in one write, streams with backpressure. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpDate } from '../http/date.js';
import { crashLine, type Logger } from '../logger.js';
import { declaredLength, discardBody, sendsBody, type Finalizer } from '../message/finalize.js';
import type { Request } from '../message/request.js';
import { Declined } from '../message/responses.js';
import { toBytes, type Chunk, type ChunkStream, type Response } from '../message/response.js';
import { canPrepareHeads, endWithPreparedHead } from './prepared-head.js';
import { lingerThenDestroy } from './refuse.js';

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
  /** Milliseconds, told to the client. */
  readonly keepAliveTimeout: number;
}

/** A body that nobody read and that is no longer than this is read and forgotten, so that the connection lives on. */
const MAX_SKIPPED_BODY = 64 * 1024;

/** Writes the responses of one server. */
export class Sender {
  /** Set when the server drains: every response from now on is the last of its connection. */
  closing = false;
  readonly #finalizer: Finalizer;
  readonly #logger: Logger;
  readonly #keepAlive: string;
  readonly #prepares = canPrepareHeads();
  #tailSecond = -1;
  #tail = '';

  constructor({ finalizer, logger, keepAliveTimeout }: SenderOptions) {
    this.#finalizer = finalizer;
    this.#logger = logger;
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${String(Math.floor(keepAliveTimeout / 1000))}\r\n\r\n`;
  }

  /** Sends a response, and closes the request when it is over. @returns undefined, or a promise for streams */
  send(exchange: Exchange, response: Response): undefined | Promise<void> {
    const { request, outgoing } = exchange;
    if (outgoing.destroyed || response instanceof Declined) return this.#drop(exchange, response);
    if (request.hasClosers)
      outgoing.once('close', () => {
        request.close();
      });
    const unread = exchange.hasBody && this.#mustClose(exchange);
    if (unread || this.closing || asksToClose(outgoing, response)) outgoing.shouldKeepAlive = false;
    if (unread) closeAfterwards(exchange);
    if (response.isStream && sendsBody(request, response)) return this.#stream(exchange, response);
    this.#whole(exchange, response);
    return response.isStream ? discardBody(response) : undefined;
  }

  #whole({ request, outgoing }: Exchange, response: Response): void {
    const length = declaredLength(response);
    const body = sendsBody(request, response) ? (response.body as string | Uint8Array | null) : null;
    outgoing.statusCode = response.status;
    if (!this.#prepares) {
      this.#writeHead(outgoing, response, length);
      outgoing.end(body ?? undefined);
      return;
    }
    const framing = length === undefined ? '' : `Content-Length: ${String(length)}\r\n`;
    const head = this.#finalizer.head(response) + framing + this.#ending(outgoing, response);
    endWithPreparedHead(outgoing, head, body ?? undefined);
  }

  /** Date and what concerns the connection, made once a second. */
  #ending(outgoing: ServerResponse, response: Response): string {
    const now = Date.now();
    const hasDate = response.hasHeaders && response.headers.has('date');
    if (hasDate || !outgoing.shouldKeepAlive) {
      const date = hasDate ? '' : `Date: ${httpDate(now)}\r\n`;
      return date + (outgoing.shouldKeepAlive ? this.#keepAlive : 'Connection: close\r\n\r\n');
    }
    const second = Math.floor(now / 1000);
    if (second !== this.#tailSecond) {
      this.#tailSecond = second;
      this.#tail = `Date: ${httpDate(now)}\r\n${this.#keepAlive}`;
    }
    return this.#tail;
  }

  #writeHead(outgoing: ServerResponse, response: Response, length: number | undefined): void {
    const fields = this.#finalizer.fields(response);
    if (length !== undefined) fields.push('Content-Length', String(length));
    outgoing.writeHead(response.status, fields);
  }

  async #stream(exchange: Exchange, response: Response): Promise<void> {
    const { request, outgoing } = exchange;
    // Callbacks may still be added while the stream runs; a request without any closes for nothing.
    if (!request.hasClosers)
      outgoing.once('close', () => {
        request.close();
      });
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) void discardBody(response).catch(() => undefined);
    });
    try {
      const length = declaredLength(response);
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
    return discardBody(response).catch(() => undefined);
  }

  /** Whether the rest of the body is too long to be read for nothing. */
  #mustClose({ request, incoming }: Exchange): boolean {
    if (incoming.complete) return false;
    const length = request.contentLength;
    return length < 0 || length > MAX_SKIPPED_BODY || request.headers.has('expect');
  }
}

/** Whether node:http wants this response to be the last of its connection, or the response itself does. */
function asksToClose(outgoing: ServerResponse, response: Response): boolean {
  const reached = (outgoing as { maxRequestsOnConnectionReached?: boolean }).maxRequestsOnConnectionReached;
  if (reached === true) return true;
  return response.hasHeaders && response.headers.get('connection')?.toLowerCase() === 'close';
}

/** Ends our side after the answer, and gives the client a second to read it before its body meets a closed door. */
function closeAfterwards({ incoming, outgoing }: Exchange): void {
  const { socket } = incoming;
  outgoing.once('finish', () => {
    incoming.resume();
    lingerThenDestroy(socket);
  });
}

async function pump(
  stream: ChunkStream,
  outgoing: ServerResponse,
  length: number | undefined,
): Promise<void> {
  if (Symbol.asyncIterator in stream) outgoing.flushHeaders();
  let sent = 0;
  for await (const chunk of stream) {
    if (outgoing.destroyed) return;
    const bytes = toBytes(checkedChunk(chunk));
    sent += bytes.byteLength;
    if (length !== undefined && sent > length)
      throw new Error(`The stream gave more than its ${String(length)} bytes`);
    if (bytes.byteLength > 0 && !outgoing.write(bytes)) await writable(outgoing);
  }
  if (length !== undefined && sent < length) {
    throw new Error(`The stream ended after ${String(sent)} of its ${String(length)} bytes`);
  }
}

function checkedChunk(chunk: unknown): Chunk {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) return chunk;
  throw new TypeError(`A stream gives strings or bytes, not ${chunk === null ? 'null' : typeof chunk}`);
}

/** Waits until more can be written, or nobody is there to read it. */
function writable(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.on('drain', done);
    outgoing.on('close', done);
  });
}
