/** The small grammars that every header is made of (RFC 9110 5.5, 5.6). */

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const WHITESPACE = ' \t';
const NOT_FIELD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const QUOTED_STRING = /^"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"$/;
const SEPARATORS = /[ \t,]*/y;
/** A name, a token or a quoted string, and what parts them from the next. Nothing in it can be read in two ways: it is linear. */
const PARAMETER =
  /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"([\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]*(?:\\[\t\x20-\x7e\x80-\xff][\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]*)*)")[ \t]*(?:$|,[ \t,]*)/y;

/** Whether the text is a token, as header names and methods are (RFC 9110 5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether the text may stand in a header as it is (RFC 9110 5.5): no control characters but tab, and Latin-1. */
export function isFieldValue(text: string): boolean {
  return !NOT_FIELD_VALUE.test(text);
}

/** Removes optional white space, spaces and tabs only, at both ends (RFC 9110 5.6.3). */
export function trimWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && WHITESPACE.includes(text.charAt(start))) start++;
  while (end > start && WHITESPACE.includes(text.charAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Splits a list on a separator that does not stand within a quoted string, in linear time (RFC 9110 5.6.1). */
export function splitList(text: string, separator: ',' | ';'): string[] {
  const items: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') quoted = !quoted;
    else if (char === '\\' && quoted) i++;
    else if (char === separator && !quoted) {
      items.push(trimWhitespace(text.slice(start, i)));
      start = i + 1;
    }
  }
  items.push(trimWhitespace(text.slice(start)));
  return items.filter((item) => item !== '');
}

/** Whether the whole text is one quoted string (RFC 9110 5.6.4). */
export function isQuotedString(text: string): boolean {
  return QUOTED_STRING.test(text);
}

/** The text within a quoted string, its escapes undone; any other text comes back as it is (RFC 9110 5.6.4). */
export function unquote(text: string): string {
  return isQuotedString(text) ? withoutEscapes(text.slice(1, -1)) : text;
}

function withoutEscapes(quoted: string): string {
  return quoted.replace(/\\(.)/g, '$1');
}

/**
 * Reads the parameters of credentials or of a challenge, a list of `name=value`, in linear time (RFC 9110 11.2).
 * @param start where they begin; white space and commas may come first
 * @returns by lower-case name, unquoted; null when they are malformed, one that comes twice included
 */
export function parseParameters(text: string, start: number): Map<string, string> | null {
  const parameters = new Map<string, string>();
  SEPARATORS.lastIndex = start;
  SEPARATORS.test(text);
  for (PARAMETER.lastIndex = SEPARATORS.lastIndex; PARAMETER.lastIndex < text.length;) {
    const match = PARAMETER.exec(text);
    const count = parameters.size;
    const value = match?.[2] ?? match?.[3] ?? '';
    if (match)
      parameters.set((match[1] ?? '').toLowerCase(), value.includes('\\') ? withoutEscapes(value) : value);
    if (parameters.size === count) return null;
  }
  return parameters;
}
