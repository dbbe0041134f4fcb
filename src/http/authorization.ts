/** Credentials as in Authorization (RFC 9110 11.4): a scheme, and either one token or parameters. */
import { isToken, trimWhitespace, unquote } from './grammar.js';

/** What a client shows to prove who it is. */
export interface Authorization {
  /** In lower case, such as `basic`, `bearer` or `digest`. */
  readonly scheme: string;
  /** What follows as one piece; undefined when there are parameters, or nothing. */
  readonly token: string | undefined;
  /** By lower-case name, unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/;
const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();

const PLAIN = /"[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]*"/y;
const ESCAPED = /"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"/y;
/** By character code: 1 for those of a token. */
const TOKEN_CODES = Uint8Array.from({ length: 128 }, (_, code) => Number(isToken(String.fromCharCode(code))));
const QUOTE = 0x22;
const EQUALS = 0x3d;
const COMMA = 0x2c;

/** Reads credentials, in linear time. @returns null when they are malformed, a parameter that comes twice included */
export function parseAuthorization(header: string): Authorization | null {
  const text = trimWhitespace(header);
  const space = text.indexOf(' ');
  const scheme = (space < 0 ? text : text.slice(0, space)).toLowerCase();
  if (!isToken(scheme)) return null;
  const rest = space < 0 ? '' : trimWhitespace(text.slice(space));
  if (rest === '') return { scheme, token: undefined, parameters: NO_PARAMETERS };
  if (TOKEN68.test(rest)) return { scheme, token: rest, parameters: NO_PARAMETERS };
  const parameters = parseParameters(text, space);
  return parameters && { scheme, token: undefined, parameters };
}

/** Goes over the text once and makes nothing but names and values, as it is done for each request of a digest. */
function parseParameters(text: string, from: number): Map<string, string> | null {
  const parameters = new Map<string, string>();
  for (let at = nextItem(text, from); at < text.length;) {
    const nameEnd = endOfToken(text, at);
    const equals = endOfSpace(text, nameEnd);
    const start = endOfSpace(text, equals + 1);
    const end = endOfValue(text, start);
    if (nameEnd === at || text.charCodeAt(equals) !== EQUALS || end === start) return null;
    const count = parameters.size;
    parameters.set(text.slice(at, nameEnd).toLowerCase(), valueOf(text, start, end));
    at = endOfSpace(text, end);
    if (parameters.size === count || (at < text.length && text.charCodeAt(at) !== COMMA)) return null;
    at = nextItem(text, at);
  }
  return parameters;
}

/** Past white space and commas, as a list may have empty items. */
function nextItem(text: string, from: number): number {
  let at = endOfSpace(text, from);
  while (text.charCodeAt(at) === COMMA) at = endOfSpace(text, at + 1);
  return at;
}

function endOfSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 0x20 || code === 0x09;) code = text.charCodeAt(++at);
  return at;
}

function endOfToken(text: string, from: number): number {
  let at = from;
  while (TOKEN_CODES[text.charCodeAt(at)] === 1) at++;
  return at;
}

/** Of a token or a quoted string; where it begins when it is neither. */
function endOfValue(text: string, from: number): number {
  if (text.charCodeAt(from) !== QUOTE) return endOfToken(text, from);
  PLAIN.lastIndex = from;
  if (PLAIN.test(text)) return PLAIN.lastIndex;
  ESCAPED.lastIndex = from;
  return ESCAPED.test(text) ? ESCAPED.lastIndex : from;
}

function valueOf(text: string, start: number, end: number): string {
  if (text.charCodeAt(start) !== QUOTE) return text.slice(start, end);
  const value = text.slice(start + 1, end - 1);
  return value.includes('\\') ? unquote(text.slice(start, end)) : value;
}
