/** What hosts serve: a handler, or an object that has one. */
import type { Logger } from '../ground/log/log.js';
import type { Handler } from './handler.js';

/** A handler, or an object that has one, as an application does; either may show what it answers. */
export type HandlerLike = (Handler | HandlerObject) & Showing;

interface Showing {
  /** What it answers, as plain data: of an application its dispatch table. */
  readonly table?: { toJSON(): object };
}

interface HandlerObject {
  readonly handle: Handler;
  /** Where its own lines go, and those of a server that was given no other. */
  readonly logger?: Logger | undefined;
  /** Ends it, its server included. */
  close?(): Promise<void>;
}

/** The function of a handler, whichever way it was given. */
export function handlerOf(handler: HandlerLike): Handler {
  return typeof handler === 'function' ? handler : handler.handle;
}
