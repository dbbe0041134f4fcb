/** The header fields that handlers ask for most, read: what the client accepts, who it is and where it comes from. */
import {
  negotiateEncoding,
  negotiateLanguage,
  negotiateMediaType,
  parseAccept,
  type Preference,
} from '../http/accept.js';
import { parseAuthorization, type Authorization } from '../http/authorization.js';
import type { Headers } from './headers.js';

/** Short names of the types that are negotiated most. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['html', 'text/html'],
  ['json', 'application/json'],
  ['text', 'text/plain'],
  ['xhtml', 'application/xhtml+xml'],
  ['xml', 'application/xml'],
]);

/** Methods by which asking twice is asking once (RFC 9110 9.2.2), those of WebDAV that only read among them. */
const IDEMPOTENT: ReadonlySet<string> = new Set([
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PROPFIND',
  'PUT',
  'QUERY',
  'REPORT',
  'SEARCH',
  'TRACE',
]);

/** Views of single header fields; each is read when it is asked for. */
export abstract class HeaderProperties {
  abstract readonly method: string;
  abstract get headers(): Headers;

  /** Whether its method may be repeated where it is not known what became of it (RFC 9110 9.2.2). */
  get isIdempotent(): boolean {
    return IDEMPOTENT.has(this.method);
  }

  /** The media ranges of Accept with their weights, in the order sent; empty without the header. */
  get accept(): Preference[] {
    return preferences(this.headers, 'accept');
  }

  get acceptCharset(): Preference[] {
    return preferences(this.headers, 'accept-charset');
  }

  get acceptEncoding(): Preference[] {
    return preferences(this.headers, 'accept-encoding');
  }

  get acceptLanguage(): Preference[] {
    return preferences(this.headers, 'accept-language');
  }

  /** Whether an HTML answer is acceptable; it is without an Accept header. */
  get acceptHtml(): boolean {
    return this.accepts('html') !== undefined;
  }

  get acceptXhtml(): boolean {
    return this.accepts('xhtml') !== undefined;
  }

  get acceptJson(): boolean {
    return this.accepts('json') !== undefined;
  }

  /**
   * The type among those offered that the client likes best; of equals the one offered first.
   * @param offers media types, or `html`, `json`, `text`, `xhtml`, `xml`
   * @returns the offer as it was given; undefined when none is acceptable (RFC 9110 12.5.1)
   */
  accepts<const T extends string>(...offers: readonly T[]): T | undefined {
    const types = offers.map((offer) => SHORT_NAMES.get(offer) ?? offer.toLowerCase());
    const best = negotiateMediaType(this.headers.get('accept'), types);
    return best === undefined ? undefined : offers[types.indexOf(best)];
  }

  /** The language among those offered that the client likes best (RFC 4647 3.4); undefined when none is acceptable. */
  acceptsLanguages<const T extends string>(...offers: readonly T[]): T | undefined {
    return negotiateLanguage(this.headers.get('accept-language'), offers);
  }

  /** The content coding among those offered that the client likes best (RFC 9110 12.5.3); undefined when none is acceptable. */
  acceptsEncodings<const T extends string>(...offers: readonly T[]): T | undefined {
    return negotiateEncoding(this.headers.get('accept-encoding'), offers);
  }

  /** Whether a script says that it asks: `X-Requested-With: XMLHttpRequest`. */
  get isXhr(): boolean {
    return this.headers.get('x-requested-with')?.toLowerCase() === 'xmlhttprequest';
  }

  /** The credentials, taken apart but not checked; undefined when there are none or they are malformed. */
  get authorization(): Authorization | undefined {
    const header = this.headers.get('authorization');
    return header === undefined ? undefined : (parseAuthorization(header) ?? undefined);
  }

  /** Where the client says it comes from; never to be trusted. */
  get referer(): string | undefined {
    return this.headers.get('referer');
  }

  get userAgent(): string | undefined {
    return this.headers.get('user-agent');
  }
}

function preferences(headers: Headers, name: string): Preference[] {
  return parseAccept(headers.get(name) ?? '');
}
