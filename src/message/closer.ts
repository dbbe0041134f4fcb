/** Callbacks for the end of a request. */
import { CurrentRequest, LIVE, type Followed } from '../ground/current-request.js';

/** A callback for the end of a request, and the view it was given to. */
export interface Closer<View> {
  readonly callback: () => unknown;
  readonly view: View;
}

/** Calls it. @param report takes what it throws, now or later, and the view it belongs to */
export function callCloser<View extends Followed>(
  { callback, view }: Closer<View>,
  report: (error: unknown, view: View) => void,
): void {
  const failed = (error: unknown): void => {
    report(error, view);
  };
  try {
    const closing = LIVE.run ? CurrentRequest.run(view, callback) : callback();
    if (closing instanceof Promise) closing.catch(failed);
  } catch (error) {
    failed(error);
  }
}
