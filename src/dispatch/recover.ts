/** The one place where an error becomes a response, whether it comes out of a route or out of middleware around all. */
import { ContextKey } from '../ground/context-key.js';
import { isOfClass } from '../ground/realms.js';
import { HttpError } from '../http/http-error.js';
import {
  asHttpError,
  ERROR_FORMAT,
  errorPage,
  lastResort,
  pageOf,
  responseOf,
  withErrorHeaders,
} from '../answering/error-page.js';
import { logRefusal } from '../answering/request-lines.js';
import { pointToBody } from '../contracts/refusals.js';
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
 * A refusal is one line in the log, whatever handler answers it. Throws nothing and never rejects: what fails on the way is
 * one line and a plain 500.
 */
export function recover(error: unknown, request: Request, scope: Scope): Response | Promise<Response> {
  if (error instanceof HttpError) {
    pointToBody(error, request);
    logRefusal(error, request);
  }
  request.set(ContextKey.ERROR, error);
  return attempt(
    () => answer(error, request, scope),
    (failure) => lastResort(failure, request),
  );
}

function answer(error: unknown, request: Request, scope: Scope): Response | Promise<Response> {
  const [pages] = scope.formats;
  if (pages && !request.route) request.set(ERROR_FORMAT, pages.format);
  const ready = responseOf(error);
  if (ready) return ready;
  const handler = scope.errors.find(({ key, methods }) => isOfClass(error, key) && answers(methods, request));
  if (!handler) return answerStatus(error, request, scope);
  const status = error instanceof HttpError ? error.status : 500;
  const finish = (value: unknown): Response | Promise<Response> => {
    const response = valueToResponse(value, request, handler.action.name, { status });
    return error instanceof HttpError ? andThen(response, withErrorHeaders, error) : response;
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
  const finish = (value: unknown): Response | Promise<Response> =>
    andThen(valueToResponse(value, request, handler.action.name, { status }), withErrorHeaders, failure);
  return attempt(
    () => andThen(handler.call(request, failure), finish),
    // A state handler failed too: only that of a crash may be asked, and it but once.
    (again) =>
      status === 500 || !isCrash(again) ? pageOf(again, request) : answerStatus(again, request, scope),
  );
}

function isCrash(error: unknown): boolean {
  return !(error instanceof HttpError ? error.status !== 500 || responseOf(error) : responseOf(error));
}

/** A handler of all methods answers those too that no route can have. */
function answers(methods: readonly Method[], { method }: Request): boolean {
  return methods.length === METHODS.length || methods.includes(method as Method);
}
