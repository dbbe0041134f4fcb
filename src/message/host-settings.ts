/** What a host needs to know to serve a handler: how to read requests, and what goes out with every response. */
import { consoleLogger, type Logger } from '../ground/logger.js';
import { Finalizer } from '../answering/finalize.js';
import type { Handler } from './handler.js';
import { REQUEST_DEFAULTS, type RequestSettings } from './request.js';

export interface HostSettings {
  readonly request: RequestSettings;
  readonly finalizer: Finalizer;
  readonly logger: Logger;
  /** Milliseconds that a body may stand still; the host's own limit where undefined. */
  readonly readTimeout?: number | undefined;
}

/** A handler, or an object that has one and knows how it wants to be served, as an application does. */
export type HandlerLike = Handler | HandlerObject;

interface HandlerObject {
  readonly handle: Handler;
  readonly hostSettings?: HostSettings;
  /** Ends it, its server included. */
  close?(): Promise<void>;
}

/** The function of a handler, whichever way it was given. */
export function handlerOf(handler: HandlerLike): Handler {
  return typeof handler === 'function' ? handler : handler.handle;
}

/** How a handler wants to be served; safe defaults for a plain function. */
export function hostSettingsOf(handler: HandlerLike): HostSettings {
  const own = typeof handler === 'function' ? undefined : handler.hostSettings;
  return own ?? { request: REQUEST_DEFAULTS, finalizer: new Finalizer(), logger: consoleLogger };
}
