/** The Cookie header as servers read it (RFC 6265bis 4.2). */
import { trimWhitespace } from './grammar.js';

/**
 * Reads a Cookie header. One bad pair never loses the others; nameless pairs are dropped, the first of a name wins,
 * values stay as sent but for a full pair of quotes.
 */
export function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  for (let start = 0; start < header.length;) {
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
