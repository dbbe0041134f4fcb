/** Several values at once: what JavaScript has instead of the model's tuples. */
import { brand } from '../ground/brand.js';
import type { HeadersInit } from './headers.js';

/** What a value shall be sent with. */
export interface ReplyOptions {
  /** Default by the value: HTML for text and bytes, JSON for others. */
  readonly contentType?: string | undefined;
  /** Default none. */
  readonly headers?: HeadersInit | undefined;
  /** Default 200; that of the state or error in its handler. */
  readonly status?: number | undefined;
  /** Whether the head of a stream is sent before its first chunk is there, as for a long poll. Default false. */
  readonly early?: boolean | undefined;
}

/** A value together with how it shall be sent; plain and frozen, so that tests can compare it. */
export class Reply<T = unknown> implements ReplyOptions {
  static {
    brand(this, 'Reply');
  }

  readonly data: T;
  readonly contentType: string | undefined;
  readonly headers: HeadersInit | undefined;
  readonly status: number | undefined;
  declare readonly early: boolean | undefined;

  constructor(data: T, options: ReplyOptions) {
    this.data = data;
    this.contentType = options.contentType;
    this.headers = options.headers;
    this.status = options.status;
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
export function reply<T>(data: T, options: ReplyOptions): Reply<T>;
export function reply<T>(data: T, contentType?: string, headers?: HeadersInit, status?: number): Reply<T>;
export function reply<T>(
  data: T,
  second: ReplyOptions | string = {},
  headers?: HeadersInit,
  status?: number,
): Reply<T> {
  return new Reply(
    data,
    typeof second === 'string' ? { contentType: second, headers, status } : { headers, status, ...second },
  );
}
