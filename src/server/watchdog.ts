/** Looks once a second at the exchanges that take their time: slow bodies, slow handlers, slow readers. */
import type { Exchange } from './send.js';
import type { ServerLimits } from './options.js';

/** What was seen of an exchange so far. Times in milliseconds since the epoch. */
interface Seen {
  /** When it was seen first, and the bytes that had arrived on its connection then. */
  readonly since: number;
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

/**
 * One timer for all exchanges of a server. An exchange that is answered at once is never seen here, and one that is
 * answered within the interval costs no more than being put down and crossed out.
 */
export class Watchdog {
  readonly #watched = new Map<Exchange, Seen | undefined>();
  readonly #limits: Limits;
  readonly #actions: WatchdogActions;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: Limits, actions: WatchdogActions) {
    this.#limits = limits;
    this.#actions = actions;
  }

  watch(exchange: Exchange): void {
    this.#watched.set(exchange, undefined);
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
    for (const [exchange, seen] of this.#watched) {
      const { outgoing } = exchange;
      if (outgoing.destroyed || outgoing.writableFinished) this.#watched.delete(exchange);
      else if (!seen) this.#watched.set(exchange, firstSight(exchange, now));
      else if (outgoing.headersSent) this.#lookAtResponse(exchange, seen, now);
      else this.#lookAtRequest(exchange, seen, now);
    }
  }

  #lookAtRequest(exchange: Exchange, seen: Seen, now: number): void {
    const { incoming, hasBody } = exchange;
    const { handlerTimeout } = this.#limits;
    if (hasBody && !incoming.complete) {
      seen.waitingSince = now;
      if (incoming.readableFlowing === true && this.#isTooSlow(exchange, seen, now))
        this.#giveUp(exchange, 408);
    } else if (handlerTimeout > 0 && now - seen.waitingSince > handlerTimeout) this.#giveUp(exchange, 503);
  }

  #isTooSlow({ incoming }: Exchange, seen: Seen, now: number): boolean {
    const { bodyMinRate, bodyGrace } = this.#limits;
    const elapsed = now - seen.since;
    return (
      elapsed > bodyGrace && incoming.socket.bytesRead - seen.bytesBefore < (bodyMinRate * elapsed) / 1000
    );
  }

  #lookAtResponse({ incoming }: Exchange, seen: Seen, now: number): void {
    const { socket } = incoming;
    const { writeTimeout } = this.#limits;
    const progress = socket.bytesWritten - socket.writableLength;
    if (socket.writableLength === 0 || progress !== seen.progress) {
      seen.progress = progress;
      seen.progressAt = now;
    } else if (writeTimeout > 0 && now - seen.progressAt > writeTimeout) socket.destroy();
  }

  #giveUp(exchange: Exchange, status: 408 | 503): void {
    this.#watched.delete(exchange);
    this.#actions.giveUp(exchange, status);
  }
}

function firstSight({ incoming }: Exchange, now: number): Seen {
  return {
    since: now,
    bytesBefore: incoming.socket.bytesRead,
    waitingSince: now,
    progressAt: now,
    progress: -1,
  };
}
