/** What the ways to put handlers together have in common: what they take, and what they are. */
import { inspect } from 'node:util';
import {
  type Handler,
  handlerOf,
  HttpError,
  ObolError,
  RedirectResponse,
  type Request,
  type Response,
} from '../../kit.js';
import type { HandlerLike, NestedTable } from './nested-table.js';

/** Answers a request, or passes it on. @param next a handler; a route calls its own handler with parameters in the place of one */
export type Answering = (request: Request, next?: unknown) => Response | Promise<Response>;

/** A handler that answers 404 to what it does not know, and a middleware that passes that on. */
export interface Composed {
  (request: Request, next?: Handler): Response | Promise<Response>;
  /** As the handler of a route: the parameters of that are among those of the request. */
  (request: Request, ...parameters: unknown[]): Response | Promise<Response>;
  /** The tables of those in it, as plain data; each entry with the base and the host at which it is found. */
  readonly table: NestedTable;
}

/** The function of a handler. @param taker such as `mount('/shop')` @throws ObolError E_HANDLER for what is none */
export function checkedHandler(taker: string, handler: HandlerLike): Handler {
  const given: unknown = handler;
  const isLike =
    typeof given === 'function' || (typeof given === 'object' && given !== null && 'handle' in given);
  if (isLike) return handlerOf(handler);
  throw new ObolError(
    'E_HANDLER',
    `${taker}: ${inspect(given, { depth: 0 })} is no handler; give it an application, a folder of ` +
      'staticFiles(), or a function (request) => response.',
  );
}

/** Answers what nothing here is for. @throws HttpError 404 where there is no handler, and what the handler throws */
export function passOn(request: Request, next: unknown): Response | Promise<Response> {
  if (!isHandler(next)) throw new HttpError(404, 'Nothing is here');
  return next(request);
}

export function isHandler(next: unknown): next is Handler {
  return typeof next === 'function';
}

/** The beginning of a path that belongs to a handler. */
interface Taken {
  readonly part: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * Answers what lies below a part of the path. That part itself, without a slash at its end, is redirected to the one with it, so
 * that relative links lead below it.
 */
export function answerBelow(
  request: Request,
  handler: Handler,
  { part, params }: Taken,
): Response | Promise<Response> {
  if (part !== '' && part === request.path) return RedirectResponse.toSlash(request);
  return handler(request.below(part, params));
}
