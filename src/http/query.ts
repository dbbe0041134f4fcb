/** Query strings and urlencoded text, as names with values (WHATWG URL 5.1). */
import type { Charset } from './charset.js';
import { HttpError } from './http-error.js';

/** How queries and urlencoded forms are read. */
export interface QueryOptions {
  /** Keep `a=` and `a` as empty values instead of dropping them. Default false for queries, true for forms. */
  readonly keepBlankValues?: boolean;
  /** Answer 400 to an empty pair, as in `a=1&&b=2`, one without `=` or without a name, and to a bad escape. Default false. */
  readonly strictParsing?: boolean;
}

/** The same for forms, which are written like queries. */
export interface PairOptions extends QueryOptions {
  /** What is read, for messages. Default `query`. */
  readonly what?: 'query' | 'form';
  /** Answer 400 to a bad escape, even when parsing is not strict. */
  readonly strictEscapes?: boolean;
  /** That of octets, where the text holds one in each character. Default UTF-8, and the text is read already. */
  readonly charset?: Charset;
  /** Number of pairs; over it 400. Default 1,000. */
  readonly maxPairs?: number;
}

const MAX_PAIRS = 1000;
const MAX_NAME = 256;

/**
 * Reads a query. Unless parsing is strict, a bad escape stays as it is and bad UTF-8 becomes U+FFFD.
 * @throws HttpError 400 for more than 1,000 pairs, a name over 256 characters, and in strict parsing
 */
export function parseQuery(query: string, options: PairOptions = {}): Map<string, string[]> {
  const { what = 'query', maxPairs = MAX_PAIRS } = options;
  const values = new Map<string, string[]>();
  let pairs = 0;
  for (let start = 0; start < query.length;) {
    const ampersand = query.indexOf('&', start);
    const end = ampersand < 0 ? query.length : ampersand;
    if (end > start || options.strictParsing) {
      if (++pairs > maxPairs)
        throw new HttpError(400, `The ${what} has more than ${String(maxPairs)} parameters`);
      readPair(query.slice(start, end), values, options);
    }
    start = end + 1;
  }
  if (options.strictParsing && query.endsWith('&')) throw incomplete('', what);
  return values;
}

function readPair(pair: string, values: Map<string, string[]>, options: PairOptions): void {
  const { what = 'query' } = options;
  const equals = pair.indexOf('=');
  if (options.strictParsing && equals < 1) throw incomplete(pair, what);
  const name = decode(equals < 0 ? pair : pair.slice(0, equals), options);
  if (name.length > MAX_NAME) throw new HttpError(400, `The ${what} has a parameter with too long a name`);
  const value = equals < 0 ? '' : decode(pair.slice(equals + 1), options);
  if (value === '' && !options.keepBlankValues) return;
  const list = values.get(name);
  if (list) list.push(value);
  else values.set(name, [value]);
}

function incomplete(pair: string, what: string): HttpError {
  const isNamed = pair !== '' && !pair.startsWith('=');
  return new HttpError(400, `The ${what} has a parameter without ${isNamed ? '"="' : 'a name'}`);
}

function decode(text: string, options: PairOptions): string {
  const spaced = text.replaceAll('+', ' ');
  if (options.charset) return decodeOctets(spaced, options.charset);
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    if (options.strictParsing || options.strictEscapes) {
      throw new HttpError(400, `The ${options.what ?? 'query'} has a bad percent escape`);
    }
    return new URLSearchParams(`v=${text}`).get('v') ?? '';
  }
}

/** @throws HttpError 400 for a bad escape, and for octets that are no text of the charset */
function decodeOctets(text: string, { name, decode }: Charset): string {
  const octets = text.replace(/%([0-9A-Fa-f]{2})?/g, (_, hex?: string) => {
    if (hex === undefined) throw new HttpError(400, 'The form has a bad percent escape');
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  const decoded = decode(Buffer.from(octets, 'latin1'));
  if (decoded === undefined) throw new HttpError(400, `The form is not valid ${name}`);
  return decoded;
}
