/** Interim answers: heads that come before that of the answer (RFC 9110 15.2). */
import { IncomingMessage } from 'node:http';
import { reasonPhrase } from '../../http/status.js';
import type { Headers } from '../../message/headers.js';
import { currentResponse } from './refuse.js';

/** Sends one, where it is the turn of the request, and its answer has not begun. @param source what the request was made of */
export function sendInterim(source: object, status: number, headers: Headers): boolean {
  if (!(source instanceof IncomingMessage) || source.httpVersion === '1.0') return false;
  const { socket } = source;
  const outgoing = currentResponse(socket);
  if (outgoing?.req !== source || outgoing.headersSent || !socket.writable) return false;
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${String(status)} ${reasonPhrase(status)}\r\n${lines.join('')}\r\n`, 'latin1');
  return true;
}
