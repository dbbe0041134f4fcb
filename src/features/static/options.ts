/** What `staticFiles` takes, and its checked form. */
import {
  cacheControl,
  checkOptions,
  ConfinedFolder,
  contentTypesBy,
  Headers,
  rule,
  type Rules,
  withDefaults,
} from '../../kit.js';
import type { Precompressed } from './codings.js';
import { isServable } from './names.js';

/** What a Cache-Control field says. */
type CacheControl = Parameters<typeof cacheControl>[0];

export interface StaticFilesOptions {
  /** Files that answer for their directory; the first that is there. Default `index.html`, `index.htm`. */
  readonly index?: readonly string[];
  /** List directories that have no index file. Default false. */
  readonly listing?: boolean;
  /**
   * Names that begin with a dot, and backups that end with `~`. Default `hide`: they answer 404 and are in no listing.
   * `.well-known` at the top is served all the same (RFC 8615).
   */
  readonly dotFiles?: 'hide' | 'show';
  /** Follow symbolic links out of the folder. Links that stay inside are always followed. Default false. */
  readonly followSymlinks?: boolean;
  /**
   * Paths in the folder, such as `cgi-bin`, that are not there for clients, with all that is in them: no link leads there either,
   * and no listing has them. Default none.
   */
  readonly exclude?: readonly string[];
  /**
   * A file of the folder, such as `index.html`, that answers for every page that is missing: GET and HEAD of paths
   * without an ending, where the client takes HTML. For applications that route in the browser. Default none.
   */
  readonly fallback?: string;
  /** Send `site.css.br` for `site.css` where it is there and the client takes it; best first. Default false. */
  readonly precompressed?: readonly Precompressed[] | false;
  /** Default `no-cache`: kept, and asked about each time. `false` for none; a function decides by the file's path. */
  readonly cacheControl?: CacheControl | false | ((path: string) => CacheControl | undefined);
  /** Files whose path matches never change, as their names hold a hash: kept for a year, and never asked about. Default none. */
  readonly immutable?: RegExp;
  /**
   * Content types by the ending of the name, before those that are known: `{ '.md': 'text/markdown', '': 'text/plain' }`, where `''` is for
   * names without an ending. Default none.
   */
  readonly contentTypes?: Readonly<Record<string, string>> | undefined;
  /** Further headers, by the file's path in the folder; called now and then, not with each request. Default none. */
  readonly headers?: (path: string) => ConstructorParameters<typeof Headers>[0];
  /** Bytes of small files that are kept in memory. Default 16 MiB; 0 for none. */
  readonly memory?: number;
}

/** The same with everything decided. */
export interface StaticSettings {
  /** An absolute path. */
  readonly root: string;
  readonly index: readonly string[];
  readonly listing: boolean;
  readonly showHidden: boolean;
  readonly followSymlinks: boolean;
  readonly exclude: readonly string[];
  readonly fallback: string | undefined;
  readonly precompressed: readonly Precompressed[];
  /** Cache-Control and further headers of a file. */
  readonly headersOf: (path: string) => Headers;
  readonly memory: number;
  /** The content type of a file. */
  readonly typeOf: (path: string) => string;
}

const YEAR = 31_536_000;
const FOR_EVER = cacheControl({ public: true, maxAge: YEAR, immutable: true });

const DEFAULTS = {
  index: ['index.html', 'index.htm'],
  listing: false,
  dotFiles: 'hide',
  followSymlinks: false,
  exclude: [],
  precompressed: false,
  memory: 16 * 1024 * 1024,
} as const satisfies StaticFilesOptions;

const RULES: Rules<StaticFilesOptions> = {
  index: rule.list(
    'a list of file names',
    rule.text('a file name', (name) => isPath(name) && !name.includes('/')),
  ),
  ...rule.each(['listing', 'followSymlinks'], rule.flag),
  dotFiles: rule.oneOf('hide', 'show'),
  exclude: rule.list(
    'a list of paths in the folder',
    rule.text('a path in the folder, such as "cgi-bin"', (path) => isPath(path) && !path.endsWith('/')),
  ),
  fallback: rule.text(
    'the path of a file in the folder, such as "index.html"',
    (path) => isPath(path) && !path.endsWith('/'),
  ),
  precompressed: rule.orFalse(rule.list('a list of codings', rule.oneOf('br', 'zstd', 'gzip'))),
  cacheControl: rule.orFalse(
    rule.that(
      'directives or a function (path) => directives',
      (value) => typeof value === 'object' || typeof value === 'function',
    ),
  ),
  immutable: rule.that('a regular expression', (value) => value instanceof RegExp),
  contentTypes: rule.that('a table of content types by ending', (value) => typeof value === 'object'),
  headers: rule.callable('(path) => headers'),
  memory: rule.whole('bytes', { least: 0 }),
};

/** @throws ObolError E_SETTING for a folder that is none and for a wrong option */
export function readOptions(root: string | URL, given: StaticFilesOptions): StaticSettings {
  checkOptions('staticFiles', given, RULES);
  const options = withDefaults(DEFAULTS, given);
  const path = ConfinedFolder.rootOf('staticFiles', root);
  const { index, listing, followSymlinks, exclude, memory, fallback, precompressed } = options;
  return {
    root: path,
    index,
    listing,
    showHidden: options.dotFiles === 'show',
    followSymlinks,
    exclude,
    fallback,
    precompressed: precompressed === false ? [] : precompressed,
    headersOf: headersOf(options),
    typeOf: contentTypesBy(options.contentTypes, 'staticFiles.contentTypes'),
    memory,
  };
}

function isPath(path: string): boolean {
  return path !== '' && isServable(path, { showHidden: true, platform: process.platform });
}

/** Directives that never change are checked once, at the start. */
function headersOf({
  cacheControl: caching = { noCache: true },
  immutable,
  headers,
}: StaticFilesOptions): StaticSettings['headersOf'] {
  const fixed = typeof caching === 'object' ? cacheControl(caching) : undefined;
  const policyOf = (path: string): string | undefined => {
    if (immutable && path.search(immutable) >= 0) return FOR_EVER;
    const own = typeof caching === 'function' ? caching(path) : undefined;
    return own ? cacheControl(own) : fixed;
  };
  return (path: string): Headers => {
    const result = new Headers(headers?.(path));
    const policy = policyOf(path);
    if (policy !== undefined && !result.has('cache-control')) result.append('Cache-Control', policy);
    return result;
  };
}
