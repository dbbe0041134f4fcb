/** Headers of every answer to a request, also of one that a host gives in the place of a handler. */
import { ContextKey } from '../ground/context-key.js';
import { andThen, type Handler } from '../message/handler.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import type { HeadChange } from '../message/settings.js';

const CHANGES = new ContextKey<readonly HeadChange[]>('obol.header-changes', { shared: true });

/**
 * Answers by `next`, with the headers changed: those of its response, and those of what the host answers instead when the handler
 * takes too long or the body comes too slowly.
 */
export function withHeaders(
  request: Request,
  next: Handler,
  change: HeadChange,
): Response | Promise<Response> {
  request.set(CHANGES, [...(request.get(CHANGES) ?? []), change]);
  return andThen(next(request), (response) => {
    const own = response.toChange();
    change(own.headers);
    return own;
  });
}

/** For an answer that no handler gives: the response, with those headers too. */
export function inPlace(response: Response, request: Request): Response {
  for (const change of request.get(CHANGES) ?? []) change(response.headers);
  return response;
}
