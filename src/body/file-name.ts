/** File names from clients: data to be shown, never a path. */

/** What a file without a usable name is called. */
export const UNNAMED = 'unnamed';

const MAX_BYTES = 255;

/**
 * The last segment of a name, without control characters, in at most 255 bytes.
 * @returns `unnamed` when nothing is left that could name a file
 */
export function sanitizeFileName(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const clean = base
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '')
    .trim();
  return clean === '' || clean === '.' || clean === '..' ? UNNAMED : shorten(clean);
}

/** Cuts whole characters off the end of the stem, so that the extension stays. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let room = MAX_BYTES - Buffer.byteLength(extension);
  let stem = '';
  for (const character of name) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return stem + extension;
}
