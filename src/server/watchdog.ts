/** Looks once a second at the exchanges that take their time: slow bodies, slow handlers, slow readers. */
import type { Exchange } from './send.js';
import type { ServerLimits } from './options.js';

/** What has happened to an exchange since it is watched. */
interface Watched {
  readonly exchange: Exchange;
  /** When the body began to be read. */
  readonly since: number;
  /** Bytes that had arrived on the connection then. */
  readonly bytesBefore: number;
  /** When the handler got hold of the complete request. */
  waitingSince: number;
  /** When the response last got on, and how far it was. */
  progressAt: number;
  progress: number;
}

type Limits = Pick<ServerLimits, 'bodyMinRate' | 'bodyGrace' | 'handlerTimeout' | 'writeTimeout'>;

const INTERVAL = 1000;

/** What the watchdog does to an exchange that broke a limit. */
export interface WatchdogActions {
  /** The handler took too long, or the body came too slowly. */
  giveUp(exchange: Exchange, status: 408 | 503): void;
}

/** One timer for all exchanges of a server; an exchange that is answered at once is never seen here. */
export class Watchdog {
  readonly #watched = new Map<Exchange, Watched>();
  readonly #limits: Limits;
  readonly #actions: WatchdogActions;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: Limits, actions: WatchdogActions) {
    this.#limits = limits;
    this.#actions = actions;
  }

  /** Number of exchanges under watch. */
  get size(): number {
    return this.#watched.size;
  }

  watch(exchange: Exchange): void {
    const now = Date.now();
    const { bytesRead } = exchange.incoming.socket;
    this.#watched.set(exchange, {
      exchange,
      since: now,
      bytesBefore: bytesRead,
      waitingSince: now,
      progressAt: now,
      progress: 0,
    });
    this.#timer ??= setInterval(() => {
      this.#look(Date.now());
    }, INTERVAL).unref();
  }

  release(exchange: Exchange): void {
    this.#watched.delete(exchange);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(now: number): void {
    for (const watched of this.#watched.values()) {
      const { outgoing } = watched.exchange;
      if (outgoing.destroyed || outgoing.writableFinished) this.#watched.delete(watched.exchange);
      else if (outgoing.headersSent) this.#lookAtResponse(watched, now);
      else this.#lookAtRequest(watched, now);
    }
    if (this.#watched.size === 0) this.stop();
  }

  #lookAtRequest(watched: Watched, now: number): void {
    const { exchange } = watched;
    const { incoming, hasBody } = exchange;
    const { bodyMinRate, bodyGrace, handlerTimeout } = this.#limits;
    if (hasBody && !incoming.complete) {
      watched.waitingSince = now;
      const elapsed = now - watched.since;
      const received = incoming.socket.bytesRead - watched.bytesBefore;
      const tooSlow = elapsed > bodyGrace && received < (bodyMinRate * elapsed) / 1000;
      if (tooSlow && incoming.readableFlowing === true) this.#giveUp(exchange, 408);
    } else if (handlerTimeout > 0 && now - watched.waitingSince > handlerTimeout) this.#giveUp(exchange, 503);
  }

  #lookAtResponse(watched: Watched, now: number): void {
    const { socket } = watched.exchange.incoming;
    const { writeTimeout } = this.#limits;
    const progress = socket.bytesWritten - socket.writableLength;
    const waitsForReader = socket.writableLength > 0 && progress === watched.progress;
    if (!waitsForReader) {
      watched.progress = progress;
      watched.progressAt = now;
    } else if (writeTimeout > 0 && now - watched.progressAt > writeTimeout) socket.destroy();
  }

  #giveUp(exchange: Exchange, status: 408 | 503): void {
    this.#watched.delete(exchange);
    this.#actions.giveUp(exchange, status);
  }
}
