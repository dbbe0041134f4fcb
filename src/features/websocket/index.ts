/** `obol/websocket`: a handler returns a conversation, which begins where HTTP ends (RFC 6455). */
export { webSocket, type WebSocketAnswer } from './web-socket.js';
export type { ConnectionCallbacks } from './callbacks.js';
export type { ConversationHandler } from './conversation.js';
export type { Closing, Message, Sendable, WebSocketConnection } from './connection.js';
export type { WebSocketOptions } from './options.js';
export { channel, rooms, type Channel, type Rooms } from './channel.js';
