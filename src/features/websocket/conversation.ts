/** Runs what a handler gave: a generator over the messages, or callbacks. */
import { ObolError, requestName } from '../../kit.js';
import type { Closing, Connection, Message, Sendable, WebSocketConnection } from './connection.js';

/** Gets the messages and yields what is sent, or sends by itself. The connection ends with it. */
export type ConversationHandler = (
  messages: AsyncIterableIterator<Message>,
  socket: WebSocketConnection,
) => AsyncIterable<Sendable> | Iterable<Sendable> | Promise<unknown> | undefined;

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

const CALLBACKS = ['open', 'message', 'close', 'error'];

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
export async function converse(
  handler: ConversationHandler | ConnectionCallbacks,
  connection: Connection,
): Promise<void> {
  if (typeof handler === 'function') await guarded(connection, () => run(handler, connection));
  else await callEach(handler, connection);
}

/** What the handler throws is logged, and closes the connection with 1011. */
async function guarded(connection: Connection, act: () => Promise<void>): Promise<void> {
  try {
    await act();
    connection.close();
  } catch (error) {
    // What waits with the signal of the request fails when the client leaves, as it should.
    if (connection.isOpen || !isAbort(error)) logFailure(error, connection);
    connection.close(1011);
  } finally {
    // Whatever was not taken, the client shall be heard when it closes.
    void connection.messages.return();
  }
}

function logFailure(error: unknown, { request }: Connection): void {
  request.log.error({ err: error }, `${requestName(request)}, on its WebSocket, which is closed with 1011`);
}

function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}

async function run(handler: ConversationHandler, connection: Connection): Promise<void> {
  const { messages } = connection;
  // What takes no messages shall still hear the client leave.
  if (handler.length === 0) void messages.return();
  const values = handler(messages, connection);
  if (isIterable(values)) await sendAll(values, connection);
  else await values;
}

async function sendAll(
  values: AsyncIterable<Sendable> | Iterable<Sendable>,
  connection: Connection,
): Promise<void> {
  const iterator =
    Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
  // What waits for something else than messages may never come to an end by itself.
  connection.closed
    .then(() => iterator.return?.())
    .catch((error: unknown) => {
      if (!isAbort(error)) logFailure(error, connection);
    });
  for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
    // What never ends would go on for nothing, and let nothing else have its turn.
    if (!connection.isOpen) return;
    await connection.send(step.value);
  }
}

async function callEach(callbacks: ConnectionCallbacks, connection: Connection): Promise<void> {
  const { open, message, error, close } = callbacks;
  await guarded(connection, async () => {
    if (!message) void connection.messages.return();
    await open?.(connection);
    for await (const each of connection.messages) await message?.(each, connection);
    // Without messages it is open all the same.
    await connection.closed;
  });
  const closing = await connection.closed;
  await guarded(connection, async () => {
    if (connection.failure) await error?.(connection.failure, connection);
    await close?.(closing, connection);
  });
}

function isIterable(value: unknown): value is AsyncIterable<Sendable> | Iterable<Sendable> {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}
