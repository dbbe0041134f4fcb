/** An open WebSocket, as a handler has it: what it sends waits until the client reads. */
import type { Duplex } from 'node:stream';
import { type Request, requestName, type UpgradeResponse } from '../../kit.js';
import { shortFrame } from './frame.js';
import { Messages } from './messages.js';
import type { WebSocketPlan } from './options.js';
import { listenTo, type Closing, type WsListener, type WsSocket } from './ws-package.js';

export type { Message } from './messages.js';
export type { Closing } from './ws-package.js';

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
  /** What the socket writes to, where messages go out as they are; undefined where they are compressed. */
  readonly wire: Duplex | undefined;
  readonly request: Request;
  readonly plan: WebSocketPlan;
  readonly protocol: string | undefined;
}

type UpgradedConnection = Parameters<UpgradeResponse['takeOver']>[0];

/** Bytes that may wait without making the sender wait. */
const LOW = 64 * 1024;
const OPEN = 1;
/** Of what is sent at once. */
export const SENT = Promise.resolve();

/** Keeps an eye on the client too: pings it, and cuts it when it is not heard. */
export class Connection implements WebSocketConnection, WsListener {
  readonly request: Request;
  readonly protocol: string | undefined;
  readonly messages: Messages;
  /** What broke it: frames that are none, or too much of them. */
  failure: Error | undefined;
  /** How it has ended; undefined while it has not. */
  closing: Closing | undefined;
  readonly #socket: WsSocket;
  readonly #wire: Duplex | undefined;
  readonly #plan: WebSocketPlan;
  readonly #timer: NodeJS.Timeout | undefined;
  #closers: (() => void)[] | undefined;
  #heardAt = Date.now();

  constructor(socket: WsSocket, { wire, request, plan, protocol }: ConnectionParts) {
    this.#wire = wire;
    this.request = request;
    this.protocol = protocol;
    this.messages = new Messages(socket);
    this.#socket = socket;
    this.#plan = plan;
    listenTo(socket, this);
    const { pingInterval } = plan;
    if (pingInterval > 0) this.#timer = setInterval(watch, pingInterval, this).unref();
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
    if (waiting + payload.length > LOW)
      return new Promise((resolve) => {
        this.#write(payload, resolve);
      });
    this.#write(payload);
    return SENT;
  }

  close(code = 1000, reason = ''): void {
    this.#socket.close(code, reason);
  }

  onClose(callback: () => void): () => void {
    if (this.closing) callback();
    else if (this.#closers) this.#closers.push(callback);
    else this.#closers = [callback];
    return () => {
      this.#closers = this.#closers?.filter((each) => each !== callback);
    };
  }

  /** Says farewell when the server closes. */
  drainWith(upgraded: UpgradedConnection): void {
    const leave = (): void => {
      this.close(1001, 'The server closes');
    };
    // A signal of its own for each of thousands would be the largest part of them.
    if (upgraded.onClosing) upgraded.onClosing(leave);
    else if (upgraded.closing.aborted) leave();
    else upgraded.closing.addEventListener('abort', leave, { once: true });
  }

  #write(payload: string | Uint8Array, sent?: () => void): void {
    const wire = this.#wire;
    const frame = wire && shortFrame(payload);
    if (frame) wire.write(frame, sent);
    else this.#socket.send(payload, undefined, sent);
  }

  /** Pings the client, unless it was not heard for too long. */
  watch(): void {
    const now = Date.now();
    // What is not read cannot be heard.
    if (this.messages.isPaused) this.#heardAt = now;
    if (now - this.#heardAt >= this.#plan.timeout) this.#socket.terminate();
    else if (this.isOpen) this.#socket.ping();
  }

  onMessage(data: Buffer, isBinary: boolean): void {
    this.#heardAt = Date.now();
    this.messages.push(isBinary ? data : data.toString());
  }

  onPong(): void {
    this.#heardAt = Date.now();
  }

  onError(error: Error): void {
    this.failure = error;
    const { request } = this;
    request.log.info(`${requestName(request)}: its WebSocket broke: ${error.message}`);
  }

  onEnd(closing: Closing): void {
    clearInterval(this.#timer);
    this.closing = closing;
    this.messages.end();
    const closers = this.#closers ?? [];
    this.#closers = undefined;
    for (const callback of closers) callback();
  }
}

/** One function for the timers of all. */
function watch(connection: Connection): void {
  connection.watch();
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
