/** A URL taken apart, in one spelling: what browsers and RFC 3986 hold for the same reads the same. */

/** The parts of a URL of the web, or of a reference to one; put one after the other they are its text. */
export interface UrlParts {
  /** `https://example.org`; `//example.org` where the scheme is that of the page; `''` for a reference within a server. */
  readonly origin: string;
  /** Percent-encoded; it begins with a slash unless it is relative to another URL. */
  readonly path: string;
  /** The query with its `?`; `''` for none. */
  readonly search: string;
  /** The fragment with its `#`; `''` for none. */
  readonly hash: string;
}

/** Characters of a text that is read: as many as servers take in all of a head. */
const MAX_LENGTH = 16 * 1024;

/** RFC 3986 appendix B. */
const PARTS = /^(?:([a-z][a-z\d+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/is;
/** Browsers leave some of them out, wherever they stand. */
const CONTROLS = /[\0-\x1f\x7f]/;

/**
 * Reads a URL of http or https, or a reference. What no URL can hold, such as a space, is encoded; what is encoded stays so.
 * @returns what is wrong with it, to stand behind its text, for what is none
 */
export function partsOf(text: string, maxLength = MAX_LENGTH): UrlParts | string {
  const problem = problemOf(text, maxLength);
  if (problem !== undefined) return problem;
  const [, scheme, authority, path = '', search = '', hash = ''] = PARTS.exec(text.trim()) ?? [];
  const origin = wholeOrigin(scheme, authority);
  if ('problem' in origin) return origin.problem;
  return {
    origin: origin.text,
    path: canonicalPath(origin.text !== '' && path === '' ? '/' : path),
    search: encodeQuery(search),
    hash: encodeQuery(hash),
  };
}

function problemOf(text: string, maxLength: number): string | undefined {
  if (text.length > maxLength) return `it has more than ${String(maxLength)} characters`;
  if (CONTROLS.test(text)) return 'it has line breaks or other control characters';
  return text.isWellFormed() ? undefined : 'it has half a character';
}

/** The origin, which is `''` for a reference that has neither scheme nor authority. */
function wholeOrigin(scheme?: string, authority?: string): { text: string } | { problem: string } {
  if (scheme !== undefined && !/^https?$/i.test(scheme))
    return { problem: `its scheme is "${scheme}", which is neither http nor https` };
  if (authority === undefined)
    return scheme === undefined ? { text: '' } : { problem: `it has no host after "${scheme}:"` };
  const text = originOf(scheme, authority);
  const problem = 'its host cannot be read; a user name or password cannot stand there, either';
  return text === undefined ? { problem } : { text };
}

/** @returns undefined for a host or port that is none, and for user information, which URLs of http cannot have (RFC 9110 4.2.4) */
export function originOf(scheme: string | undefined, authority: string): string | undefined {
  if (/[\s\\@]/.test(authority)) return undefined;
  // The port that the scheme does without is left out, so it must be another one where there is none.
  const usual = /:0*443$/.test(authority) ? 'http' : 'https';
  const whole = `${scheme ?? usual}://${authority}`;
  if (!URL.canParse(whole)) return undefined;
  const { protocol, host } = new URL(whole);
  return scheme === undefined ? `//${host}` : `${protocol}//${host}`;
}

/** What no path can hold, percent signs that encode nothing among it. */
const NOT_IN_PATH = /(?:%(?![\da-f]{2})|[^\w.!~*'()%/:@$&+,;=-])+/gi;
/** Unreserved characters (RFC 3986 2.3), encoded. */
const UNRESERVED = /%(?:2[de]|3\d|[46][1-9a-f]|[57][\da]|5f|7e)/gi;
const SMALL_ESCAPE = /%(?:[a-f][\dA-Fa-f]|[\dA-F][a-f])/g;

/** Unreserved characters as they are, all others that need it encoded, and no dot segments. */
function canonicalPath(path: string): string {
  const encoded = path
    .replace(NOT_IN_PATH, encodeURIComponent)
    .replace(UNRESERVED, decodeURIComponent)
    .replace(SMALL_ESCAPE, (escape) => escape.toUpperCase());
  return encoded.startsWith('/') ? withoutDots(encoded) : encoded;
}

/** An absolute path without the segments `.` and `..` (RFC 3986 5.2.4). */
export function withoutDots(path: string): string {
  if (!/\/\.{1,2}(?:\/|$)/.test(path)) return path;
  const segments = path.split('/').slice(1);
  const kept: string[] = [];
  segments.forEach((segment, index) => {
    const isDots = segment === '.' || segment === '..';
    if (segment === '..') kept.pop();
    if (!isDots) kept.push(segment);
    else if (index === segments.length - 1) kept.push('');
  });
  return `/${kept.join('/')}`;
}

/** A query or a fragment: what is encoded, and what means something there, is left. */
function encodeQuery(text: string): string {
  return text.replace(/(?:%(?![\da-f]{2})|[^\w.!~*()%/?:@$&+,;=#-])+/gi, encodeValue);
}

/** A name or a value for a query. Browsers encode an apostrophe there, so it must not be left to them. */
export function encodeValue(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27');
}
