/** Objects of a request that are not ready at once: what its controllers wait for before they are called. */
import { ContextKey } from '../ground/context-key.js';
import type { Request } from '../message/request.js';

/** What a request waits for before its controllers are called; undefined for nothing. */
export const HELD = new ContextKey<Promise<unknown> | undefined>('obol.held', {
  ofApplication: true,
  shared: true,
});

/**
 * For those who provide objects of a request: no controller that is made for this request is called until the promise is
 * fulfilled; when it is rejected, that is the answer.
 */
export function hold(request: Request, until: Promise<unknown>): void {
  const before = request.get(HELD);
  const all = (before ? Promise.all([before, until]) : until).then(() => {
    if (request.get(HELD) === all) request.set(HELD, undefined);
  });
  // It may never be awaited.
  all.catch(() => undefined);
  request.set(HELD, all);
}

/** For the dispatcher: calls at once, or when nothing holds the request any more. */
export function callWhenReady<T>(request: Request, call: () => T): T | Promise<T> {
  const held = request.get(HELD);
  return held ? held.then(() => callWhenReady(request, call)) : call();
}
