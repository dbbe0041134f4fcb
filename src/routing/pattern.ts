/** The sources of regular expressions: as they stand inside larger ones, and which groups they have. */

/** One piece of a pattern: an escape, a class, the start of a group, its end, an anchor, or any other character. */
const PIECE = /\\[^]|\[(?:\\[^]|[^\\\]])*\]|\(\?<(?![=!])[^>]*>|\(\?|[^]/g;

/**
 * The source with its groups no longer capturing and without the anchors at its ends, so that its names and numbers
 * cannot clash with those around it.
 * @throws SyntaxError for a back reference, which needs a capturing group
 */
export function embeddableSource(source: string): string {
  let depth = 0;
  return source.replace(PIECE, (piece) => {
    if (/^\\[1-9k]/.test(piece)) throw new SyntaxError(`back references such as ${piece} are not supported`);
    if (piece === ')') depth--;
    if ((piece === '^' || piece === '$') && depth === 0) return '';
    if (piece !== '(' && !piece.startsWith('(?')) return piece;
    depth++;
    return piece === '(?' ? piece : '(?:';
  });
}

/** The names of the capturing groups, in order; `''` for those without one. */
export function groupNames(source: string): string[] {
  return [...source.matchAll(PIECE)].flatMap(([piece]) => {
    if (piece.startsWith('(?<')) return [unescaped(piece.slice('(?<'.length, -1))];
    return piece === '(' ? [''] : [];
  });
}

function unescaped(name: string): string {
  return name.replace(/\\u(?:\{([\da-f]+)\}|([\da-f]{4}))/gi, (_, long?: string, short?: string) =>
    String.fromCodePoint(parseInt(long ?? short ?? '0', 16)),
  );
}
