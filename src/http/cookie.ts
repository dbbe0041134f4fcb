/** The Cookie header as servers read it (RFC 6265bis 4.2). */
import { inspect, type InspectOptions } from 'node:util';
import { trimWhitespace } from './grammar.js';
import { HttpError } from './http-error.js';

const MAX_LENGTH = 8 * 1024;
const MAX_PAIRS = 100;

/** Cookies by name; printed as that. */
export class Cookies extends Map<string, string> {
  /** An object without a prototype. */
  toJSON(): Record<string, string> {
    const json = Object.create(null) as Record<string, string>;
    for (const [name, value] of this) json[name] = value;
    return json;
  }

  /** The same as a JSON text. */
  override toString(): string {
    return JSON.stringify(this);
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    return `Cookies ${inspect(Object.fromEntries(this), options)}`;
  }
}

/**
 * Reads a Cookie header. One bad pair never loses the others; nameless pairs are dropped, the first of a name wins,
 * values stay as sent but for a full pair of quotes.
 * @throws HttpError 431 for more than 8 KiB or 100 pairs
 */
export function parseCookies(header: string): Cookies {
  if (header.length > MAX_LENGTH) throw new HttpError(431, 'The cookies are too large');
  const pairs = header.split(';');
  if (pairs.at(-1) === '') pairs.pop();
  if (pairs.length > MAX_PAIRS) throw new HttpError(431, 'There are too many cookies');
  const cookies = new Cookies();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = trimWhitespace(pair.slice(0, Math.max(equals, 0)));
    if (name !== '' && !cookies.has(name))
      cookies.set(name, withoutQuotes(trimWhitespace(pair.slice(equals + 1))));
  }
  return cookies;
}

function withoutQuotes(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
