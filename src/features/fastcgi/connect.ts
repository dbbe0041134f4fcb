/** Connections to a FastCGI server, by a socket of Unix or by TCP. */
import { connect as open, type Socket } from 'node:net';
import { EXHAUSTED } from '../processes/exhausted.js';
import { FastcgiError } from './fastcgi-error.js';

/** Where a server is. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

/**
 * A connection that stands. Its later errors are those of its end: each ends with `close`.
 * @param timeout milliseconds; 0 for no limit
 * @throws FastcgiError 502, 503, or 504 when it takes too long; the reason of the signal
 */
export async function connect(address: Address, timeout: number, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = open(address).setNoDelay();
  const late = new FastcgiError(504, 'no connection in time');
  const timer = timeout > 0 ? setTimeout(() => socket.destroy(late), timeout) : undefined;
  const leave = (): void => {
    socket.destroy(signal.reason as Error);
  };
  signal.addEventListener('abort', leave);
  try {
    await opened(socket);
    return socket;
  } catch (error) {
    if (error === late || error === signal.reason) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FastcgiError(EXHAUSTED.has(code) ? 503 : 502, `no connection: ${message}`, { cause: error });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
}

function opened(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve).on('error', reject);
  });
}
