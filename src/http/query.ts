/** Query strings and urlencoded text, as names with values (WHATWG URL 5.1). */
import { HttpError } from './http-error.js';

/** How a query is read. */
export interface QueryOptions {
  /** Keep `a=` and `a` as empty values instead of dropping them. Default false. */
  readonly keepBlankValues?: boolean;
  /** Answer 400 to a pair without `=` and to a bad escape. Default false. */
  readonly strictParsing?: boolean;
}

const MAX_PAIRS = 1000;
const MAX_NAME = 256;

/**
 * Reads a query. Unless parsing is strict, a bad escape stays as it is and bad UTF-8 becomes U+FFFD.
 * @throws HttpError 400 for more than 1,000 pairs, a name over 256 characters, and in strict parsing
 */
export function parseQuery(query: string, options: QueryOptions = {}): Map<string, string[]> {
  const values = new Map<string, string[]>();
  let pairs = 0;
  for (let start = 0; start < query.length;) {
    const ampersand = query.indexOf('&', start);
    const end = ampersand < 0 ? query.length : ampersand;
    if (end > start) {
      if (++pairs > MAX_PAIRS)
        throw new HttpError(400, `The query has more than ${String(MAX_PAIRS)} parameters`);
      readPair(query.slice(start, end), values, options);
    }
    start = end + 1;
  }
  return values;
}

function readPair(pair: string, values: Map<string, string[]>, options: QueryOptions): void {
  const equals = pair.indexOf('=');
  if (equals < 0 && options.strictParsing) throw new HttpError(400, 'The query has a parameter without "="');
  const name = decode(equals < 0 ? pair : pair.slice(0, equals), options);
  if (name.length > MAX_NAME) throw new HttpError(400, 'The query has a parameter with too long a name');
  const value = equals < 0 ? '' : decode(pair.slice(equals + 1), options);
  if (value === '' && !options.keepBlankValues) return;
  const list = values.get(name);
  if (list) list.push(value);
  else values.set(name, [value]);
}

function decode(text: string, options: QueryOptions): string {
  const spaced = text.replaceAll('+', ' ');
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    if (options.strictParsing) throw new HttpError(400, 'The query has a bad percent escape');
    return new URLSearchParams(`v=${text}`).get('v') ?? '';
  }
}
