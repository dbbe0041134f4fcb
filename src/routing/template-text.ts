/** Templates as text: where their parameters stand, and how values fill them. Browsers load this file, too: it imports nothing. */

/** What stands between `<` and `>` in a template. */
export interface Hole {
  readonly inside: string;
}

/** What writes a value. */
export interface Formatted {
  readonly filter: { readonly spans: boolean; format(value: unknown): string | undefined };
}

/**
 * A template as literal text and parameters, as they follow one another.
 * @param unclosed what is thrown for a `<` at that position that is never closed
 */
export function piecesOf(text: string, unclosed: (position: number) => Error): (string | Hole)[] {
  const pieces: (string | Hole)[] = [];
  let position = 0;
  for (let open = text.indexOf('<'); open >= 0; open = text.indexOf('<', position)) {
    if (open > position) pieces.push(text.slice(position, open));
    const close = closingBracket(text, open);
    if (close < 0) throw unclosed(open);
    pieces.push({ inside: text.slice(open + 1, close) });
    position = close + 1;
  }
  if (position < text.length) pieces.push(text.slice(position));
  return pieces;
}

/** The `>` that closes a parameter: brackets inside an inline pattern balance, escaped ones do not count. */
function closingBracket(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '<') depth++;
    else if (text[i] === '>' && --depth === 0) return i;
  }
  return -1;
}

/** Name and filter of a parameter, which is '' where it names none. */
export function namedBy({ inside }: Hole): { readonly name: string; readonly definition: string } {
  const colon = inside.indexOf(':');
  return colon < 0
    ? { name: inside, definition: '' }
    : { name: inside.slice(0, colon), definition: inside.slice(colon + 1) };
}

/**
 * The path with its parameters filled in, percent-encoded.
 * @param misfit what is thrown for a value that does not fit its parameter
 */
export function fillParts<P extends Formatted>(
  parts: readonly (string | P)[],
  values: readonly unknown[],
  misfit: (part: P, value: unknown) => Error,
): string {
  let next = 0;
  return parts
    .map((part) => {
      if (typeof part === 'string') return encodePath(part);
      const value = values[next++];
      const text = value === undefined ? undefined : part.filter.format(value);
      if (!text?.isWellFormed()) throw misfit(part, value);
      return part.filter.spans ? encodePath(text) : encodeURIComponent(text);
    })
    .join('');
}

/** Text percent-encoded between its slashes. */
export function encodePath(text: string): string {
  return text.split('/').map(encodeURIComponent).join('/');
}

/**
 * Whether a request can have an encoded path: not where a segment is `.` or `..`, or with a NUL. In a link, two leading
 * slashes would name another host.
 */
export function isReachable(path: string): boolean {
  return !path.startsWith('//') && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(path) && !path.includes('%00');
}
