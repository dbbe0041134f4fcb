/** Serves one handler on a free port for the length of a test. */
import { listen, type Handler, type ListenOptions, type RunningServer } from 'obol';
import { collectingLogger, type CollectingLogger } from './collecting-logger.js';

/** A server of a test, and what it logged. */
export interface Served {
  readonly server: RunningServer;
  readonly port: number;
  readonly logger: CollectingLogger;
}

/** Listens on a free port with the defaults of a plain function, but for the logger. */
export async function serve(handle: Handler, options: ListenOptions = {}): Promise<Served> {
  const logger = collectingLogger();
  const server = await listen(handle, {
    port: 0,
    signals: false,
    drainLinger: 20,
    drainTimeout: 2000,
    logger,
    ...options,
  });
  return { server, port: server.port, logger };
}

/** A promise with its resolve, for tests that say when something happens. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
