/** Answers to what never became a request: written to the socket, after which the connection is closed. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { httpDate } from '../../http/date.js';
import { reasonPhrase } from '../../http/status.js';
import { LONG_TARGET, OTHER_VERSION, type Refusal } from './examine-head.js';

/** What node:http says of a request it could not read. */
export interface ClientError extends Error {
  readonly code?: string;
  readonly reason?: string;
  readonly rawPacket?: Buffer;
  /** How far the parser came in the packet. */
  readonly bytesParsed?: number;
}

/** What node:http notes on a connection and no Node line documents: the response whose turn it is. */
interface Connection extends Duplex {
  readonly _httpMessage?: ServerResponse | null;
}

/** The response that is being sent on a connection; others may wait for their turn behind it. */
export function currentResponse(socket: Duplex): ServerResponse | undefined {
  return (socket as Connection)._httpMessage ?? undefined;
}

const LINGER = 1000;
const MAX_TARGET = 8 * 1024;
const LARGE_HEAD: Refusal = { status: 431, detail: 'The head is too large' };
const UNKNOWN_METHOD: Refusal = { status: 501, detail: 'The method is not implemented' };
const MALFORMED: Refusal = { status: 400, detail: 'The request is malformed' };

/** A refusal that has gone out, or could not. */
export interface SentRefusal {
  readonly status: number;
  /** Bytes of content; undefined when not all of them got through. */
  readonly length: number | undefined;
  readonly complete: boolean;
  /** The request whose body it was that could not be read; undefined when it was a head. */
  readonly incoming: IncomingMessage | undefined;
}

export interface RefuseOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Called when it is over. */
  readonly log?: ((sent: SentRefusal) => void) | undefined;
}

/**
 * Refuses what follows on a connection as soon as everything before it is answered: answers come in the order of
 * their requests.
 */
export function refuse(socket: Duplex, refusal: Refusal, options: RefuseOptions = {}): void {
  // node:http has let go of a socket that asks for a proxy, and an error without a listener ends the process.
  if (socket.listenerCount('error') === 0) socket.on('error', () => undefined);
  const current = currentResponse(socket);
  if (!current) writeRefusal(socket, refusal, options);
  else if (current.req.complete) {
    current.once('finish', () => {
      refuse(socket, refusal, options);
    });
  } else if (current.headersSent) socket.destroy();
  else writeRefusal(socket, refusal, { ...options, incoming: current.req });
}

function writeRefusal(
  socket: Duplex,
  { status, detail }: Refusal,
  { headers = {}, log, incoming }: RefuseOptions & { readonly incoming?: IncomingMessage },
): void {
  // It has been ended already, by the answer before or by a refusal, and is about to close.
  if (!socket.writable) return;
  const body = `${String(status)} ${detail}\n`;
  const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  socket.end(
    `HTTP/1.1 ${String(status)} ${reasonPhrase(status)}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${String(length)}\r\nX-Content-Type-Options: nosniff\r\n${extra.join('')}` +
      `Date: ${httpDate(Date.now())}\r\nConnection: close\r\n\r\n${body}`,
    (error?: Error | null) => {
      const complete = !error;
      log?.({ status, length: complete ? length : undefined, complete, incoming });
    },
  );
  lingerThenDestroy(socket);
}

/**
 * Reads and forgets what the other end still sends, and cuts the connection when it ends or after a second. A
 * connection closed with bytes unread is reset, and a reset can take the answer along (RFC 9112 9.6).
 */
export function lingerThenDestroy(socket: Duplex): void {
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER).unref();
  socket.once('end', () => {
    if (socket.writableFinished) socket.destroy();
    else socket.once('finish', () => socket.destroy());
  });
  socket.once('close', () => {
    clearTimeout(timer);
  });
}

/** Those refusals that the code of the error alone decides. */
const BY_CODE: ReadonlyMap<string, Refusal> = new Map([
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', { status: 413, detail: 'The chunk extensions are too large' }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, detail: 'The request took too long' }],
  ['HPE_PAUSED_H2_UPGRADE', OTHER_VERSION],
]);

/** The refusal that a parser's error stands for; undefined when there is no client left to answer. */
export function refusalOf(error: ClientError): Refusal | undefined {
  const { code = '' } = error;
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return isLongTarget(error) ? LONG_TARGET : LARGE_HEAD;
    case 'HPE_INVALID_VERSION':
      return error.reason === 'Invalid HTTP version' ? OTHER_VERSION : MALFORMED;
    case 'HPE_INVALID_METHOD':
      return isRequestLine(error) ? UNKNOWN_METHOD : MALFORMED;
    default:
      // What is no error of the parser is one of the connection: reset, broken, no TLS.
      return BY_CODE.get(code) ?? (code.startsWith('HPE_') ? MALFORMED : undefined);
  }
}

/** Whether it is the target that is too long: the first line of the packet is a long request line, or the end of one. */
function isLongTarget({ rawPacket: packet }: ClientError): boolean {
  if (!packet) return false;
  const lineEnd = packet.indexOf(0x0a);
  if (/^[A-Z-]+ \S/.test(packet.toString('latin1', 0, 32))) return lineEnd < 0 || lineEnd > MAX_TARGET;
  return / HTTP\/1\.[01]\r?$/.test(
    packet.toString('latin1', Math.max(0, lineEnd - 12), Math.max(0, lineEnd)),
  );
}

/** Whether the line the parser stumbled over is a request line, but for its method. */
function isRequestLine({ rawPacket: packet, bytesParsed = 0 }: ClientError): boolean {
  if (!packet) return false;
  const lineStart = packet.subarray(0, bytesParsed).lastIndexOf(0x0a) + 1;
  return /^[\w!#$%&'*+.^`|~-]+ \S+ HTTP\/1\.[01]\r?\n/.test(
    packet.toString('latin1', lineStart, lineStart + MAX_TARGET),
  );
}
