/** Connections without a request, kept for the next one. */
import type { Socket } from 'node:net';

/** One that is kept. */
interface Kept {
  readonly socket: Socket;
  /** Leaves it to a request. */
  release(): void;
}

export class KeptConnections {
  readonly #most: number;
  readonly #timeout: number;
  /** The youngest is the last. */
  readonly #kept: Kept[] = [];

  /** @param most how many are kept @param timeout milliseconds that one is kept */
  constructor(most: number, timeout: number) {
    this.#most = most;
    this.#timeout = timeout;
  }

  /** Keeps one, or ends it. It ends with its time, and with whatever comes on it; it does not hold up the end of the process. */
  keep(socket: Socket): void {
    if (socket.destroyed || this.#kept.length >= this.#most) {
      socket.destroy();
      return;
    }
    const end = (): void => {
      socket.destroy();
    };
    const timer = setTimeout(end, this.#timeout).unref();
    const release = (): void => {
      clearTimeout(timer);
      socket.off('data', end).off('close', release).ref();
      this.#kept.splice(this.#kept.indexOf(kept), 1);
    };
    const kept = { socket, release };
    this.#kept.push(kept);
    socket.on('data', end).on('close', release).unref().resume();
  }

  /** The youngest one, which is kept no more; undefined where there is none. */
  take(): Socket | undefined {
    const kept = this.#kept.at(-1);
    kept?.release();
    return kept?.socket;
  }
}
