/** `TestWebSocket`: the client's end of a WebSocket in a test, or the response that refused it. */
import type { Duplex } from 'node:stream';
import { clientFrame, firstFrame, OPCODES, type Frame } from './web-socket-frames.js';
import { TestResponse, type ResponseParts } from './test-response.js';

/** Why a WebSocket was closed: 1005 where no code was given, 1006 where the connection was cut. */
export interface WebSocketClosing {
  readonly code: number;
  readonly reason: string;
}

type Message = string | Buffer;
type Take = (message: Message | undefined) => void;

/** Opened where the status is 101. It answers pings, and closes where the server does. */
export class TestWebSocket extends TestResponse {
  /** When it is closed, by either side. */
  readonly closed: Promise<WebSocketClosing>;
  readonly #socket: Duplex | undefined;
  readonly #messages: Message[] = [];
  readonly #waiting: Take[] = [];
  #received = Buffer.alloc(0);
  #pieces: Frame[] = [];
  #closing: WebSocketClosing | undefined;

  /** For test clients. */
  constructor(parts: ResponseParts) {
    super(parts);
    const { socket } = parts;
    this.#socket = socket;
    this.closed = socket
      ? new Promise((resolve) => {
          socket.on('data', (bytes: Buffer) => {
            this.#read(bytes);
          });
          socket.on('error', () => undefined);
          socket.on('close', () => {
            this.#closing ??= { code: 1006, reason: '' };
            for (const take of this.#waiting.splice(0)) take(undefined);
            resolve(this.#closing);
          });
        })
      : Promise.resolve({ code: 1006, reason: '' });
  }

  /** The subprotocol that the server has agreed to; undefined for none. */
  get protocol(): string | undefined {
    return this.headers.get('sec-websocket-protocol');
  }

  /** Sends text, bytes as a binary message, or any other value as JSON. @throws Error where it is not open */
  send(value: string | Uint8Array | object | number | boolean | null): void {
    if (value instanceof Uint8Array) this.write(clientFrame(OPCODES.binary, value));
    else
      this.write(
        clientFrame(OPCODES.text, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))),
      );
  }

  /** Sends bytes as they are: frames that no client should send. @throws Error where it is not open */
  write(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (!socket) throw new Error(`There is no WebSocket: ${this.url} answered with ${String(this.status)}`);
    if (this.#closing || socket.destroyed) throw this.#end();
    socket.write(bytes);
  }

  /** The next message of the server. @throws Error, as a rejection, with the code when it was closed and there is none */
  async next(): Promise<Message> {
    const message = await this.#take();
    if (message === undefined) throw this.#end();
    return message;
  }

  /** The value of the next message. */
  async nextJson<T = unknown>(): Promise<T> {
    return JSON.parse((await this.next()).toString()) as T;
  }

  /** All messages until it is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message> {
    for (let message = await this.#take(); message !== undefined; message = await this.#take()) yield message;
  }

  /** Asks the server to close. @returns what it answers */
  close(code = 1000, reason = ''): Promise<WebSocketClosing> {
    const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
    if (!this.#closing) this.write(clientFrame(OPCODES.close, payload));
    return this.closed;
  }

  /** Leaves without a word, as a client whose connection breaks. */
  destroy(): void {
    this.#socket?.destroy();
  }

  #take(): Promise<Message | undefined> {
    const message = this.#messages.shift();
    if (message !== undefined || !this.#socket || this.#closing) return Promise.resolve(message);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #end(): Error {
    const { code = 1006, reason = '' } = this.#closing ?? {};
    return new Error(`The WebSocket was closed with ${String(code)}${reason && `: ${reason}`}`);
  }

  #read(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (let first = firstFrame(this.#received); first; first = firstFrame(this.#received)) {
      this.#received = this.#received.subarray(first.end);
      this.#handle(first.frame);
    }
  }

  #handle(frame: Frame): void {
    const { opcode, isLast, payload } = frame;
    if (opcode === OPCODES.ping) this.#socket?.write(clientFrame(OPCODES.pong, payload));
    else if (opcode === OPCODES.close) this.#leave(payload);
    else if (opcode < OPCODES.close) {
      this.#pieces.push(frame);
      if (isLast) this.#deliver(this.#pieces.splice(0));
    }
  }

  #deliver(pieces: readonly Frame[]): void {
    const bytes = Buffer.concat(pieces.map(({ payload }) => payload));
    const message = pieces[0]?.opcode === OPCODES.text ? bytes.toString() : bytes;
    const take = this.#waiting.shift();
    if (take) take(message);
    else this.#messages.push(message);
  }

  /** The server's farewell, which is answered where it is not an answer itself. */
  #leave(payload: Buffer): void {
    const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
    this.#closing ??= { code, reason: payload.subarray(2).toString() };
    this.#socket?.end(clientFrame(OPCODES.close, payload));
  }
}
