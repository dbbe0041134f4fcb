/** Finds what a configuration names by a plain name: files that really are in one of its folders. */
import { realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/** The real path of the first of these names that is a regular file in one of the folders, at most one folder below; undefined for none. */
export function findFile(folders: readonly string[], names: readonly string[]): string | undefined {
  for (const folder of folders)
    for (const name of names) {
      const path = realFile(folder, name);
      if (path !== undefined) return path;
    }
  return undefined;
}

/** A link may lead to another file of the folder, and nowhere else. What the system does not find for any reason is not there. */
function realFile(folder: string, name: string): string | undefined {
  try {
    const real = realpathSync(join(folder, name));
    const root = realpathSync(folder);
    const isWithin = real.startsWith(root.endsWith(sep) ? root : root + sep);
    return isWithin && statSync(real).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}
