/** `webSocket()`: what a handler returns to go on in WebSocket. */
import { type Request, type Response, UpgradeResponse } from '../../kit.js';
import { Connection } from './connection.js';
import type { ConnectionCallbacks } from './callbacks.js';
import { assertHandler, converse, type ConversationHandler } from './conversation.js';
import { agree, fieldsOf } from './handshake.js';
import { openSocket } from './open-socket.js';
import { planOf, type WebSocketOptions } from './options.js';
import { loadWs } from './ws-package.js';

/** What becomes a response of status 101, or a refusal. */
export interface WebSocketAnswer {
  /** @throws HttpError 426, 400, 405 or 403, which are answered as everywhere */
  toResponse(request: Request): Response;
}

/**
 * Opens a WebSocket. What comes before any handler comes before this: guards, hooks, sessions; the cookies and fields that they
 * set go out with the 101. Pages of other origins get 403, and what asks for no WebSocket 426. The request goes on for as long as
 * the connection is open: `req.signal` aborts at its end.
 *
 * A generator gets the messages and yields what is sent, at the pace at which the client reads. Where it ends, so does the
 * connection, with 1000; where it throws, with 1011 and a line in the log. Callbacks are called one after another.
 *
 * @example
 * ```ts
 * const chat = channel<Message>();
 * return webSocket(async function* (messages) { for await (const message of messages) yield message; });
 * return webSocket({ open: (socket) => { chat.join(socket); }, message: (text) => { chat.send(text); } });
 * ```
 * @throws ObolError E_SETTING for a wrong option, E_PACKAGE when `ws` is not installed
 */
export function webSocket(
  handler: ConversationHandler | ConnectionCallbacks,
  options: WebSocketOptions = {},
): WebSocketAnswer {
  const plan = planOf(options);
  assertHandler(handler);
  loadWs();
  return {
    toResponse(request) {
      const agreement = agree(request, plan);
      return new UpgradeResponse(
        'websocket',
        (upgraded) => {
          const socket = openSocket(upgraded, agreement, plan);
          const { protocol, accepted } = agreement;
          const wire = accepted === undefined ? upgraded.socket : undefined;
          const connection = new Connection(socket, { wire, request, plan, protocol });
          connection.drainWith(upgraded);
          // It sees to what the handler throws: the host has nothing to wait for.
          void converse(handler, connection);
        },
        { headers: fieldsOf(agreement) },
      );
    },
  };
}
