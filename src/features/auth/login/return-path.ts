/** Where a user goes after logging in: a path of this very server, whatever a link or a form says. */
import { rule } from '../../../kit.js';

/** Characters; no path of ours is longer. */
const MAX_LENGTH = 2048;
const BASE = 'http://this.invalid';
const OUTSIDE_URLS = /[^\x21-\x7e]|\\/;

/**
 * The path as browsers read it, query and fragment included.
 * @returns undefined for what leads to another host, or might
 */
export function returnPath(text: string | undefined): string | undefined {
  if (text === undefined || text.length > MAX_LENGTH || OUTSIDE_URLS.test(text) || !/^\/(?!\/)/.test(text))
    return undefined;
  if (!URL.canParse(text, BASE)) return undefined;
  const { origin, pathname, search, hash } = new URL(text, BASE);
  // Dots may have gone, so that two slashes stand at the beginning now.
  return origin === BASE && !pathname.startsWith('//') ? pathname + search + hash : undefined;
}

/** Of a setting that leads nowhere else, and is written as browsers read it. */
export const OWN_PATH_RULE = rule.text('a path of this server', (path) => returnPath(path) === path);
