/** The body of a request on its way to a server. */
import type { ClientRequest } from 'node:http';
import type { Readable } from 'node:stream';

/** What happens to it. */
interface UploadEvents {
  /** The server takes no more for now, or goes on taking. */
  readonly onStall: () => void;
  readonly onProgress: () => void;
  /** All of it is with the server. */
  readonly onEnd: () => void;
  /** It breaks off, so that the server must not take it for whole. */
  readonly onError: (error: Error) => void;
}

/** Reads a body no faster than the server takes it. */
export class Upload {
  readonly #source: Readable;
  readonly #request: ClientRequest;
  readonly #events: UploadEvents;

  constructor(source: Readable, request: ClientRequest, events: UploadEvents) {
    this.#source = source;
    this.#request = request;
    this.#events = events;
    request.on('drain', this.#onDrain);
    source.on('error', this.#onError).on('close', this.#onClose);
    source.on('data', this.#onData).on('end', this.#onEnd);
  }

  /** The rest is not read. */
  stop(): void {
    this.#request.off('drain', this.#onDrain);
    this.#source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose).pause();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#request.write(chunk)) return;
    this.#source.pause();
    this.#events.onStall();
  };

  readonly #onDrain = (): void => {
    this.#events.onProgress();
    this.#source.resume();
  };

  readonly #onEnd = (): void => {
    this.#request.end();
    this.#events.onEnd();
  };

  readonly #onClose = (): void => {
    if (!this.#source.readableEnded) this.#onError(cut());
  };

  readonly #onError = (error: Error): void => {
    this.stop();
    this.#events.onError(error);
  };
}

function cut(): Error {
  return Object.assign(new Error('The body ended before it was complete'), { code: 'ECONNRESET' });
}
