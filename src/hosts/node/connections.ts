/** The connections of one server, and how they come to an end without the loss of a request. */
import type { Server as HttpServer } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { ServerLimits } from './options.js';
import { IS_BUN } from './runtime.js';

/** How many connections the system keeps for a server that has not taken them in yet. */
const BACKLOG = 511;

/** Knows every connection that is open. */
export class Connections {
  /** Those between two requests that node:http does not know of, since it has let go of them. */
  readonly idle = new Set<Socket>();
  readonly #http: HttpServer;
  readonly #limits: Pick<ServerLimits, 'drainLinger' | 'drainTimeout'>;
  readonly #open = new Set<Socket>();
  /** How many were made so far. */
  #count = 0;

  constructor(http: HttpServer, limits: Pick<ServerLimits, 'drainLinger' | 'drainTimeout'>) {
    this.#http = http;
    this.#limits = limits;
    http.on('connection', this.#add);
  }

  /**
   * Takes in those who have connected already, whose connections would be reset otherwise, and then stops listening. That
   * is done on the net layer only: http's own `close()` cuts idle connections at once, and with them requests that are
   * already on their way. Idle ones get a moment before they are closed; what is still open at the deadline is cut.
   */
  async drain(): Promise<void> {
    await this.#takeInAll();
    const stopped = new Promise<void>((resolve) => {
      stopListening(this.#http, resolve);
    });
    // Not before what has arrived is read: of a process that was busy, even an idle connection may hold a request.
    const idle = setInterval(() => void turnOfLoop().then(this.#closeIdle), this.#limits.drainLinger);
    const deadline = setTimeout(() => {
      for (const socket of this.#open) socket.destroy();
    }, this.#limits.drainTimeout);
    await stopped;
    clearInterval(idle);
    clearTimeout(deadline);
    // Nothing is left to close but the timer that checks connections.
    this.#http.close(() => undefined);
  }

  /** Those that are given back to node:http come here again. */
  readonly #add = (socket: Socket): void => {
    if (this.#open.has(socket)) return;
    this.#open.add(socket);
    this.#count++;
    socket.on('close', () => this.#open.delete(socket));
  };

  /** Newer lines of Node take in one connection each turn. */
  async #takeInAll(): Promise<void> {
    for (let turns = 0, before = -1; turns < BACKLOG && before !== this.#count; turns++) {
      before = this.#count;
      await turnOfLoop();
    }
  }

  readonly #closeIdle = (): void => {
    this.#http.closeIdleConnections();
    for (const socket of this.idle) socket.destroy();
    // node:http counts a connection on which nothing was ever sent as busy.
    if (!IS_BUN) for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy();
  };
}

/** Stops listening on the net layer; what is no server of that has its own way alone. */
function stopListening(http: HttpServer, done: () => void): void {
  if (IS_BUN) http.close(done);
  else NetServer.prototype.close.call(http, done);
}

/** Until everything that has arrived is read: the first comes with what was under way, the second a whole turn later. */
function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
