/** `@HttpState` and `@ErrorHandler`: methods that answer when something else could not. */
import type { HttpError } from '../http/http-error.js';
import type { Request } from '../message/request.js';
import type { Class } from '../metadata/class.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { METHOD_ALL, type Methods } from '../routing/router.js';
import type { RouteError } from '../routing/path-types.js';
import type { AnyMethod, MethodDecorator } from './member.js';

/** What `@HttpState` records. */
export const STATE = new MetadataKey<{ readonly status: number; readonly methods: Methods }>('obol.state');

/** What `@ErrorHandler` records. */
export const ERROR = new MetadataKey<{ readonly errorClass: Class<object>; readonly methods: Methods }>(
  'obol.error',
);

/**
 * Answers a status that was thrown or that Obol itself would answer. A plain value gets that status.
 * @param methods the request methods it answers; default all
 */
export function HttpState(
  status: number,
  methods: Methods = METHOD_ALL,
): MethodDecorator<(request: Request, error: HttpError) => unknown> {
  return STATE.methodDecorator({ status, methods }, HttpState);
}

type CheckErrorHandler<E extends Class<object>, M> = M extends (
  request: Request,
  error: InstanceType<E>,
) => unknown
  ? unknown
  : RouteError<'the handler takes (request, error), the error being of the class given to @ErrorHandler'>;

/**
 * Answers errors of a class and its subclasses. A plain value gets status 500 unless `reply()` says otherwise.
 * @param methods the request methods it answers; default all
 */
export function ErrorHandler<E extends Class<object>>(
  errorClass: E,
  methods: Methods = METHOD_ALL,
): <M extends AnyMethod>(
  target: object,
  property: string | symbol,
  descriptor: TypedPropertyDescriptor<M> & CheckErrorHandler<E, M>,
) => void {
  return ERROR.methodDecorator({ errorClass, methods }, ErrorHandler);
}
