/** The part of the package ws that is used, and how it is loaded. */
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';
import { ObolError } from '../../kit.js';

/** One end of a connection. */
export interface WsSocket {
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** 1 while it is open. */
  readonly readyState: number;
  send(data: string | Uint8Array, options: { readonly binary: boolean }, sent?: () => void): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  ping(): void;
  pause(): void;
  resume(): void;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'close', listener: (code: number, reason: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'pong', listener: () => void): unknown;
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
  try {
    return (loaded ??= createRequire(import.meta.url)('ws') as WsPackage);
  } catch (cause) {
    throw new ObolError('E_PACKAGE', 'webSocket() needs the package ws: npm install ws', { cause });
  }
}
