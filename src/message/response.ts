/** A response: status, headers and a body that is text, bytes or a stream. */
import { brand } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { httpDate, parseHttpDate } from '../http/date.js';
import { etagOf, isEntityTag } from '../http/etag.js';
import type { RangeSpec } from '../http/range.js';
import { BODYLESS, isFinalStatus } from '../http/status.js';
import { isFieldValue } from '../http/grammar.js';
import { expiredCookie, serializeCookie, type CookieOptions } from '../http/set-cookie.js';
import { Headers, type HeadersInit } from './headers.js';
import type { Request } from './request.js';

/** What a stream gives: strings are sent as UTF-8. */
export type Chunk = string | Uint8Array;

/** A body that is made while it is sent. */
export type ChunkStream = Iterable<Chunk> | AsyncIterable<Chunk>;

/** A body: text (sent as UTF-8), bytes, a stream, or nothing. */
export type Body = string | Uint8Array | ChunkStream | null;

export interface ResponseInit {
  /** Default 200. */
  readonly status?: number | undefined;
  /** Default `text/html; charset=utf-8`. */
  readonly contentType?: string | undefined;
  /** Default none. */
  readonly headers?: HeadersInit | undefined;
  /**
   * Bytes of a stream where known; sending more or fewer cuts the connection. Default unknown; that of text and bytes is
   * counted.
   */
  readonly length?: number | undefined;
}

/** What a copy of a response shall have otherwise. */
export interface ResponseChanges {
  readonly body?: Body | undefined;
  readonly status?: number | undefined;
  /** `''` for none. */
  readonly contentType?: string | undefined;
  /** Bytes of a stream that is given as `body`. */
  readonly length?: number | undefined;
}

export const HTML = 'text/html; charset=utf-8';
const NO_INIT: ResponseInit = {};

/** What a handler's value becomes. Build it yourself when `reply()` is not enough. */
export class Response {
  static {
    brand(this, 'Response');
  }

  #status: number;
  #body: Body;
  #contentType: string;
  #headers: Headers | undefined;
  readonly #streamLength: number | undefined;
  #streamTaken = false;
  #ranges: readonly RangeSpec[] | undefined;
  /** Whether the body is made while it is sent. */
  readonly isStream: boolean;
  /** Whether any header but Content-Type was ever touched; if not, the head need not be put together anew. */
  hasHeaders = false;
  /** For hosts: the view of the request that an application inside another has answered. By its settings it is finished. */
  declare answeredBy: Request | undefined;

  /** @throws ObolError E_STATUS, E_HEADER_NAME or E_HEADER_VALUE for parts that could not be sent */
  constructor(body: Body = '', init: ResponseInit = NO_INIT) {
    this.#body = body;
    this.#status = init.status === undefined ? 200 : checkStatus(init.status);
    const { contentType = HTML } = init;
    this.#contentType = contentType === lastGoodType ? contentType : checkContentType(contentType);
    this.isStream = typeof body === 'object' && body !== null && !(body instanceof Uint8Array);
    this.#streamLength = init.length;
    if (init.headers !== undefined) this.#setHeaders(init.headers);
  }

  get status(): number {
    return this.#status;
  }

  set status(status: number) {
    this.#status = checkStatus(status);
  }

  /** The media type of the body; `''` for none. */
  get contentType(): string {
    return this.#headers ? (this.#headers.get('content-type') ?? '') : this.#contentType;
  }

