/** `obol/client`: typed clients of controllers, for browsers, servers and tests. Nothing that it loads is of Node alone. */
export { client, type ClientOptions, type RoutesOf } from './client.js';
export { clientRoutes, type TabledRoute } from './route-table.js';
export { ResponseError, type AnyAnswer, type Problem } from './response-error.js';
export type { ServerEvent } from './events.js';
export type { ClientRoute, ClientRoutes } from './routes.js';
export type { ClientBase, Fetch, SentInit, TestClientLike } from './transport.js';
export type {
  AnswerHeaders,
  Call,
  CallOptions,
  Client,
  ControllerClass,
  Outcome,
  PlainInput,
  WebResponse,
} from './types.js';
export type { Wire } from './wire.js';
