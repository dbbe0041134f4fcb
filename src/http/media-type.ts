/** Media types as in Content-Type and Accept (RFC 9110 8.3.1). */
import { isFieldValue, isQuotedString, isToken, splitList, unquote } from './grammar.js';

/** A media type taken apart: names in lower case, parameter values as sent. */
export interface MediaType {
  /** Such as `application/json`. */
  readonly essence: string;
  /** By lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Clients send few different types, again and again; only short ones are kept, and not too many. */
const known = new Map<string, MediaType | null>();
const MAX_KNOWN = 64;
const MAX_KNOWN_LENGTH = 100;

/** Reads a media type; a boundary may be any text without quotes, up to the next semicolon. @returns null when it is malformed */
export function parseMediaType(text: string): MediaType | null {
  const found = known.get(text);
  if (found !== undefined) return found;
  const type = readMediaType(text);
  if (known.size < MAX_KNOWN && text.length <= MAX_KNOWN_LENGTH) known.set(text, type);
  return type;
}

function readMediaType(text: string): MediaType | null {
  const [essence = '', ...rest] = splitList(text, ';');
  if (!isEssence(essence) || text.trimStart().startsWith(';')) return null;
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    const name = parameter.slice(0, equals).toLowerCase();
    if (equals < 1 || !isToken(name)) return null;
    const value = parameter.slice(equals + 1);
    if (!isToken(value) && !isQuotedString(value) && !isBareBoundary(name, value)) return null;
    if (!parameters.has(name)) parameters.set(name, unquote(value));
  }
  return { essence: essence.toLowerCase(), parameters };
}

/** Many senders put characters of any kind into boundaries, and no quotes around them; they are only ever compared. */
function isBareBoundary(name: string, value: string): boolean {
  return name === 'boundary' && value !== '' && !value.startsWith('"') && isFieldValue(value);
}

function isEssence(text: string): boolean {
  const slash = text.indexOf('/');
  return slash > 0 && isToken(text.slice(0, slash)) && isToken(text.slice(slash + 1));
}

/** The type with `; charset=utf-8` added when it is `text/*` and names no charset. */
export function withTextCharset(contentType: string): string {
  const isText = contentType.slice(0, 5).toLowerCase() === 'text/';
  return isText && !/;\s*charset\s*=/i.test(contentType) ? `${contentType}; charset=utf-8` : contentType;
}
