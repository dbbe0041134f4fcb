/** `@HttpState` and `@ErrorHandler`: methods that answer when something else could not; `@ErrorFormat`: how, where none does. */
import { assertSetting, rule } from '../ground/settings.js';
import type { HttpError } from '../http/http-error.js';
import type { ErrorPageFormat } from '../message/error-template.js';
import type { Request } from '../message/request.js';
import type { ClassOrMethodDecorator } from '../metadata/decorator-types.js';
import type { Class } from '../metadata/class.js';
import { MetadataKey } from '../metadata/metadata-key.js';
import { assertOption, assertParentheses } from '../metadata/protocol.js';
import { METHOD_ALL, type Methods } from '../routing/router.js';
import type { HandlerDecorator } from './verdict.js';

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
): HandlerDecorator<[request: Request, error: HttpError]> {
  assertOption('HttpState', status);
  return STATE.methodDecorator({ status, methods }, HttpState) as HandlerDecorator<[Request, HttpError]>;
}

/**
 * Answers errors of a class and its subclasses. A plain value gets status 500 unless `reply()` says otherwise.
 * @param methods the request methods it answers; default all
 */
export function ErrorHandler<E extends Class<object>>(
  errorClass: E,
  methods: Methods = METHOD_ALL,
): HandlerDecorator<[request: Request, error: InstanceType<E>]> {
  assertParentheses('ErrorHandler', [errorClass, methods]);
  const record = { errorClass, methods };
  return ERROR.methodDecorator(record, ErrorHandler) as HandlerDecorator<[Request, InstanceType<E>]>;
}

/** What `@ErrorFormat` records. */
export const FORMAT = new MetadataKey<ErrorPageFormat>('obol.errorFormat');

/**
 * How errors of a route, or of all that is below the prefix of a controller, are shown to a client that names no type, as in
 * `@ErrorFormat('html')`. Without a prefix it is for the routes of the controller.
 * @throws ObolError E_SETTING for another format
 */
export function ErrorFormat(format: ErrorPageFormat): ClassOrMethodDecorator {
  assertOption('ErrorFormat', format);
  assertSetting('ErrorFormat', format, FORMAT_RULE);
  return FORMAT.decorator(format, ErrorFormat);
}

const FORMAT_RULE = rule.oneOf('problem', 'html', 'text');
