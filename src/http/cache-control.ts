/** Cache-Control of a response, written from options that are checked (RFC 9111 5.2.2, RFC 5861, RFC 8246). */
import { ObolError } from '../ground/errors.js';
import { checkOptions, rule, type Rules } from '../ground/settings.js';

/** Directives; all times in seconds. */
export interface CacheControl {
  readonly maxAge?: number | undefined;
  /** The same for shared caches. */
  readonly sMaxAge?: number | undefined;
  /** Will not change as long as it is fresh: for names that hold a hash of the content. */
  readonly immutable?: boolean | undefined;
  readonly public?: boolean | undefined;
  readonly private?: boolean | undefined;
  /** May be stored, and has to be asked about each time. */
  readonly noCache?: boolean | undefined;
  readonly noStore?: boolean | undefined;
  readonly noTransform?: boolean | undefined;
  readonly mustRevalidate?: boolean | undefined;
  readonly proxyRevalidate?: boolean | undefined;
  readonly staleWhileRevalidate?: number | undefined;
  readonly staleIfError?: number | undefined;
}

/** What caches agree on as "for ever" (RFC 9111 1.2.2). */
const MAX_SECONDS = 2 ** 31;

const TIMES: readonly (keyof CacheControl)[] = ['maxAge', 'sMaxAge', 'staleWhileRevalidate', 'staleIfError'];
const FLAGS: readonly (keyof CacheControl)[] = [
  'public',
  'private',
  'noCache',
  'noStore',
  'noTransform',
  'mustRevalidate',
  'proxyRevalidate',
  'immutable',
];

const RULES: Rules<CacheControl> = {
  ...rule.each(TIMES, rule.whole('seconds', { least: 0 })),
  ...rule.each(FLAGS, rule.flag),
};

/** Directives that contradict each other. */
const CONFLICTS: readonly (readonly [keyof CacheControl, keyof CacheControl])[] = [
  ['public', 'private'],
  ['noStore', 'maxAge'],
  ['noStore', 'sMaxAge'],
  ['noStore', 'immutable'],
  ['noStore', 'public'],
  ['noStore', 'staleWhileRevalidate'],
  ['noStore', 'staleIfError'],
  ['private', 'sMaxAge'],
];

/**
 * The value of Cache-Control, such as `public, max-age=31536000, immutable`.
 * @throws ObolError E_SETTING for a wrong directive, two that contradict each other, or none
 */
export function cacheControl(options: CacheControl): string {
  checkOptions('cacheControl', options, RULES);
  for (const [a, b] of CONFLICTS) {
    if (isSet(options[a]) && isSet(options[b]))
      throw new ObolError(
        'E_SETTING',
        `Cache-Control cannot have both ${a} and ${b}; leave one of them out.`,
      );
  }
  const flags = FLAGS.filter((name) => options[name] === true).map(directive);
  const times = TIMES.filter((name) => options[name] !== undefined).map(
    (name) => `${directive(name)}=${String(Math.min(Number(options[name]), MAX_SECONDS))}`,
  );
  const value = [...flags, ...times].join(', ');
  if (value === '')
    throw new ObolError('E_SETTING', 'Cache-Control has no directive; name one, or leave it out.');
  return value;
}

function isSet(value: boolean | number | undefined): boolean {
  return value !== undefined && value !== false;
}

/** `sMaxAge` is `s-maxage`, and `max-age` the only other with a spelling of its own. */
function directive(name: string): string {
  return name === 'sMaxAge' ? 's-maxage' : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
