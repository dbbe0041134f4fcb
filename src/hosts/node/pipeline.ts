/** Connections with several requests at once: those that come before the one ahead of them is answered. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { lingerThenDestroy } from './refuse.js';

/** Knows which connections end, and which responses wait for their turn. */
export class Pipeline {
  /** Connections whose last response has been decided on. */
  readonly #ending = new WeakSet<Socket>();
  readonly #waiting = new WeakMap<Socket, Set<ServerResponse>>();

  /** Whether a request may be answered that came behind another one. One behind the last of its connection may not. */
  admits(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    const { socket } = incoming;
    if (socket.writableEnded || this.#ending.has(socket)) {
      incoming.resume();
      return false;
    }
    this.#await(socket, outgoing);
    return true;
  }

  /**
   * Makes a response the last of its connection (RFC 9112 9.6): no request behind it is looked at, and the client
   * gets a moment to read it before what it still sends meets a closed door.
   */
  endAfter(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { socket } = incoming;
    outgoing.shouldKeepAlive = false;
    this.#ending.add(socket);
    // node:http calls it once the last response is out; its own would cut the connection there and then.
    socket.destroySoon = () => {
      incoming.resume();
      socket.end();
      lingerThenDestroy(socket);
    };
  }

  /** node:http notifies only the response whose turn it is when its client leaves; the others are notified here. */
  #await(socket: Socket, outgoing: ServerResponse): void {
    let waiting = this.#waiting.get(socket);
    if (!waiting) {
      const all = (waiting = new Set<ServerResponse>());
      this.#waiting.set(socket, all);
      socket.once('close', () => {
        for (const each of all) {
          if (each.destroyed) continue;
          each.destroy();
          each.emit('close');
        }
      });
    }
    const all = waiting.add(outgoing);
    outgoing.once('close', () => all.delete(outgoing));
  }
}
