/** A signal that aborts when a client leaves. */
import { HttpError } from '../http/http-error.js';
import type { PeerSocket } from './peer.js';

/** Aborts, with an HttpError 499, when the connection closes before the request is over. */
export function signalOf(
  socket: PeerSocket,
  request: { onClose(callback: () => unknown): void },
): AbortSignal {
  const abort = new AbortController();
  const leave = (): void => {
    abort.abort(new HttpError(499, 'The client left'));
  };
  if (socket.destroyed) leave();
  else socket.once('close', leave);
  request.onClose(() => {
    socket.off('close', leave);
  });
  return abort.signal;
}
