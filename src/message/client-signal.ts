/** A signal that aborts when a client leaves. */
import { CurrentRequest, LIVE, type Followed } from '../ground/current-request.js';
import { HttpError } from '../http/http-error.js';
import type { PeerSocket } from './peer.js';

/** Aborts, with an HttpError 499, when the connection closes before the request is over. */
export function signalOf(socket: PeerSocket, request: Followed): AbortSignal {
  const abort = new AbortController();
  const end = (): void => {
    abort.abort(new HttpError(499, 'The client left'));
  };
  const leave = LIVE.run ? (): void =>{  CurrentRequest.run(request, end); } : end;
  if (socket.destroyed) leave();
  else socket.once('close', leave);
  request.onClose(() => {
    socket.off('close', leave);
  });
  return abort.signal;
}
