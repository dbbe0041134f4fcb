/** Where somebody goes after logging in: a path of this very server, whatever a link or a form says. */

/** Of a form or a link; a longer one is no path of ours. */
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
