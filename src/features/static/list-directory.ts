/** Listings for controllers that decide themselves who may see one. */
import { resolve } from 'node:path';
import { absent, ConfinedFolder } from '../../kit.js';
import { DirectoryListing, type ListingPlace } from './directory-listing.js';
import { readDirectory } from './read-directory.js';

export interface ListDirectoryOptions extends Partial<ListingPlace> {
  /** List names that begin with a dot, and backups that end with `~`. Default `hide`. */
  readonly dotFiles?: 'hide' | 'show';
  /** List what links lead to outside of the directory. Default false. */
  readonly followSymlinks?: boolean;
}

/**
 * The listing of a directory; return it from a controller whose path ends with a slash, so that its links are right.
 * @param directory not to be taken from a request
 * @throws HttpError 404 when there is no directory that may be read
 */
export async function listDirectory(
  directory: string,
  { dotFiles = 'hide', followSymlinks = false, top = '' }: ListDirectoryOptions = {},
): Promise<DirectoryListing> {
  const folder = ConfinedFolder.of(resolve(directory), followSymlinks);
  const held = folder.hold('');
  if (!held) throw absent();
  const showHidden = dotFiles === 'show';
  return new DirectoryListing(await readDirectory({ folder, path: '', held, showHidden }), { top });
}
