/** A response: status, headers and a body that is text, bytes or a stream. */
import { brand } from '../ground/brand.js';
import { LIVE } from '../ground/current-request.js';
import { ObolError } from '../ground/errors.js';
import { charsetOf } from '../http/charset.js';
import { httpDate, parseHttpDate } from '../http/date.js';
import { etagOf, isEntityTag } from '../http/etag.js';
import type { RangeSpec } from '../http/range.js';
import { BODYLESS, checkStatus } from '../http/status.js';
import { isFieldValue } from '../http/grammar.js';
import { parseMediaType, withTextCharset } from '../http/media-type.js';
import { expiredCookie, serializeCookie, type CookieOptions } from '../http/set-cookie.js';
import { FileStream } from '../files/file-stream.js';
import { beginStream, followed, readable, toBytes, unbegun, type Chunk, type ChunkStream } from './chunks.js';
import { checkedHeaders, fieldsOf, Headers, type HeadersInit } from './headers.js';
import type { Request } from './request.js';

export { toBytes, type Chunk, type ChunkStream } from './chunks.js';

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
  /**
   * Whether the head of a stream is sent before its first chunk is there, as for a long poll: what goes wrong before that
   * cuts the connection then, and is no answer. Default false.
   */
  readonly early?: boolean | undefined;
}

/** What a copy of a response shall have otherwise. */
export interface ResponseChanges {
  /** Default that of the response; a stream moves. Headers stay with another one, too: its ETag is that of the old content. */
  readonly body?: Body | undefined;
  /** Default that of the response. */
  readonly status?: number | undefined;
  /** `''` for none. Default that of the response. */
  readonly contentType?: string | undefined;
  /** Bytes of a stream that is given as `body`. Default unknown. */
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
  /** Whether the body is made while it is sent. */
  readonly isStream: boolean;
  /** Of a stream: whether the head waits for the first chunk, as {@link open} does, or goes before it. */
  declare opening?: 'due' | 'early' | 'done';
  /** Whether any header but Content-Type was ever touched; if not, the head need not be put together anew. */
  hasHeaders = false;
  /**
   * Whether the head is that of another server, and is sent as it stands: no headers are added by default, and conditions and
   * ranges of the request are not applied, as that server has done so. Set it where that is so.
   */
  declare asIs?: boolean | undefined;
  /** The ranges that makePartial() was given. */
  declare ranges: readonly RangeSpec[] | undefined;
  /** For hosts: the view of the request that an application inside another has answered. By its settings it is finished. */
  declare answeredBy: Request | undefined;

  /** @throws ObolError E_STATUS, E_HEADER_NAME or E_HEADER_VALUE for parts that could not be sent */
  constructor(body: Body = '', init: ResponseInit = NO_INIT) {
    this.#body = body;
    this.#status = init.status === undefined ? 200 : checkStatus(init.status);
    const { contentType = HTML } = init;
    this.#contentType = contentType === lastGoodType ? contentType : this.#checkedType(contentType);
    this.isStream = typeof body === 'object' && body !== null && !(body instanceof Uint8Array);
    if (this.isStream) this.#holdStream(body as ChunkStream, init.early);
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
    const type = this.#checkedType(contentType);
    if (type === this.contentType) return;
    if (!this.#headers) this.#contentType = type;
    else if (type === '') this.#headers.delete('content-type');
    else this.#headers.set('Content-Type', type);
  }

  /** The header fields, Content-Type among them. What the host adds (Date, Content-Length) is not there yet. */
  get headers(): Headers {
    if (!this.#headers) {
      this.hasHeaders = true;
      const type = this.#contentType;
      this.#headers = checkedHeaders(type === '' ? [] : ['Content-Type', type]);
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
    this.ranges = ranges;
    this.headers.set('Accept-Ranges', units);
    return this;
  }

  /** Whether parts of it may be asked for. */
  get isDivisible(): boolean {
    return this.#headers?.get('accept-ranges')?.toLowerCase() === 'bytes';
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
      early: this.opening === 'early',
    });
    if (status === undefined) copy.#status = this.#status;
    if (contentType !== undefined) copy.contentType = contentType;
    if (body === undefined && this.opening) copy.opening = this.opening;
    copy.ranges = this.ranges;
    copy.asIs = this.asIs;
    if (this.answeredBy) copy.answeredBy = this.answeredBy;
    return copy;
  }

