/** The part of the package ws that is used, and how it is loaded. */
import type { Duplex } from 'node:stream';
import { loadPackage } from '../../kit.js';

/** One end of a connection. */
export interface WsSocket {
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** 1 while it is open. */
  readonly readyState: number;
  send(data: string | Uint8Array, options?: undefined, sent?: () => void): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  ping(): void;
  pause(): void;
  resume(): void;
  on(event: 'message', listener: (this: Heard, data: Buffer, isBinary: boolean) => void): this;
  on(event: 'close', listener: (this: Heard, code: number, reason: Buffer) => void): this;
  on(event: 'error', listener: (this: Heard, error: Error) => void): this;
  on(event: 'pong', listener: (this: Heard) => void): this;
}

/** Why it was closed: the code and the reason that the client gave, or 1006 where it has just gone. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** What hears all that happens on a socket. */
export interface WsListener {
  onMessage(data: Buffer, isBinary: boolean): void;
  onPong(): void;
  /** An error that no one hears would end the process. */
  onError(error: Error): void;
  onEnd(closing: Closing): void;
}

interface Heard {
  readonly [LISTENER]: WsListener;
}

const LISTENER = Symbol('listener');

/** By functions that are the same for all sockets, of which there may be thousands. */
export function listenTo(socket: WsSocket, listener: WsListener): void {
  Object.assign(socket, { [LISTENER]: listener });
  socket.on('message', passMessage).on('pong', passPong).on('error', passError).on('close', passEnd);
}

function passMessage(this: Heard, data: Buffer, isBinary: boolean): void {
  this[LISTENER].onMessage(data, isBinary);
}

function passPong(this: Heard): void {
  this[LISTENER].onPong();
}

function passError(this: Heard, error: Error): void {
  this[LISTENER].onError(error);
}

function passEnd(this: Heard, code: number, reason: Buffer): void {
  this[LISTENER].onEnd({ code, reason: reason.toString() });
}

/** What of a request makes an upgrade. */
interface HandshakeRequest {
  readonly method: 'GET';
  readonly headers: Readonly<Record<string, string>>;
}

/** Server that listens to nothing itself. */
export interface WsServer {
  handleUpgrade(
    request: HandshakeRequest,
    socket: Duplex,
    head: Buffer,
    opened: (socket: WsSocket) => void,
  ): void;
}

/** Names of extensions with the parameters of each time that they are offered. */
type Offers = Readonly<Record<string, readonly object[]>>;

interface Deflate {
  readonly params: object;
  accept(offers: readonly object[]): object;
}

interface WsPackage {
  readonly WebSocketServer: new (options: object) => WsServer;
  readonly PerMessageDeflate: { new (options: object): Deflate; readonly extensionName: string };
  readonly extension: {
    parse(field: string): Offers;
    format(extensions: Readonly<Record<string, readonly object[]>>): string;
  };
}

let loaded: WsPackage | undefined;

/** @throws ObolError E_PACKAGE when the package is not installed */
export function loadWs(): WsPackage {
  return (loaded ??= loadPackage('ws', 'webSocket()') as WsPackage);
}