  set contentType(contentType: string) {
    checkContentType(contentType);
    if (!this.#headers) this.#contentType = contentType;
    else if (contentType === '') this.#headers.delete('content-type');
    else this.#headers.set('Content-Type', contentType);
  }

  /** The header fields, Content-Type among them. What the host adds (Date, Content-Length) is not there yet. */
  get headers(): Headers {
    if (!this.#headers) {
      this.hasHeaders = true;
      const type = this.#contentType;
      this.#headers = Headers.fromRaw(type === '' ? [] : ['Content-Type', type]);
    }
    return this.#headers;
  }

  get body(): Body {
    return this.#body;
  }

  /**
   * The Content-Length to declare: bytes of the body; undefined for none, as for a stream of unknown length and for a
   * status that never has content (RFC 9110 8.6).
   */
  get length(): number | undefined {
    const body = this.#body;
    if (BODYLESS.has(this.#status)) return this.#status === 205 ? 0 : undefined;
    if (typeof body === 'string') return Buffer.byteLength(body);
    if (body === null) return 0;
    return body instanceof Uint8Array ? body.byteLength : this.#streamLength;
  }

  /** Sets a cookie; `HttpOnly`, `SameSite=Lax` and `Path=/` by default. @throws ObolError E_COOKIE */
  setCookie(name: string, value: string, options?: CookieOptions): this {
    this.headers.append('Set-Cookie', serializeCookie(name, value, options));
    return this;
  }

  /** Removes a cookie; domain and path must be those it was set with. @throws ObolError E_COOKIE */
  clearCookie(name: string, options?: Pick<CookieOptions, 'domain' | 'path' | 'secure'>): this {
    this.headers.append('Set-Cookie', expiredCookie(name, options));
    return this;
  }

  /** The entity tag, quotes included; what clients ask about it is answered by the host (RFC 9110 8.8.3, 13). */
  get etag(): string | undefined {
    return this.#headers?.get('etag');
  }

  /** `undefined` takes it away. @throws ObolError E_ETAG for text that is no entity tag */
  set etag(tag: string | undefined) {
    if (tag !== undefined && !isEntityTag(tag))
      throw new ObolError(
        'E_ETAG',
        `${JSON.stringify(tag)} is no entity tag; put it in double quotes, as in '"1"' or 'W/"1"'.`,
      );
    this.#setOrDelete('ETag', tag);
  }

  /** When the content last changed, in whole seconds (RFC 9110 8.8.2). */
  get lastModified(): Date | undefined {
    const time = parseHttpDate(this.#headers?.get('last-modified') ?? '');
    return time === undefined ? undefined : new Date(time);
  }

  /** A moment to come is sent as now, as it must be; `undefined` takes it away. */
  set lastModified(moment: Date | number | undefined) {
    const time = moment === undefined ? undefined : httpDate(Math.min(Number(moment), Date.now()));
    this.#setOrDelete('Last-Modified', time);
  }

  /**
   * Makes the entity tag of the content, so call it when the content is complete.
   * @throws ObolError E_ETAG when the body is a stream
   */
  addEtag(options?: { readonly weak?: boolean }): this {
    if (this.isStream)
      throw new ObolError('E_ETAG', 'The content of a stream is not known yet; set response.etag yourself.');
    this.etag = etagOf((this.#body as Chunk | null) ?? '', options);
    return this;
  }

  /**
   * Lets a GET that asks for parts of the content have them (RFC 9110 14): text, bytes, files, and streams whose length
   * is given. Without `ranges` its Range decides. Parts are sent in place of a 200 only.
   * @param ranges to be sent whatever Range says, such as `[[0, 99]]`, `[[100, null]]` or, for the last 5, `[[null, 5]]`
   * @param units named to the client; of any but bytes, the whole is sent
   * @throws ObolError E_RANGE for a range that is none
   */
  makePartial(ranges?: readonly RangeSpec[], units = 'bytes'): this {
    ranges?.forEach(checkRange);
    this.#ranges = ranges;
    this.headers.set('Accept-Ranges', units);
    return this;
  }

  /** Whether parts of it may be asked for. */
  get isDivisible(): boolean {
    return this.#headers?.get('accept-ranges')?.toLowerCase() === 'bytes';
  }

  /** The ranges that makePartial() was given. */
  get ranges(): readonly RangeSpec[] | undefined {
    return this.#ranges;
  }

  /**
   * A copy with some parts changed, which may be changed further without a trace in this one: a handler may give the same
   * response to every client. A stream moves into the copy unless that gets a body of its own.
   * @throws ObolError E_RESPONSE_REUSED for a stream that was sent or moved already; E_STATUS, E_HEADER_VALUE
   */
  with({ body, status, contentType, length }: ResponseChanges): Response {
    const own = this.isStream && body === undefined ? this.takeStream() : this.#body;
    const copy = new Response(body === undefined ? own : body, {
      status,
      contentType: this.contentType,
      headers: this.#headers,
      length: body === undefined ? this.#streamLength : length,
    });
    if (status === undefined) copy.#status = this.#status;
    if (contentType !== undefined) copy.contentType = contentType;
    copy.#ranges = this.#ranges;
    if (this.answeredBy) copy.answeredBy = this.answeredBy;
    return copy;
  }

  /** Adds to the end of a body of text or bytes. @throws ObolError E_WRITE when the body is a stream */
  write(chunk: Chunk): this {
    const body = this.#body ?? '';
    if (this.isStream)
      throw new ObolError('E_WRITE', 'This response is a stream; yield the text from its generator.');
    if (typeof body === 'string' && typeof chunk === 'string') this.#body = body + chunk;
    else this.#body = Buffer.concat([toBytes(body as Chunk), toBytes(chunk)]);
    return this;
  }

  /** The stream, for the one who sends it. @throws ObolError E_RESPONSE_REUSED the second time */
  takeStream(): ChunkStream {
    if (this.#streamTaken) {
      throw new ObolError(
        'E_RESPONSE_REUSED',
        'A response with a stream was sent twice; make a new one per request.',
      );
    }
    this.#streamTaken = true;
    return this.#body as ChunkStream;
  }

  #setOrDelete(name: string, value: string | undefined): void {
    if (value === undefined) this.#headers?.delete(name);
    else this.headers.set(name, value);
  }

  /** Takes over headers that were checked already; a Content-Type among them wins. */
  #setHeaders(init: HeadersInit): void {
    const { flat } = init instanceof Headers ? init : new Headers(init);
    if (flat.length === 0) return;
    const headers = Headers.fromRaw([...flat]);
    this.hasHeaders = true;
    const needsType = this.#contentType !== '' && !headers.has('content-type');
    this.#headers = needsType ? Headers.fromRaw(['Content-Type', this.#contentType, ...flat]) : headers;
  }
}

/** Text as UTF-8; bytes as they are. @throws TypeError for anything else, which a stream may give all the same */
export function toBytes(chunk: Chunk): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  const bytes: unknown = chunk;
  if (bytes instanceof Uint8Array) return bytes;
  throw new TypeError(`A stream gives strings or bytes, not ${bytes === null ? 'null' : typeof bytes}`);
}

function checkStatus(status: unknown): number {
  if (isFinalStatus(status)) return status;
  throw new ObolError(
    'E_STATUS',
    `${String(status)} is not a status that a response can have; use 200 to 599.`,
  );
}

function checkRange(range: RangeSpec): void {
  const [start, end] = range;
  const isSpec =
    start === null
      ? isPosition(end)
      : isPosition(start) && (end === null || (isPosition(end) && end >= start));
  if (!isSpec)
    throw new ObolError(
      'E_RANGE',
      `${JSON.stringify(range)} is no range; give [first, last], [first, null] or [null, how many from the end].`,
    );
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Content types are checked with each response, and there are few of them: remember the last good one. */
let lastGoodType = HTML;

function checkContentType(contentType: string): string {
  if (typeof contentType !== 'string' || !isFieldValue(contentType)) {
    throw new ObolError(
      'E_HEADER_VALUE',
      `${JSON.stringify(contentType)} is no content type; write "text/plain".`,
    );
  }
  return (lastGoodType = contentType);
}
