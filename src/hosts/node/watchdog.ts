/** Looks now and then at the exchanges that take their time: slow bodies, slow handlers, slow readers. */
import type { Socket } from 'node:net';
import type { Exchange } from './exchange.js';
import type { ServerLimits } from './options.js';

/** What was seen of an exchange so far. Times in milliseconds since the epoch. */
interface Seen {
  /** Since when the client was seen to owe the body, and the bytes that had arrived on its connection then. */
  bodySince: number;
  bytesBefore: number;
  /** When more of the body last arrived, and how much had then. */
  bodyAt: number;
  bytes: number;
  /** Since when the exchange waits for its handler. */
  waitingSince: number;
  /** When the response last got on, and how far it was. */
  progressAt: number;
  progress: number;
}

type Limits = Pick<
  ServerLimits,
  'readTimeout' | 'bodyMinRate' | 'bodyGrace' | 'handlerTimeout' | 'writeTimeout'
>;

const MAX_INTERVAL = 1000;
const MIN_INTERVAL = 10;

/** What becomes of an exchange whose handler took too long, or whose body came too slowly. */
type GiveUp = (exchange: Exchange, status: 408 | 503) => void;

/**
 * One timer for all exchanges of a server. An exchange that is answered at once is never seen here, and one that is
 * answered within the interval costs no more than being put down and crossed out.
 */
export class Watchdog {
  /** In no order: each knows its slot, so that it can be taken out without a search or a hash. */
  readonly #watched: Exchange[] = [];
  readonly #seen = new WeakMap<Exchange, Seen>();
  readonly #limits: Limits;
  readonly #onGiveUp: GiveUp;
  #interval: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: Limits, onGiveUp: GiveUp) {
    this.#limits = limits;
    this.#onGiveUp = onGiveUp;
    const { readTimeout, bodyGrace, handlerTimeout, writeTimeout } = limits;
    this.#interval = intervalFor([readTimeout, bodyGrace, handlerTimeout, writeTimeout]);
  }

  watch(exchange: Exchange): void {
    if (exchange.slot < 0) exchange.slot = this.#watched.push(exchange) - 1;
    const { readTimeout } = exchange.request;
    if (readTimeout !== undefined) this.#keepUpWith(readTimeout);
    this.#start();
  }

  release(exchange: Exchange): void {
    if (exchange.slot < 0) return;
    const last = this.#watched.pop();
    if (last && last !== exchange) {
      this.#watched[exchange.slot] = last;
      last.slot = exchange.slot;
    }
    exchange.slot = -1;
    this.#seen.delete(exchange);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Looks more often from now on, where an application has a shorter limit than the server. */
  #keepUpWith(readTimeout: number): void {
    const interval = Math.max(MIN_INTERVAL, readTimeout / 4);
    if (readTimeout === 0 || interval >= this.#interval) return;
    this.#interval = interval;
    this.stop();
    this.#start();
  }

  #start(): void {
    this.#timer ??= setInterval(() => {
      this.#look(Date.now());
    }, this.#interval).unref();
  }

  #look(now: number): void {
    // A copy, since looking at one may take it out.
    for (const exchange of [...this.#watched]) {
      const { outgoing } = exchange;
      const seen = this.#seen.get(exchange);
      if (outgoing.destroyed || outgoing.writableFinished) this.release(exchange);
      else if (!seen) this.#seen.set(exchange, firstSight(exchange, now));
      else if (outgoing.headersSent) this.#lookAtResponse(exchange, seen, now);
      else this.#lookAtRequest(exchange, seen, now);
    }
  }

  #lookAtRequest(exchange: Exchange, seen: Seen, now: number): void {
    const { handlerTimeout } = this.#limits;
    if (waitsForBody(exchange)) {
      seen.waitingSince = now;
      if (this.#isTooSlow(exchange, seen, now)) this.#giveUp(exchange, 408);
    } else {
      const { complete, readableFlowing, socket } = exchange.incoming;
      const { bytesRead } = socket;
      // A handler that takes the body slower than it comes gets on all the same.
      if (!complete && readableFlowing !== null && bytesRead > seen.bytes) seen.waitingSince = now;
      seen.bodySince = seen.bodyAt = now;
      seen.bytesBefore = seen.bytes = bytesRead;
      if (handlerTimeout > 0 && now - seen.waitingSince > handlerTimeout) this.#giveUp(exchange, 503);
    }
  }

  /** Whether the body stands still, or comes too slowly on the whole. */
  #isTooSlow({ request, incoming }: Exchange, seen: Seen, now: number): boolean {
    const { bodyMinRate, bodyGrace } = this.#limits;
    const { readTimeout = this.#limits.readTimeout } = request;
    this.#keepUpWith(readTimeout);
    const { bytesRead } = incoming.socket;
    if (bytesRead > seen.bytes) {
      seen.bytes = bytesRead;
      seen.bodyAt = now;
    } else if (readTimeout > 0 && now - seen.bodyAt > readTimeout) return true;
    const elapsed = now - seen.bodySince;
    return elapsed > bodyGrace && bytesRead - seen.bytesBefore < (bodyMinRate * elapsed) / 1000;
  }

  #lookAtResponse({ incoming }: Exchange, seen: Seen, now: number): void {
    const { socket } = incoming;
    const { writeTimeout } = this.#limits;
    const progress = sentBy(socket);
    if (socket.writableLength === 0 || progress !== seen.progress) {
      seen.progress = progress;
      seen.progressAt = now;
    } else if (writeTimeout > 0 && now - seen.progressAt > writeTimeout) socket.destroy();
  }

  #giveUp(exchange: Exchange, status: 408 | 503): void {
    this.release(exchange);
    this.#onGiveUp(exchange, status);
  }
}

/** Often enough for the shortest limit; one of 0 is none. */
export function intervalFor(limits: readonly number[]): number {
  const kept = limits.filter((limit) => limit > 0);
  return Math.max(MIN_INTERVAL, Math.min(MAX_INTERVAL, ...kept.map((limit) => limit / 4)));
}

/** Whether the body is being read and the client owes more of it. */
function waitsForBody({ incoming, hasBody }: Exchange): boolean {
  return (
    hasBody &&
    !incoming.complete &&
    incoming.readableFlowing !== null &&
    incoming.readableLength < incoming.readableHighWaterMark
  );
}

/** Bytes that the system has taken to send them. */
export function sentBy(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength - unsentOf(socket);
}

/** Bytes of the write under way that the system has not taken yet; no Node line documents where they are counted. */
function unsentOf(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}

function firstSight({ incoming }: Exchange, now: number): Seen {
  return {
    bodySince: now,
    bytesBefore: incoming.socket.bytesRead,
    bodyAt: now,
    bytes: incoming.socket.bytesRead,
    waitingSince: now,
    progressAt: now,
    progress: -1,
  };
}
