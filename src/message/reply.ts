/** Several values at once: what JavaScript has instead of the model's tuples. */
import { brand } from '../ground/brand.js';
import type { HeadersInit } from './headers.js';

/** What a value shall be sent with. */
export interface ReplyOptions<S extends number | undefined = number | undefined> {
  /** Default by the value: HTML for text and bytes, JSON for others. */
  readonly contentType?: string | undefined;
  /** Default none. */
  readonly headers?: HeadersInit | undefined;
  /** Default 200; that of the state or error in its handler. */
  readonly status?: S | undefined;
  /** Whether the head of a stream is sent before its first chunk is there, as for a long poll. Default false. */
  readonly early?: boolean | undefined;
}

/** A value together with how it shall be sent; plain and frozen, so that tests can compare it. */
export class Reply<T = unknown, S extends number | undefined = number | undefined> implements ReplyOptions {
  static {
    brand(this, 'Reply');
  }

  readonly data: T;
  readonly contentType: string | undefined;
  readonly headers: HeadersInit | undefined;
  /** A part of the type, for contracts. */
  readonly status: S;
  declare readonly early: boolean | undefined;

  constructor(data: T, options: ReplyOptions<S>) {
    this.data = data;
    this.contentType = options.contentType;
    this.headers = options.headers;
    this.status = options.status as S;
    if (options.early !== undefined) this.early = options.early;
    Object.freeze(this);
  }
}

/**
 * Answers with a value and its content type, headers or status.
 *
 * @example
 * ```ts
 * reply({ id: 1 }, { status: 201, headers: { Location: '/people/1' } })
 * reply('slow down', 'text/plain', { 'Retry-After': 5 }, 429)
 * ```
 */
export function reply<const T, const S extends number | undefined = undefined>(
  data: T,
  options: ReplyOptions<S>,
): Reply<T, NoInfer<S>>;
export function reply<const T, const S extends number | undefined = undefined>(
  data: T,
  contentType?: string,
  headers?: HeadersInit,
  status?: S,
): Reply<T, NoInfer<S>>;
export function reply(
  data: unknown,
  second: ReplyOptions | string = {},
  headers?: HeadersInit,
  status?: number,
): Reply {
  return new Reply(
    data,
    typeof second === 'string' ? { contentType: second, headers, status } : { headers, status, ...second },
  );
}
