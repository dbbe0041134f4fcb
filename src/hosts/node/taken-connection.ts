/** A connection that a response has taken over, and what the host still has to do with it. */
import type { Socket } from 'node:net';
import type { Request } from '../../message/request.js';
import type { UpgradedConnection } from '../../message/upgrade-response.js';
import { sentBy } from './watchdog.js';

/** In place of an empty piece of a packet, which would keep that whole. */
const NOTHING = Buffer.alloc(0);

/** One that is open. */
export class TakenConnection implements UpgradedConnection {
  readonly socket: Socket;
  readonly request: Request;
  #head: Buffer | undefined;
  /** Made for what asks for it. */
  #abort: AbortController | undefined;
  #leave: (() => void) | undefined;
  #isDraining = false;
  /** How far the client has read, as a number that grows, and how often it was no further. */
  #sent = 0;
  #still = 0;

  constructor(socket: Socket, head: Buffer, request: Request) {
    this.socket = socket;
    this.request = request;
    this.#head = head.length > 0 ? head : undefined;
  }

  get head(): Buffer {
    return this.#head ?? NOTHING;
  }

  get closing(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#isDraining) this.#abort.abort();
    return this.#abort.signal;
  }

  onClosing(leave: () => void): void {
    if (this.#isDraining) leave();
    else this.#leave = leave;
  }

  /** The server closes. */
  drain(): void {
    this.#isDraining = true;
    this.#leave?.();
    this.#abort?.abort();
  }

  /** Cuts it where the client has read nothing for so many looks. */
  look(patience: number): void {
    const { socket } = this;
    const sent = sentBy(socket);
    this.#still = socket.writableLength === 0 || sent !== this.#sent ? 0 : this.#still + 1;
    this.#sent = sent;
    if (this.#still > patience) socket.destroy();
  }
}
