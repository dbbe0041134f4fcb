/** Fields that are for one connection alone, and go no further (RFC 9110 7.6.1). */

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const NONE: ReadonlySet<string> = new Set();

/**
 * The names of fields, in lower case, that Connection has besides those that are never passed on.
 * @param flat names and values in turns
 */
export function connectionNames(flat: readonly string[]): ReadonlySet<string> {
  let names: Set<string> | undefined;
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i]?.length !== 10 || flat[i]?.toLowerCase() !== 'connection') continue;
    const options = (flat[i + 1] ?? '').toLowerCase();
    if (USUAL.has(options)) continue;
    for (const name of options.split(',')) (names ??= new Set()).add(name.trim());
  }
  return names ?? NONE;
}

/** What Connection says nearly always, by which nothing is named that would be passed on. */
const USUAL: ReadonlySet<string> = new Set(['close', 'keep-alive', 'upgrade']);

/** @param name in lower case */
export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name);
}
