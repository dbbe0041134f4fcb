/** Calls back for what happens on a connection. Nothing runs in between, so that an open one costs little. */
import { andThen, attempt, CurrentRequest } from '../../kit.js';
import { SENT, type Closing, type Connection, type Message, type WebSocketConnection } from './connection.js';
import { fail, guarded } from './failure.js';
import type { Step } from './messages.js';

/** What happens on a connection. Each is waited for before the next is called; where one throws, it is closed with 1011. */
export interface ConnectionCallbacks {
  readonly open?: ((socket: WebSocketConnection) => unknown) | undefined;
  /** Without it, what the client sends is read and thrown away. */
  readonly message?: ((message: Message, socket: WebSocketConnection) => unknown) | undefined;
  /** Called last, with what the client said, or 1006 where it has just gone. */
  readonly close?: ((closing: Closing, socket: WebSocketConnection) => unknown) | undefined;
  /** For what broke the connection: frames that are none, or more than the options allow. */
  readonly error?: ((error: Error, socket: WebSocketConnection) => unknown) | undefined;
}

export const CALLBACKS = ['open', 'message', 'close', 'error'];

const NOTHING = (): void => undefined;

/** Goes on by itself once the connection has been opened. */
export async function callBack(callbacks: ConnectionCallbacks, connection: Connection): Promise<void> {
  if (!callbacks.message) void connection.messages.return();
  await guarded(connection, () => callbacks.open?.(connection));
  new Turns(callbacks, connection).go();
}

/** One message after another, and what there is to say at the end. */
class Turns {
  readonly #callbacks: ConnectionCallbacks;
  readonly #connection: Connection;

  constructor(callbacks: ConnectionCallbacks, connection: Connection) {
    this.#callbacks = callbacks;
    this.#connection = connection;
  }

  /** Goes on with what has come, and then waits for more. */
  readonly go = (next?: Step): void => {
    const { messages } = this.#connection;
    for (let step = next ?? messages.ready(); step; step = messages.ready()) {
      if (step.done === true) {
        this.#connection.onClose(CurrentRequest.bind(() => void this.#end()));
        return;
      }
      const taken = this.#take(step.value);
      if (taken) {
        void taken.then(() => {
          this.go();
        });
        return;
      }
    }
    messages.whenNext(this.#goOn);
  };

  /** An event of the connection calls it, which knows nothing of the request. */
  readonly #goOn = CurrentRequest.bind(this.go);

  /** @returns a promise where there is something to wait for */
  #take(message: Message): Promise<void> | void {
    const connection = this.#connection;
    return attempt(
      () => {
        const given = this.#callbacks.message?.(message, connection);
        // Most give what `send()` gave.
        if (given !== SENT) return andThen(given, NOTHING);
      },
      (error) => {
        fail(error, connection);
      },
    );
  }

  async #end(): Promise<void> {
    const connection = this.#connection;
    const { error, close } = this.#callbacks;
    const { failure, closing } = connection;
    if (failure) await guarded(connection, () => error?.(failure, connection));
    if (closing) await guarded(connection, () => close?.(closing, connection));
  }
}
