/** Runs what a handler gave: a generator over the messages, or callbacks. */
import { ObolError } from '../../kit.js';
import { callBack, CALLBACKS, type ConnectionCallbacks } from './callbacks.js';
import {
  SENT,
  type Connection,
  type Message,
  type Sendable,
  type WebSocketConnection,
} from './connection.js';
import { fail, guarded } from './failure.js';

/** Gets the messages and yields what is sent, or sends by itself. The connection ends with it. */
export type ConversationHandler = (
  messages: AsyncIterableIterator<Message>,
  socket: WebSocketConnection,
) => AsyncIterable<Sendable> | Iterable<Sendable> | Promise<unknown> | undefined;

type Values = AsyncIterable<Sendable> | Iterable<Sendable>;

/** So many values are sent before other connections have their turn. */
const TURN = 100;

/** @throws ObolError E_SETTING */
export function assertHandler(handler: unknown): void {
  if (typeof handler === 'function') return;
  const callbacks = typeof handler === 'object' && handler !== null ? Object.entries(handler) : [];
  const isRight = callbacks.every(([name, value]) => CALLBACKS.includes(name) && isCallback(value));
  if (isRight && callbacks.length > 0) return;
  throw new ObolError(
    'E_SETTING',
    'webSocket: give a function of the messages, or an object of the callbacks open, message, close and error.',
  );
}

function isCallback(value: unknown): boolean {
  return value === undefined || typeof value === 'function';
}

/** Goes on until the connection is over. */
export function converse(
  handler: ConversationHandler | ConnectionCallbacks,
  connection: Connection,
): Promise<void> {
  return typeof handler === 'function' ? run(handler, connection) : callBack(handler, connection);
}

/** One function for all of a conversation: what it has for itself is there for as long as the connection is open. */
async function run(handler: ConversationHandler, connection: Connection): Promise<void> {
  const { messages } = connection;
  try {
    // What takes no messages shall still hear the client leave.
    if (handler.length === 0) void messages.return();
    const given = handler(messages, connection);
    const values = isIterable(given) ? iteratorOf(given, connection) : undefined;
    if (!values) await given;
    let count = 0;
    // What never ends would go on for nothing once it is closed.
    for (let step = await values?.next(); isMore(step) && connection.isOpen; step = await values?.next()) {
      const sent = connection.send(step.value);
      if (sent !== SENT) await sent;
      if (++count % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    connection.close();
  } catch (error) {
    fail(error, connection);
  }
  // Whatever was not taken, the client shall be heard when it closes.
  void messages.return();
}

function isMore(step: IteratorResult<Sendable> | undefined): step is IteratorYieldResult<Sendable> {
  return step !== undefined && step.done !== true;
}

/** Ended with the connection: what waits for something else than messages may never come to an end by itself. */
function iteratorOf(values: Values, connection: Connection): AsyncIterator<Sendable> | Iterator<Sendable> {
  const iterator =
    Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
  connection.onClose(() => void guarded(connection, () => iterator.return?.()));
  return iterator;
}

function isIterable(value: unknown): value is Values {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}
