/** Where a listener stands below Express, Connect or another that takes away the part of the path it was mounted at. */
import type { IncomingMessage } from 'node:http';
import { parseTarget, type Target } from '../../../http/target.js';

/** A request as Express and Connect pass it on. */
export interface MountedMessage extends IncomingMessage {
  /** The target as the client sent it; `url` is what is left below the mount. */
  readonly originalUrl?: string;
  /** What Express has taken, percent-encoded. */
  readonly baseUrl?: string;
}

export interface MountPoint {
  /** The whole request target. */
  readonly target: string;
  /** The part of its canonical path that was taken; `''` for none. */
  readonly prefix: string;
}

/** The target and what was taken of it. Of one that a middleware has rewritten, what it has made of it. */
export function mountPoint(incoming: Pick<MountedMessage, 'url' | 'originalUrl' | 'baseUrl'>): MountPoint {
  const { url = '/', originalUrl = url, baseUrl } = incoming;
  if (url === originalUrl && !baseUrl) return { target: url, prefix: '' };
  const whole = parseTarget(originalUrl, 'GET');
  const rest = parseTarget(url, 'GET');
  // What is malformed is refused as it stands.
  if (!whole || !rest) return { target: originalUrl, prefix: '' };
  const prefix = takenPart(whole, rest);
  const stated = baseUrl === undefined ? prefix : canonicalBase(baseUrl);
  if (prefix !== undefined && prefix === stated) return { target: originalUrl, prefix };
  return { target: `${baseUrl ?? ''}${url}`, prefix: stated ?? '' };
}

function canonicalBase(baseUrl: string): string {
  return baseUrl === '' ? '' : (parseTarget(baseUrl, 'GET')?.path ?? '');
}

/** What a path begins with before the rest; undefined where it does not end so. Below `/shop`, that path itself is `/`. */
function takenPart(whole: Target, rest: Target): string | undefined {
  if (whole.query !== rest.query) return undefined;
  if (whole.path.endsWith(rest.path)) return whole.path.slice(0, -rest.path.length);
  return rest.path === '/' ? whole.path : undefined;
}
