/** The body of a request on its way to the script: as records of STDIN, no faster than the connection takes them. */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { endOfStream, streamed, TYPE } from './records.js';

/** What it says meanwhile. */
interface Listener {
  /** A piece was sent. */
  onPiece(): void;
  /** There will be no more of it, though there should be. @param error what the stream said, if anything */
  onBroken(error: Error | undefined): void;
}

export class BodyFeed {
  readonly #socket: Socket;
  readonly #id: number;
  readonly #input: Readable | undefined;
  readonly #listener: Listener;
  #isSent = false;

  /** Begins to send. @param id of the request @param input undefined for no body */
  constructor(socket: Socket, id: number, input: Readable | undefined, listener: Listener) {
    this.#socket = socket;
    this.#id = id;
    this.#input = input;
    this.#listener = listener;
    if (!input) {
      this.#onEnd();
      return;
    }
    // What is wrong with it is said by its end.
    input.on('error', () => undefined);
    input.on('data', this.#onData).once('end', this.#onEnd).once('close', this.#onClose);
    socket.on('drain', this.#onDrain);
  }

  /** Whether the server has it all. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** Sends no more. */
  stop(): void {
    this.#input?.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    this.#socket.off('drain', this.#onDrain);
    if (!this.#isSent) this.#input?.pause();
  }

  readonly #onData = (chunk: Buffer): void => {
    let hasRoom = true;
    this.#socket.cork();
    for (const bytes of streamed(TYPE.stdin, this.#id, chunk)) hasRoom = this.#socket.write(bytes);
    this.#socket.uncork();
    if (!hasRoom) this.#input?.pause();
    this.#listener.onPiece();
  };

  readonly #onDrain = (): void => {
    this.#input?.resume();
  };

  readonly #onEnd = (): void => {
    this.#isSent = true;
    this.#socket.write(endOfStream(TYPE.stdin, this.#id));
  };

  readonly #onClose = (): void => {
    if (!this.#isSent) this.#listener.onBroken(this.#input?.errored ?? undefined);
  };
}
