/** Content types of files by the ending of their names. */
import { createRequire } from 'node:module';
import type * as MimeTypes from 'mime-types';
import { withTextCharset } from './media-type.js';

/** Large, so it is loaded with the first ending that is asked for and not with every application. */
let registry: typeof MimeTypes | undefined;

const UNKNOWN = 'application/octet-stream';

/** What the registry does not name, or not by that ending. */
const OWN: readonly (readonly [string, string])[] = [
  ['tgz', 'application/gzip'],
  ['z', UNKNOWN],
  ['zst', 'application/zstd'],
];

/** By lower-case ending; grows by registered endings only, so that names from the network cannot fill it. */
const known = new Map<string, string>(OWN);

/**
 * The content type of a file: text with its charset, what is compressed as such and never as a Content-Encoding, and
 * `application/octet-stream` for what has no known ending.
 * @param name a file name or a path
 */
export function contentTypeOf(name: string): string {
  const file = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  const dot = file.lastIndexOf('.');
  if (dot < 1) return UNKNOWN;
  const ending = file.slice(dot + 1).toLowerCase();
  return known.get(ending) ?? registeredType(ending);
}

function registeredType(ending: string): string {
  registry ??= createRequire(import.meta.url)('mime-types') as typeof MimeTypes;
  const type = registry.lookup(ending);
  if (type === false) return UNKNOWN;
  const withCharset = withTextCharset(type);
  known.set(ending, withCharset);
  return withCharset;
}
