/** When what was started for a request is not wanted any more. */
import { HttpError, type Request } from '../../kit.js';

/** Made once: at the end of each request it is a reason, and hardly ever an error. */
const OVER = new HttpError(499, 'The request is over');

/** Aborts when the client leaves, and when the request is over in another way: when its answer was dropped, too. */
export function signalOfEnd(request: Request): AbortSignal {
  const over = new AbortController();
  const end = (): void => {
    over.abort(OVER);
  };
  const { signal } = request;
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  request.onClose(end);
  return over.signal;
}
