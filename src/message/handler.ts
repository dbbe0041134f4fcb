/** The one interface of everything that answers requests. */
import type { Request } from './request.js';
import type { Response } from './response.js';

/** Answers a request. An application, a folder of files, a mount: all are handlers. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** Wraps a handler: it may answer itself, call `next`, or change what comes back. */
export type Middleware = (request: Request, next: Handler) => Response | Promise<Response>;

/** Whether a value is still to come. Any thenable counts, as `await` would have it. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

type Next<T, U, C> = (value: T, context: C) => U | Promise<U>;

/**
 * Goes on with a value when it is there: at once where there is nothing to wait for, and then without a promise.
 * @param context what `next` gets besides, for steps of every request, which shall need no closure
 */
export function andThen<T, U>(value: T | PromiseLike<T>, next: Next<T, U, undefined>): U | Promise<U>;
export function andThen<T, U, C>(value: T | PromiseLike<T>, next: Next<T, U, C>, context: C): U | Promise<U>;
export function andThen<T, U, C>(
  value: T | PromiseLike<T>,
  next: Next<T, U, C>,
  context?: C,
): U | Promise<U> {
  if (!isPromise(value)) return next(value, context as C);
  return Promise.resolve(value).then((settled) => next(settled, context as C));
}

/** What `work` gives, or what `failed` makes of its failure, whether that is thrown or comes later, as a rejection. */
export function attempt<T, U>(
  work: () => T | Promise<T>,
  failed: (error: unknown) => U | Promise<U>,
): T | U | Promise<T | U> {
  try {
    const value = work();
    return isPromise(value) ? Promise.resolve(value).then(undefined, failed) : value;
  } catch (error) {
    return failed(error);
  }
}
