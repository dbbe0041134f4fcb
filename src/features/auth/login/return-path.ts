/** Where somebody goes after logging in: a path of this very server, whatever a link or a form says. */
import { ObolError } from '../../../ground/errors.js';

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

/** @throws ObolError E_SETTING for a setting that leads elsewhere, or is not written as browsers read it */
export function assertOwnPaths(settings: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(settings))
    if (returnPath(value) !== value)
      throw new ObolError('E_SETTING', `${name}: ${JSON.stringify(value)} is no path of this server.`);
}
