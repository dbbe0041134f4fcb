/** One request to one server, until it has begun its answer. */
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { failureOf, UpstreamFailure } from './failure.js';
import type { Interim } from './interim.js';
import type { Message } from './message.js';
import { Upload } from './upload.js';
import type { Server } from './upstream.js';

/** What a server has begun to answer. */
export interface Begun {
  readonly response: IncomingMessage;
  /** The connection, where it was changed to another protocol, and what came behind the head. */
  readonly upgraded?: { readonly socket: Duplex; readonly head: Buffer } | undefined;
}

export interface ToSend {
  readonly method: string;
  readonly path: string;
  /** Names and values in turns. */
  readonly fields: string[];
  readonly message: Message;
  /** Takes what comes before the answer. */
  readonly onInterim: (interim: Interim) => void;
}

/** In milliseconds. */
interface Limits {
  readonly timeout: number;
  readonly connectTimeout: number;
  readonly idleTimeout: number;
}

interface Settle {
  readonly resolve: (begun: Begun) => void;
  readonly reject: (error: Error) => void;
}

/** Milliseconds after which the body is sent to a server that says nothing to Expect (RFC 9110 10.1.1). */
const CONTINUE_TIMEOUT = 1_000;

export class Exchange {
  /** Rejects with an UpstreamFailure, with what ended the body of the client, or with what it was abandoned for. */
  readonly begun: Promise<Begun>;
  readonly #server: Server;
  readonly #limits: Limits;
  readonly #request: ClientRequest;
  readonly #body: (() => Readable) | undefined;
  readonly #isExpecting: boolean;
  /** Undefined once it is decided. */
  #settle: Settle | undefined;
  #timer: NodeJS.Timeout | undefined;
  #upload: Upload | undefined;
  #response: IncomingMessage | undefined;
  #isConnected = false;

  constructor(server: Server, { method, path, fields, message, onInterim }: ToSend, limits: Limits) {
    const { body, isExpecting, protocols } = message;
    this.#server = server;
    this.#limits = limits;
    this.#body = typeof body === 'function' ? body : undefined;
    this.#isExpecting = isExpecting;
    this.begun = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    const request = httpRequest({ ...server.connection, method, path, headers: fields });
    server.begin();
    this.#request = request;
    request.on('information', (interim: Interim) => {
      if (this.#settle) onInterim(interim);
    });
    request.on('response', (response: IncomingMessage) => {
      this.#response = response;
      // What has come with the head is there in the next turn.
      process.nextTick(() => {
        this.#begin({ response });
      });
    });
    request.on('error', (error) => {
      // What is wrong behind an answer is no part of it.
      if (!this.#response?.complete) this.#fail(failureOf(error, this.#isConnected));
    });
    request.on('close', () => {
      this.#onClose();
    });
    if (protocols.length > 0) this.#acceptUpgrade();
    if (typeof body !== 'function') request.end(body);
    else request.flushHeaders();
    if (request.reusedSocket) this.#onConnected();
    else
      request.once('socket', (socket) => {
        this.#onSocket(socket);
      });
  }

  /** Whether the connection had served other requests before, so that it may have been closed meanwhile. */
  get isReused(): boolean {
    return this.#request.reusedSocket;
  }

  /** The client will not have the answer. */
  abandon(reason: Error): void {
    if (this.#settle) this.#fail(reason);
  }

  /** Its answer is of no use. */
  end(): void {
    this.#request.destroy();
  }

  #onSocket(socket: Duplex): void {
    this.#failAfter(this.#limits.connectTimeout, 'no connection in time');
    socket.once(this.#server.isSecure ? 'secureConnect' : 'connect', () => {
      this.#onConnected();
    });
  }

  #onConnected(): void {
    this.#isConnected = true;
    if (!this.#body) this.#awaitAnswer();
    else if (this.#isExpecting) {
      const send = (): void => {
        this.#sendBody();
      };
      this.#request.once('continue', send);
      this.#wait(CONTINUE_TIMEOUT, send);
    } else this.#sendBody();
  }

  #acceptUpgrade(): void {
    this.#request.once('upgrade', (response: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#server.begin();
      socket.once('close', () => {
        this.#server.end();
      });
      this.#begin({ response, upgraded: { socket, head } });
    });
  }

  #begin(begun: Begun): void {
    clearTimeout(this.#timer);
    const { response, upgraded } = begun;
    if (!this.#settle) {
      (upgraded?.socket ?? response).destroy();
      return;
    }
    if (this.#body)
      response.once('end', () => {
        this.#cutBody();
      });
    if (!response.complete && !upgraded) this.#watch(response);
    this.#settle.resolve(begun);
    this.#settle = undefined;
  }

  /** A server that stands still in the midst of its answer is cut. */
  #watch(response: IncomingMessage): void {
    response.on('error', ignore);
    response.setTimeout(this.#limits.idleTimeout, () => {
      // Else it is the client that does not read.
      if (response.readableLength < response.readableHighWaterMark)
        response.destroy(new UpstreamFailure('nothing more of its answer in time'));
    });
  }

  #onClose(): void {
    this.#server.end();
    this.#upload?.stop();
    if (this.#settle && !this.#response) this.#fail(failureOf(new Error('no answer'), this.#isConnected));
  }

  #fail(error: Error): void {
    clearTimeout(this.#timer);
    this.#upload?.stop();
    this.#settle?.reject(error);
    this.#settle = undefined;
    this.#request.destroy();
  }

  #sendBody(): void {
    clearTimeout(this.#timer);
    if (this.#upload || !this.#body || !this.#settle) return;
    try {
      this.#upload = new Upload(this.#body(), this.#request, {
        onStall: () => {
          if (this.#settle) this.#failAfter(this.#limits.timeout, 'no room for the body in time');
        },
        onProgress: () => {
          clearTimeout(this.#timer);
        },
        onEnd: () => {
          if (this.#settle) this.#awaitAnswer();
        },
        onError: (error) => {
          this.#fail(error);
        },
      });
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** A server that has said all it has to say reads no more of the body. */
  #cutBody(): void {
    this.#upload?.stop();
    if (!this.#request.writableFinished) this.#request.destroy();
  }

  #awaitAnswer(): void {
    this.#failAfter(this.#limits.timeout, 'no answer in time');
  }

  #failAfter(milliseconds: number, message: string): void {
    this.#wait(milliseconds, () => {
      this.#fail(new UpstreamFailure(message, { status: 504, isUnreached: !this.#isConnected }));
    });
  }

  #wait(milliseconds: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, milliseconds);
  }
}

function ignore(): void {
  // The reader of the answer hears of it, too.
}
