/** When a client leaves: a signal that aborts, and a callback that costs less. */
import { CurrentRequest, LIVE, type Followed } from '../ground/current-request.js';
import { HttpError } from '../http/http-error.js';
import type { PeerSocket } from './peer.js';

/** Aborts, with an HttpError 499, when the connection closes before the request is over. */
export function signalOf(socket: PeerSocket, request: Followed): AbortSignal {
  const abort = new AbortController();
  const end = (): void => {
    abort.abort(new HttpError(499, 'The client left'));
  };
  const leave = LIVE.run
    ? (): void => {
        CurrentRequest.run(request, end);
      }
    : end;
  if (socket.destroyed) leave();
  else socket.once('close', leave);
  request.onClose(() => {
    socket.off('close', leave);
  });
  return abort.signal;
}

/** Calls back as soon as the connection closes or the request is over, once or more often. */
export function callWhenGone(
  socket: PeerSocket,
  request: { onClose(callback: () => unknown): void },
  callback: () => void,
): void {
  if (socket.destroyed) callback();
  else socket.once('close', callback);
  request.onClose(() => {
    socket.off('close', callback);
    callback();
  });
}
