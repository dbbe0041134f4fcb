/** `obol/errors`: a class for each status from 400 to 599; what it requires of the headers is asked for. */
import { isInstance } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { httpDate } from './date.js';
import { HttpError, type HttpErrorOptions } from './http-error.js';
import { unsatisfiedRange } from './range.js';
import { shown, wrongValue } from './wrong-fields.js';

export { HttpError, type HttpErrorOptions } from './http-error.js';
export { problemType, type ProblemType, type ProblemTypeOptions } from './problem-type.js';
export { reasonPhrase } from './status.js';

/**
 * An error of one status. Each HTTP error of that status counts as an instance, however it was made: `@ErrorHandler(NotFound)` and
 * `instanceof NotFound` know `abort(404)`, too. Of a class that extends one of these only its own objects are.
 */
export abstract class StatusError extends HttpError {
  declare static readonly status: number;

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (!Object.hasOwn(this, 'status')) return isInstance(value, this);
    return isInstance(value, HttpError) && value.status === this.status;
  }

  /** @param detail what clients may read below 500; default the reason phrase */
  constructor(detail?: string, options?: HttpErrorOptions) {
    super(new.target.status, detail, options);
  }
}

/** 400 (RFC 9110 15.5.1). */
export class BadRequest extends StatusError {
  static override readonly status = 400;
}

/** 401: one line in WWW-Authenticate for each way to do better, best first (RFC 9110 15.5.2). */
export class Unauthorized extends StatusError {
  static override readonly status = 401;

  constructor(
    fields: { readonly challenges: readonly string[] },
    detail?: string,
    options?: HttpErrorOptions,
  ) {
    super(detail, withHeader(options, 'WWW-Authenticate', listIn(fields, 'challenges')));
  }
}

/** 402 (RFC 9110 15.5.3). */
export class PaymentRequired extends StatusError {
  static override readonly status = 402;
}

/** 403 (RFC 9110 15.5.4). */
export class Forbidden extends StatusError {
  static override readonly status = 403;
}

/** 404 (RFC 9110 15.5.5). */
export class NotFound extends StatusError {
  static override readonly status = 404;
}

/** 405: the path is known, the method is not (RFC 9110 15.5.6). */
export class MethodNotAllowed extends StatusError {
  static override readonly status = 405;

  /** @param required.method named in the message where it is given */
  constructor(
    fields: { readonly allow: readonly string[]; readonly method?: string },
    detail?: string,
    options?: HttpErrorOptions,
  ) {
    const allow = listIn(fields, 'allow').join(', ');
    const message = fields.method === undefined ? undefined : `${fields.method} is not allowed here`;
    super(detail ?? message, withHeader(options, 'Allow', allow));
  }
}

/** 406 (RFC 9110 15.5.7). */
export class NotAcceptable extends StatusError {
  static override readonly status = 406;
}

/** 407 (RFC 9110 15.5.8). */
export class ProxyAuthenticationRequired extends StatusError {
  static override readonly status = 407;

  constructor(
    fields: { readonly challenges: readonly string[] },
    detail?: string,
    options?: HttpErrorOptions,
  ) {
    super(detail, withHeader(options, 'Proxy-Authenticate', listIn(fields, 'challenges')));
  }
}

/** 408 (RFC 9110 15.5.9). */
export class RequestTimeout extends StatusError {
  static override readonly status = 408;
}

/** 409 (RFC 9110 15.5.10). */
export class Conflict extends StatusError {
  static override readonly status = 409;
}

/** 410 (RFC 9110 15.5.11). */
export class Gone extends StatusError {
  static override readonly status = 410;
}

/** 411 (RFC 9110 15.5.12). */
export class LengthRequired extends StatusError {
  static override readonly status = 411;
}

/** 412 (RFC 9110 15.5.13). */
export class PreconditionFailed extends StatusError {
  static override readonly status = 412;
}

/** 413: a limit on what a client may send was passed (RFC 9110 15.5.14). */
export class ContentTooLarge extends StatusError {
  static override readonly status = 413;

  /** @param detail what clients read, or the limit in bytes */
  constructor(detail?: string | number, options?: HttpErrorOptions) {
    super(typeof detail === 'number' ? `The body is larger than ${String(detail)} bytes` : detail, options);
  }
}

/** 414 (RFC 9110 15.5.15). */
export class UriTooLong extends StatusError {
  static override readonly status = 414;
}

/** 415 (RFC 9110 15.5.16). */
export class UnsupportedMediaType extends StatusError {
  static override readonly status = 415;
}

/** 416 (RFC 9110 15.5.17). */
export class RangeNotSatisfiable extends StatusError {
  static override readonly status = 416;

  /** @param required.length bytes of what has no such range */
  constructor(fields: { readonly length: number }, detail?: string, options?: HttpErrorOptions) {
    const length = fieldIn(fields, 'length', Number.isSafeInteger, '1024');
    super(detail, withHeader(options, 'Content-Range', unsatisfiedRange(length)));
  }
}

/** 417 (RFC 9110 15.5.18). */
export class ExpectationFailed extends StatusError {
  static override readonly status = 417;
}

/** 418 (RFC 2324 2.3.2). */
export class ImATeapot extends StatusError {
  static override readonly status = 418;
}

