/** An open WebSocket, as a handler has it: what it sends waits until the client reads. */
import { type Request, requestName } from '../../kit.js';
import { Messages } from './messages.js';
import type { WebSocketPlan } from './options.js';
import type { WsSocket } from './ws-package.js';

export type { Message } from './messages.js';

/** Text is sent as text, bytes as binary; any other value as the text of its JSON. */
export type Sendable = string | Uint8Array | ArrayBuffer | object | number | boolean | null;

/** One connection of a client. */
export interface WebSocketConnection {
  /** The request that opened it: its parameters, user, session, and `signal`, which aborts when the connection closes. */
  readonly request: Request;
  /** The subprotocol that was agreed on; undefined for none. */
  readonly protocol: string | undefined;
  /** Whether something can be sent. */
  readonly isOpen: boolean;
  /**
   * Sends a message. What is sent when the connection is closed, or closing, goes nowhere.
   * @returns a promise for the moment when the client reads fast enough to get more
   * @throws TypeError for a value that JSON has no text for
   */
  send(value: Sendable): Promise<void>;
  /**
   * Begins to close it. What was sent before arrives.
   * @param code 1000, the default, 1001, 1003, 1007 to 1014, or 3000 to 4999 @param reason at most 123 bytes in UTF-8
   * @throws TypeError for another code @throws RangeError for a longer reason
   */
  close(code?: number, reason?: string): void;
  /** Calls back when it is closed, at once where it is. @returns a function that takes the callback away */
  onClose(callback: () => void): () => void;
}

interface ConnectionParts {
  readonly request: Request;
  readonly plan: WebSocketPlan;
  readonly protocol: string | undefined;
}

/** Why it was closed: the code and the reason that the client gave, or 1006 where it has just gone. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** Bytes that may wait without making the sender wait. */
const LOW = 64 * 1024;
const OPEN = 1;
const SENT = Promise.resolve();

/** Keeps an eye on the client too: pings it, and cuts it when it is not heard. */
export class Connection implements WebSocketConnection {
  readonly request: Request;
  readonly protocol: string | undefined;
  readonly messages: Messages;
  /** Settled when it is over. */
  readonly closed: Promise<Closing>;
  /** What broke it: frames that are none, or too much of them. */
  failure: Error | undefined;
  readonly #socket: WsSocket;
  readonly #plan: WebSocketPlan;
  /** undefined when it is closed. */
  #closers: Set<() => void> | undefined = new Set();
  #timer: NodeJS.Timeout | undefined;
  #heardAt = Date.now();

  constructor(socket: WsSocket, { request, plan, protocol }: ConnectionParts) {
    this.request = request;
    this.protocol = protocol;
    this.messages = new Messages(socket);
    this.#socket = socket;
    this.#plan = plan;
    // An error that no one hears would end the process.
    socket.on('error', (error) => {
      this.#fail(error);
    });
    socket.on('message', (data, isBinary) => {
      this.#heardAt = Date.now();
      this.messages.push(isBinary ? data : data.toString());
    });
    socket.on('pong', () => {
      this.#heardAt = Date.now();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#end();
        resolve({ code, reason: reason.toString() });
      });
    });
    if (plan.pingInterval > 0) this.#watch();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === OPEN;
  }

  send(value: Sendable): Promise<void> {
    const socket = this.#socket;
    const payload = payloadOf(value);
    if (socket.readyState !== OPEN) return SENT;
    const waiting = socket.bufferedAmount;
    if (waiting > this.#plan.maxQueued) {
      this.close(1008, 'Too much waits to be read');
      return SENT;
    }
    const options = { binary: typeof payload !== 'string' };
    if (waiting + payload.length > LOW)
      return new Promise((resolve) => {
        socket.send(payload, options, resolve);
      });
    socket.send(payload, options);
    return SENT;
  }

  close(code = 1000, reason = ''): void {
    this.#socket.close(code, reason);
  }

  onClose(callback: () => void): () => void {
    if (!this.#closers) callback();
    else this.#closers.add(callback);
    return () => this.#closers?.delete(callback);
  }

  /** Says farewell when the server closes. */
  drainWith(closing: AbortSignal): void {
    const leave = (): void => {
      this.close(1001, 'The server closes');
    };
    if (closing.aborted) leave();
    else closing.addEventListener('abort', leave, { once: true });
  }

  #watch(): void {
    this.#timer = setInterval(() => {
      const now = Date.now();
      // What is not read cannot be heard.
      if (this.messages.isPaused) this.#heardAt = now;
      if (now - this.#heardAt >= this.#plan.timeout) this.#socket.terminate();
      else if (this.isOpen) this.#socket.ping();
    }, this.#plan.pingInterval).unref();
  }

  #end(): void {
    clearInterval(this.#timer);
    this.messages.end();
    const closers = this.#closers ?? [];
    this.#closers = undefined;
    for (const callback of closers) callback();
  }

  #fail(error: Error): void {
    this.failure = error;
    const { request } = this;
    request.log.info(`${requestName(request)}: its WebSocket broke: ${error.message}`);
  }
}

/** As it is sent. @throws TypeError for what JSON has no text for */
export function payloadOf(value: Sendable): string | Uint8Array {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  const text: unknown = JSON.stringify(value);
  if (typeof text !== 'string') throw new TypeError(`JSON has no text for the type ${typeof value}`);
  return text;
}
