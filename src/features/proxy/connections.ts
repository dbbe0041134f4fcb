/** The connections to one server, kept open for the requests to come. */
import { Agent, type ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { readFirst } from './read-first.js';

/** Milliseconds that a connection is kept for the next request: less than the five seconds after which most servers close it. */
const KEEP_ALIVE = 4_000;
const MAX_IDLE = 256;

interface Idle {
  readonly socket: Socket;
  /** When it may not be used any more. Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * An agent of node:http for one server: it need not look for connections by names that it makes of all options of a request, and it
 * closes one on which something comes that no request has asked for.
 */
export class Connections extends Agent {
  readonly protocol: string;
  readonly #connect: () => Socket;
  /** The one that was used last comes last. */
  readonly #idle: Idle[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** What the server says of this, in Keep-Alive. */
  #said = '';
  /** Milliseconds. */
  #keptFor = KEEP_ALIVE;

  constructor(protocol: string, connect: () => Socket) {
    super({ keepAlive: true });
    this.protocol = protocol;
    this.#connect = connect;
  }

  /** For requests of node:http. */
  addRequest(request: ClientRequest): void {
    const kept = this.#takeIdle();
    if (kept) request.reusedSocket = true;
    request.onSocket(kept ?? this.#open());
  }

  /** What a server says in Keep-Alive: the next request must not meet a connection that it is about to close. */
  heed(said: string): void {
    if (said === this.#said) return;
    this.#said = said;
    const seconds = /(?:^|[ ,])timeout=(\d{1,9})/i.exec(said)?.[1];
    this.#keptFor = seconds === undefined ? KEEP_ALIVE : Math.min(KEEP_ALIVE, (Number(seconds) - 1) * 1000);
  }

  #open(): Socket {
    const socket = readFirst(this.#connect());
    socket.on('error', ignore);
    socket.on('free', () => {
      this.#keep(socket);
    });
    return socket;
  }

  #takeIdle(): Socket | undefined {
    for (let last = this.#idle.pop(); last; last = this.#idle.pop()) {
      const { socket, until } = last;
      socket.off('data', cut);
      if (socket.writable && until > Date.now()) return socket.ref();
      socket.destroy();
    }
    return undefined;
  }

  #keep(socket: Socket): void {
    if (!socket.writable || this.#idle.length >= MAX_IDLE || this.#keptFor <= 0) {
      socket.destroy();
      return;
    }
    socket.on('data', cut).unref();
    if (socket.timeout) socket.setTimeout(0);
    this.#idle.push({ socket, until: Date.now() + this.#keptFor });
    this.#timer ??= setInterval(this.#closeOld, KEEP_ALIVE).unref();
  }

  readonly #closeOld = (): void => {
    const now = Date.now();
    const old = this.#idle.filter(({ socket, until }) => until <= now || !socket.writable);
    for (const idle of old) {
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      idle.socket.destroy();
    }
    if (this.#idle.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  };
}

/** What comes on a connection that waits for no answer would be taken for that to the next request. */
function cut(this: Socket): void {
  this.destroy();
}

function ignore(): void {
  // The request that uses the connection hears of it; one that none uses is closed by it.
}