/** 421 (RFC 9110 15.5.20). */
export class MisdirectedRequest extends StatusError {
  static override readonly status = 421;
}

/** 422 (RFC 9110 15.5.21). */
export class UnprocessableContent extends StatusError {
  static override readonly status = 422;
}

/** 423 (RFC 4918 11.3). */
export class Locked extends StatusError {
  static override readonly status = 423;
}

/** 424 (RFC 4918 11.4). */
export class FailedDependency extends StatusError {
  static override readonly status = 424;
}

/** 425 (RFC 8470 5.2). */
export class TooEarly extends StatusError {
  static override readonly status = 425;
}

/** 426 (RFC 9110 15.5.22). */
export class UpgradeRequired extends StatusError {
  static override readonly status = 426;

  /** @param required.upgrade protocols, best first */
  constructor(fields: { readonly upgrade: readonly string[] }, detail?: string, options?: HttpErrorOptions) {
    super(detail, withHeader(options, 'Upgrade', listIn(fields, 'upgrade').join(', ')));
  }
}

/** 428 (RFC 6585 3). */
export class PreconditionRequired extends StatusError {
  static override readonly status = 428;
}

/** 429 (RFC 6585 4). */
export class TooManyRequests extends StatusError {
  static override readonly status = 429;

  /** @param required.retryAfter seconds, or a moment */
  constructor(fields: { readonly retryAfter: number | Date }, detail?: string, options?: HttpErrorOptions) {
    const time = fieldIn(fields, 'retryAfter', (value) => Number.isFinite(Number(value)), '60');
    super(detail, withHeader(options, 'Retry-After', retryTime(time)));
  }
}

/** 431 (RFC 6585 5). */
export class RequestHeaderFieldsTooLarge extends StatusError {
  static override readonly status = 431;
}

/** 451 (RFC 7725 3). */
export class UnavailableForLegalReasons extends StatusError {
  static override readonly status = 451;
}

/** 500 (RFC 9110 15.6.1). */
export class InternalServerError extends StatusError {
  static override readonly status = 500;
}

/** 501 (RFC 9110 15.6.2). */
export class NotImplemented extends StatusError {
  static override readonly status = 501;
}

/** 502 (RFC 9110 15.6.3). */
export class BadGateway extends StatusError {
  static override readonly status = 502;
}

/** 503 (RFC 9110 15.6.4). */
export class ServiceUnavailable extends StatusError {
  static override readonly status = 503;

  /** @param options.retryAfter seconds, or a moment. Default none */
  constructor(detail?: string, options: HttpErrorOptions & { readonly retryAfter?: number | Date } = {}) {
    const { retryAfter } = options;
    super(
      detail,
      retryAfter === undefined ? options : withHeader(options, 'Retry-After', retryTime(retryAfter)),
    );
  }
}

/** 504 (RFC 9110 15.6.5). */
export class GatewayTimeout extends StatusError {
  static override readonly status = 504;
}

/** 505 (RFC 9110 15.6.6). */
export class HttpVersionNotSupported extends StatusError {
  static override readonly status = 505;
}

/** 506 (RFC 2295 8.1). */
export class VariantAlsoNegotiates extends StatusError {
  static override readonly status = 506;
}

/** 507 (RFC 4918 11.5). */
export class InsufficientStorage extends StatusError {
  static override readonly status = 507;
}

/** 508 (RFC 5842 7.2). */
export class LoopDetected extends StatusError {
  static override readonly status = 508;
}

/** 509. */
export class BandwidthLimitExceeded extends StatusError {
  static override readonly status = 509;
}

/** 510 (RFC 2774 7). */
export class NotExtended extends StatusError {
  static override readonly status = 510;
}

/** 511 (RFC 6585 6). */
export class NetworkAuthenticationRequired extends StatusError {
  static override readonly status = 511;
}

function withHeader(
  options: HttpErrorOptions | undefined,
  name: string,
  value: string | readonly string[],
): HttpErrorOptions {
  return { ...options, headers: { ...options?.headers, [name]: value } };
}

/** A list of texts that an error requires. */
function listIn<K extends string>(
  fields: Readonly<Record<K, readonly string[]>>,
  name: K,
): readonly string[] {
  const isList = (value: unknown): boolean =>
    Array.isArray(value) && value.every((each) => typeof each === 'string');
  return fieldIn(fields, name, isList, "['...']");
}

/**
 * What an error requires of its first argument, which programs in JavaScript may leave out.
 * @throws ObolError E_HEADER_VALUE
 */
function fieldIn<K extends string, V>(
  fields: Readonly<Record<K, V>>,
  name: K,
  isRight: (value: unknown) => boolean,
  example: string,
): V {
  const given: unknown = fields;
  if (typeof given === 'object' && given !== null && isRight(fields[name])) return fields[name];
  throw new ObolError(
    'E_HEADER_VALUE',
    `The first argument of this error is { ${name}: ${example} }, which a header of the answer needs, not ${shown(fields)}.`,
  );
}

/** As Retry-After has it (RFC 9110 10.2.3): whole seconds, never fewer than are left. */
function retryTime(time: number | Date): string {
  if (!Number.isFinite(Number(time))) throw wrongValue('Retry-After', time);
  return typeof time === 'number' ? String(Math.max(0, Math.ceil(time))) : httpDate(time.getTime());
}
