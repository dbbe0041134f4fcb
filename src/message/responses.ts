/** Responses with a purpose: text, JSON, streams, redirects, those without a body, and those that are no message. */
import { Readable } from 'node:stream';
import { brand } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { asksForHtml } from '../http/accept.js';
import { httpDate } from '../http/date.js';
import { escapeHtml } from '../http/html.js';
import { htmlPage } from '../http/html-page.js';
import { contentRange, type ByteRange } from '../http/range.js';
import { encodeCanonical } from '../http/target.js';
import type { HeadersInit } from './headers.js';
import { jsonChunks } from './json-stream.js';
import { jsonText } from './json-text.js';
import { HTML, Response, type Body, type ChunkStream, type ResponseInit } from './response.js';

export const JSON_TYPE = 'application/json';
const PLAIN = 'text/plain; charset=utf-8';

/** Plain text. */
export class TextResponse extends Response {
  constructor(text: string, init: ResponseInit = {}) {
    super(text, { contentType: PLAIN, ...init });
  }
}

/** A value as JSON. @throws ObolError E_RESPONSE_TYPE for a value that JSON has no text for */
export class JsonResponse extends Response {
  constructor(data: unknown, init: ResponseInit = {}) {
    super(jsonText(data), { contentType: JSON_TYPE, ...init });
  }
}

/** A body made while it is sent, by a generator, an iterable, a Node stream or a web stream. */
export class GeneratorResponse extends Response {
  /** @param init.length bytes of the whole stream where known; sending more or fewer cuts the connection */
  constructor(stream: ChunkStream, init: ResponseInit = {}) {
    super(stream, init);
    // A Node stream that fails before it is read must not end the process: reading it reports the error all the same.
    if (stream instanceof Readable) stream.on('error', () => undefined);
  }
}

/** A JSON document made while it is sent: iterables and async iterables in it become arrays. */
export class JsonGeneratorResponse extends GeneratorResponse {
  constructor(data: unknown, init: ResponseInit = {}) {
    super(jsonChunks(data), { contentType: JSON_TYPE, ...init });
  }
}

/** A status and headers only. @param init.status default 204 */
export class NoContentResponse extends Response {
  constructor(init: { readonly status?: number; readonly headers?: HeadersInit } = {}) {
    super(null, { status: 204, contentType: '', ...init });
  }
}

export interface RedirectInit {
  /** Default 302, or 301 when `permanent`. */
  readonly status?: number;
  /** Default false. */
  readonly permanent?: boolean;
  /** Default none. */
  readonly headers?: HeadersInit;
  /** Read by those who do not follow: as plain text, or above a link where HTML is asked for by name. Default none. */
  readonly message?: string;
}

/** Where a request was sent to. */
interface Place {
  readonly baseUrl: string;
  readonly path: string;
  readonly query: string;
}

/** Sends the client to another place (RFC 9110 15.4). */
export class RedirectResponse extends Response {
  /**
   * @param location sent percent-encoded where it holds characters no URL may have; otherwise as it is
   * @throws ObolError E_STATUS when the status is no redirection
   */
  constructor(location: string | URL, init: RedirectInit = {}) {
    const { status = init.permanent ? 301 : 302, headers, message } = init;
    if (![301, 302, 303, 307, 308].includes(status)) {
      throw new ObolError('E_STATUS', `${String(status)} is no redirection; use 301, 302, 303, 307 or 308.`);
    }
    super(message ?? null, { status, contentType: message === undefined ? '' : PLAIN, headers });
    this.headers.set('Location', encodeLocation(String(location)));
    if (message !== undefined) this.headers.appendToList('Vary', 'Accept');
  }

  /**
   * To the same path with a slash at its end, for relative links that lead below it: on this host, however many slashes it begins
   * with. Of 308 clients repeat method and body (RFC 9110 15.4.9).
   */
  static toSlash({ baseUrl, path, query }: Place, init: RedirectInit = { status: 308 }): RedirectResponse {
    const search = query === '' ? '' : `?${query}`;
    return new RedirectResponse(`${baseUrl}${encodeCanonical(path.replace(/^\/+/, '/'))}/${search}`, init);
  }

  /** For hosts: with a link where there is a message and the client asks for HTML; itself else. */
  forClient(accept: string | undefined): Response {
    const { body } = this;
    if (typeof body !== 'string' || body === '' || this.contentType !== PLAIN || !asksForHtml(accept))
      return this;
    return this.with({ body: linked(body, this.headers.get('location') ?? ''), contentType: HTML });
  }
}

/** No link to what a browser would run. */
function linked(message: string, location: string): string {
  const isSafe = /^(?:https?:|[^:]*(?:[/?#]|$))/i.test(location);
  const href = escapeHtml(location);
  const link = isSafe ? `\n<p><a href="${href}">${href}</a></p>` : '';
  return htmlPage({ title: 'Redirect', main: `<p>${escapeHtml(message)}</p>${link}`, head: '' });
}

/** 304: what the client has is still good (RFC 9110 15.4.5). */
export class NotModifiedResponse extends Response {
  /** @param init.date a moment, or milliseconds since the epoch, or the text itself */
  constructor(
    init: {
      readonly etag?: string;
      readonly contentLocation?: string;
      readonly date?: Date | number | string;
      readonly vary?: string;
      readonly headers?: HeadersInit;
    } = {},
  ) {
    super(null, { status: 304, contentType: '', headers: init.headers });
    if (init.etag !== undefined) this.headers.set('ETag', init.etag);
    if (init.contentLocation !== undefined) this.headers.set('Content-Location', init.contentLocation);
    if (init.date !== undefined) this.headers.set('Date', dateText(init.date));
    if (init.vary !== undefined) this.headers.set('Vary', init.vary);
  }
}

/** A part that the handler has cut out itself, of any unit; for bytes, `makePartial()` of any response is easier. */
export class PartialResponse extends Response {
  /** @param init.status default 206 */
  constructor(body: Body, init: ResponseInit = {}) {
    super(body, { status: 206, ...init });
  }

  /**
   * Says which part it is.
   * @param range first and last position, both included
   * @param full positions of the whole; `*` when that is not known
   * @throws ObolError E_RANGE for a range that is none
   */
  makeRange([start, end]: ByteRange, units = 'bytes', full: number | '*' = '*'): this {
    const isRange = [start, end].every((position) => Number.isSafeInteger(position) && position >= 0);
    if (!isRange || end < start || (full !== '*' && end >= full))
      throw new ObolError(
        'E_RANGE',
        `${JSON.stringify([start, end])} of ${String(full)} is no range; give the first and the last position.`,
      );
    this.headers.set('Content-Range', contentRange([start, end], full, units));
    return this;
  }
}

/** A response that is no message: the host does something with the connection instead of sending it. */
export abstract class ConnectionResponse extends Response {
  static readonly brand = brand(this, 'ConnectionResponse');

  constructor(headers?: HeadersInit) {
    super(null, { contentType: '', headers });
  }
}

/** No answer at all: the host closes the connection. */
export class Declined extends ConnectionResponse {
  static override readonly brand = brand(this, 'Declined');

  /** Itself: a copy would be a message. */
  override with(): this {
    return this;
  }
}

/** Return it, or throw it with `abort(DECLINED)`, to close the connection without an answer. */
export const DECLINED = new Declined();

/** Only what no URL may hold is encoded; line breaks would be refused by the header, so they are encoded too. */
function encodeLocation(location: string): string {
  return location.replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(text.toWellFormed()));
}

function dateText(date: Date | number | string): string {
  return typeof date === 'string' ? date : httpDate(Number(date));
}
