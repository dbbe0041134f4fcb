/** Content types of files by the ending of their names. */
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import type * as MimeTypes from 'mime-types';
import { parseMediaType, withTextCharset } from './media-type.js';

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

/** Content types by ending, in any case and with or without its dot, such as `.md` or `tar.gz`; `''` is for names without one. */
export type ContentTypes = Readonly<Record<string, string>>;

/**
 * The content types of files by a table, and where that says nothing as {@link contentTypeOf}. Of several endings that a name has, the
 * longest counts.
 * @param what is given the table, for messages
 * @throws ObolError E_SETTING for what is no ending or no media type
 */
export function contentTypesBy(table: ContentTypes | undefined, what: string): (name: string) => string {
  if (table === undefined) return contentTypeOf;
  const types = new Map(Object.entries(table).map(([ending, type]) => checkedEntry(ending, type, what)));
  return (name) =>
    endingsOf(name).reduce<string | undefined>((type, ending) => type ?? types.get(ending), undefined) ??
    contentTypeOf(name);
}

/** All that may count as the ending of a name, the longest first; `''` where there is none. */
function endingsOf(name: string): string[] {
  const file = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1).toLowerCase();
  const [, ...parts] = file.startsWith('.') ? file.slice(1).split('.') : file.split('.');
  return parts.length === 0 ? [''] : parts.map((_, i) => parts.slice(i).join('.'));
}

function checkedEntry(ending: string, type: unknown, what: string): [string, string] {
  if (!/^\.?[^/\\]*[^./\\]$|^$/.test(ending))
    throw new ObolError(
      'E_SETTING',
      `${what}: ${JSON.stringify(ending)} is no ending; write ".md", or "" for names without one.`,
    );
  if (typeof type !== 'string' || parseMediaType(type) === null)
    throw new ObolError(
      'E_SETTING',
      `${what}: ${inspect(type, { depth: 0 })} is no media type; write "text/markdown".`,
    );
  return [ending.replace(/^\./, '').toLowerCase(), withTextCharset(type)];
}

function registeredType(ending: string): string {
  registry ??= createRequire(import.meta.url)('mime-types') as typeof MimeTypes;
  const type = registry.lookup(ending);
  if (type === false) return UNKNOWN;
  const withCharset = withTextCharset(type);
  known.set(ending, withCharset);
  return withCharset;
}
