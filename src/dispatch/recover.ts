/** The one place where an error becomes a response, whether it comes out of a route or out of middleware around all. */
import { HttpError } from '../http/http-error.js';
import {
  answerError,
  asHttpError,
  errorPage,
  lastResort,
  responseOf,
  withErrorHeaders,
} from '../answering/error-page.js';
import { andThen, attempt } from '../message/handler.js';
import type { Request } from '../message/request.js';
import type { Response } from '../message/response.js';
import { METHODS, type Method } from '../routing/router.js';
import { valueToResponse } from './invoke.js';
import type { Scope } from './scope.js';

/**
 * Answers errors: a thrown response answers itself; then the first error handler of a fitting class; then, by status,
 * the nearest state handler; else a small page. What these handlers throw themselves is never given to them again.
 *
 * Throws nothing and never rejects: what fails on the way is one log line and a plain 500.
 */
export function recover(error: unknown, request: Request, scope: Scope): Response | Promise<Response> {
  return attempt(
    () => answer(error, request, scope),
    (failure) => lastResort(failure, request),
  );
}

function answer(error: unknown, request: Request, scope: Scope): Response | Promise<Response> {
  const ready = responseOf(error);
  if (ready) return ready;
  const handler = scope.errors.find(({ key, methods }) => error instanceof key && answers(methods, request));
  if (!handler) return answerStatus(error, request, scope);
  const finish = (value: unknown): Response => {
    if (!(error instanceof HttpError))
      return valueToResponse(value, request, handler.action.name, { status: 500 });
    const { status } = error;
    return withErrorHeaders(valueToResponse(value, request, handler.action.name, { status }), error);
  };
  return attempt(
    () => andThen(handler.call(request, error), finish),
    (again) => answerStatus(again, request, scope),
  );
}

function answerStatus(error: unknown, request: Request, scope: Scope): Response | Promise<Response> {
  const ready = responseOf(error);
  if (ready) return ready;
  const failure = asHttpError(error, request);
  const { status } = failure;
  const handler = scope.states.find(({ key, methods }) => key === status && answers(methods, request));
  if (!handler) return errorPage(failure, request);
  const finish = (value: unknown): Response =>
    withErrorHeaders(valueToResponse(value, request, handler.action.name, { status }), failure);
  return attempt(
    () => andThen(handler.call(request, failure), finish),
    // A state handler failed too: no handler is asked again.
    (again) => answerError(again, request),
  );
}

/** A handler of all methods answers those too that no route can have. */
function answers(methods: readonly Method[], { method }: Request): boolean {
  return methods.length === METHODS.length || methods.includes(method as Method);
}
