/** The text that a path stands for, as scripts get it. */
import { absent, decodeSegment } from '../../kit.js';

/**
 * A canonical path, decoded. An encoded slash would separate then what was one name to guards and routes, and a backslash does
 * so to some programs.
 * @throws HttpError 404 for a path with one of them, for one that is no UTF-8, and for `*`
 */
export function textOfPath(path: string): string {
  if (!path.startsWith('/') || /%2F|\\/.test(path)) throw absent();
  const text = decodeSegment(path);
  if (!text.isWellFormed()) throw absent();
  return text;
}
