/** Which media types grow smaller when they are compressed. */
import { parseMediaType, rule, type Rule } from '../../kit.js';

/** Media types: `text/html`, `text/*`, or `+json` for all with that suffix; or a function that is asked about each type. */
export type CompressibleTypes = readonly string[] | ((type: string) => boolean);

const TEXT_LIKE: ReadonlySet<string> = new Set([
  'application/ecmascript',
  'application/graphql',
  'application/javascript',
  'application/json',
  'application/json-seq',
  'application/jsonl',
  'application/ndjson',
  'application/rtf',
  'application/sql',
  'application/toml',
  'application/vnd.ms-fontobject',
  'application/wasm',
  'application/x-javascript',
  'application/x-ndjson',
  'application/x-sh',
  'application/x-yaml',
  'application/xml',
  'application/yaml',
  'font/collection',
  'font/otf',
  'font/sfnt',
  'font/ttf',
  'image/bmp',
  'image/vnd.microsoft.icon',
  'image/x-icon',
  'image/x-ms-bmp',
  'message/rfc822',
]);

const SUFFIXES = ['+json', '+xml', '+text', '+yaml', '+json-seq'] as const;

/** What is compressed unless `types` says otherwise. @param type in lower case, without parameters */
export function isCompressible(type: string): boolean {
  return type.startsWith('text/') || TEXT_LIKE.has(type) || SUFFIXES.some((suffix) => type.endsWith(suffix));
}

/** Types come from the application, which may take them from the network: only short ones are kept, and not too many. */
const MAX_KNOWN = 128;
const MAX_KNOWN_LENGTH = 100;

const TYPE = /^\+[\w.-]+$|^[\w.+-]+\/(?:\*|[\w.+-]+)$/;
const LIST_RULE = rule.list(
  'a list of media types, or a function (type) => boolean',
  rule.text('a media type, such as "text/html", "text/*" or "+json"', TYPE),
);

export const TYPES_RULE: Rule = (types, name) =>
  typeof types === 'function' ? undefined : LIST_RULE(types, name);

/** A test of whole Content-Type values that remembers its answers. */
export function typeTest(types: CompressibleTypes = isCompressible): (contentType: string) => boolean {
  const isListed = typeof types === 'function' ? types : listTest(types);
  const known = new Map<string, boolean>();
  return (contentType) => {
    const found = known.get(contentType);
    if (found !== undefined) return found;
    const type = parseMediaType(contentType);
    const answer = type !== null && isListed(type.essence);
    if (known.size < MAX_KNOWN && contentType.length <= MAX_KNOWN_LENGTH) known.set(contentType, answer);
    return answer;
  };
}

function listTest(types: readonly string[]): (type: string) => boolean {
  const names = types.map((type) => type.toLowerCase());
  const whole = new Set(names);
  const beginnings = names.filter((name) => name.endsWith('/*')).map((name) => name.slice(0, -1));
  const endings = names.filter((name) => name.startsWith('+'));
  return (type) =>
    whole.has(type) ||
    beginnings.some((beginning) => type.startsWith(beginning)) ||
    endings.some((ending) => type.endsWith(ending));
}
