/** The Cookie header as servers read it (RFC 6265bis 4.2). */
import { trimWhitespace } from './grammar.js';
import { HttpError } from './http-error.js';

const MAX_LENGTH = 8 * 1024;
const MAX_PAIRS = 100;

/**
 * Reads a Cookie header. One bad pair never loses the others; nameless pairs are dropped, the first of a name wins,
 * values stay as sent but for a full pair of quotes.
 * @throws HttpError 431 for more than 8 KiB or 100 pairs
 */
export function parseCookies(header: string): Map<string, string> {
  if (header.length > MAX_LENGTH) throw new HttpError(431, 'The cookies are too large');
  const cookies = new Map<string, string>();
  let pairs = 0;
  for (let start = 0; start < header.length;) {
    if (++pairs > MAX_PAIRS) throw new HttpError(431, 'There are too many cookies');
    const semicolon = header.indexOf(';', start);
    const end = semicolon < 0 ? header.length : semicolon;
    const pair = header.slice(start, end);
    const equals = pair.indexOf('=');
    if (equals > 0) {
      const name = trimWhitespace(pair.slice(0, equals));
      const value = trimWhitespace(pair.slice(equals + 1));
      if (name !== '' && !cookies.has(name)) cookies.set(name, withoutQuotes(value));
    }
    start = end + 1;
  }
  return cookies;
}

function withoutQuotes(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