  /**
   * What may be changed for one client: a copy, since a handler may give the same response to all; a stream, which cannot be given
   * twice, itself.
   */
  toChange(): Response {
    return this.isStream ? this : this.with({});
  }

  /** Adds to the end of a body of text or bytes. @throws ObolError E_WRITE when the body is a stream */
  write(chunk: Chunk): this {
    const body = this.#body ?? '';
    if (this.isStream)
      throw new ObolError('E_WRITE', 'This response is a stream; yield the text from its generator.');
    if (this.#body === null && this.contentType === '') this.contentType = typeOf(chunk);
    if (typeof body === 'string' && typeof chunk === 'string') this.#body = body + chunk;
    else this.#body = Buffer.concat([toBytes(body as Chunk), toBytes(chunk)]);
    return this;
  }

  /**
   * Waits for the first chunk of a stream: until then, what goes wrong can be an answer. It is there at once where the
   * stream is synchronous, and there is nothing to wait for in any other body, or where the head is sent early.
   * @throws what the stream throws; ObolError E_RESPONSE_TYPE for a chunk that is neither text nor bytes
   */
  open(request: Pick<Request, 'signal'>): this | Promise<this> {
    if (this.opening !== 'due') return this;
    this.opening = 'done';
    const begun = beginStream(this.#body as ChunkStream, () => request.signal);
    return begun instanceof Promise ? begun.then((stream) => this.#opened(stream)) : this.#opened(begun);
  }

  /** What the body consists of, one chunk after another, for a handler that puts it into its own. A stream is read once. */
  async *chunks(): AsyncGenerator<Chunk, void, undefined> {
    if (this.isStream) yield* this.takeStream();
    else if (this.#body !== null) yield this.#body as Chunk;
  }

  /** The whole body. A stream is read once. @throws what the stream throws; ObolError E_RESPONSE_REUSED the second time */
  async bytes(): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.chunks()) chunks.push(toBytes(chunk));
    return Buffer.concat(chunks);
  }

  /** The whole body as text in the charset that its type names, by default UTF-8. @throws the same */
  async text(): Promise<string> {
    if (typeof this.#body === 'string') return this.#body;
    const named = parseMediaType(this.contentType)?.parameters.get('charset');
    const bytes = await this.bytes();
    return charsetOf(named ?? 'utf-8')?.decode(bytes) ?? bytes.toString();
  }

  #opened(stream: Exclude<ReturnType<typeof beginStream>, Promise<unknown>>): this {
    this.#body = stream;
    if (stream.isText) {
      const type = withTextCharset(this.contentType);
      if (type !== this.contentType) this.contentType = type;
    }
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

  #holdStream(stream: ChunkStream, early = false): void {
    if (stream instanceof FileStream) return;
    if (LIVE.storage?.getStore()) this.#body = followed(stream);
    else this.#body = early ? unbegun(stream) : readable(stream);
    this.opening = early ? 'early' : 'due';
  }

  #setOrDelete(name: string, value: string | undefined): void {
    if (value === undefined) this.#headers?.delete(name);
    else this.headers.set(name, value);
  }

  /** Text is sent as UTF-8, and says so. */
  #checkedType(contentType: string): string {
    const type = checkContentType(contentType);
    return typeof this.#body === 'string' ? withTextCharset(type) : type;
  }

  /** Takes over headers that were checked already; a Content-Type among them wins. */
  #setHeaders(init: HeadersInit): void {
    const flat = fieldsOf(init instanceof Headers ? init : new Headers(init));
    if (flat.length === 0) return;
    this.hasHeaders = true;
    const headers = checkedHeaders([...flat]);
    const needsType = this.#contentType !== '' && !headers.has('content-type');
    this.#headers = needsType ? checkedHeaders(['Content-Type', this.#contentType, ...flat]) : headers;
    if (!needsType && typeof this.#body === 'string') this.contentType = this.contentType;
  }
}

/** The type of content that was written where none was meant to be. */
function typeOf(chunk: Chunk): string {
  return typeof chunk === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream';
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
  // Where text needs a charset is looked at each time.
  if (withTextCharset(contentType) === contentType) lastGoodType = contentType;
  return contentType;
}
