/** The text that a path stands for, as scripts get it. */
import { absent, decodeSegment } from '../../kit.js';

/**
 * A canonical path, decoded. An encoded slash would separate then what was one name to guards and routes, and a backslash does
 * so to some programs.
 * @returns undefined for a path with one of them, for one that is no UTF-8, and for `*`
 */
export function plainTextOf(path: string): string | undefined {
  if (!path.startsWith('/') || /%2F|\\/.test(path)) return undefined;
  const text = decodeSegment(path);
  return text.isWellFormed() ? text : undefined;
}

/** The same. @throws HttpError 404 for a path without such a text */
export function textOfPath(path: string): string {
  const text = plainTextOf(path);
  if (text === undefined) throw absent();
  return text;
}
