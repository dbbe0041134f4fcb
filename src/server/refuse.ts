/** Answers to what never became a request: written to the socket, after which the connection is closed. */
import type { Duplex } from 'node:stream';
import { httpDate } from '../http/date.js';
import { reasonPhrase } from '../http/status.js';
import type { Refusal } from './examine-head.js';

/** What node:http says of a request it could not read. */
interface ClientError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
}

const LINGER = 1000;

/** Writes a refusal and closes; what still arrives is read and forgotten for a second, so that the answer is not lost. */
export function refuse(
  socket: Duplex,
  { status, detail }: Refusal,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${String(status)} ${detail}\n`;
  const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${String(status)} ${reasonPhrase(status)}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${String(Buffer.byteLength(body))}\r\nX-Content-Type-Options: nosniff\r\n${extra.join('')}` +
      `Date: ${httpDate(Date.now())}\r\nConnection: close\r\n\r\n${body}`,
  );
  lingerThenDestroy(socket);
}

/** Reads and forgets what the other end still sends, and cuts the connection when it ends or after a second. */
export function lingerThenDestroy(socket: Duplex): void {
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER).unref();
  socket.once('end', () => socket.destroy());
  socket.once('close', () => {
    clearTimeout(timer);
  });
}

/** The refusal that a parser's error stands for; undefined when there is nobody left to tell. */
export function refusalOf(error: ClientError): Refusal | undefined {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined;
    case 'HPE_HEADER_OVERFLOW':
      return isLongTarget(error.rawPacket)
        ? { status: 414, detail: 'The request target is too long' }
        : { status: 431, detail: 'The head is too large' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, detail: 'The chunk extensions are too large' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, detail: 'The request took too long' };
    case 'HPE_INVALID_VERSION':
    case 'HPE_PAUSED_H2_UPGRADE':
      return { status: 505, detail: 'Only HTTP/1.1 and HTTP/1.0 are spoken here' };
    case 'HPE_INVALID_METHOD':
      return isRequestLine(error.rawPacket)
        ? { status: 501, detail: 'The method is not implemented' }
        : { status: 400, detail: 'The request is malformed' };
    default:
      return { status: 400, detail: 'The request is malformed' };
  }
}

/** Whether the first line alone fills the packet: then it is the target that is too long. */
function isLongTarget(packet: Buffer | undefined): boolean {
  return packet !== undefined && !packet.includes(0x0a) && packet.includes(0x20);
}

function isRequestLine(packet: Buffer | undefined): boolean {
  return packet !== undefined && /^[A-Za-z]+ \S+ HTTP\/1\.[01]\r?\n/.test(packet.toString('latin1', 0, 8192));
}
