/** What hosts serve: a handler, or an object that has one. */
import type { Handler } from './handler.js';

/** A handler, or an object that has one, as an application does. */
export type HandlerLike = Handler | HandlerObject;

interface HandlerObject {
  readonly handle: Handler;
  /** Ends it, its server included. */
  close?(): Promise<void>;
}

/** The function of a handler, whichever way it was given. */
export function handlerOf(handler: HandlerLike): Handler {
  return typeof handler === 'function' ? handler : handler.handle;
}
