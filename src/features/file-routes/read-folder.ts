/** What is in a folder of routes: names that may be seen, in their order, and nothing that lies elsewhere. */
import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { isLeftOut, stemOf } from './file-path.js';

/** A file by its path in the folder, with `/` between names. */
export interface FoundFile {
  readonly path: string;
  /** Files that hold middleware for it, outermost first. */
  readonly middleware: readonly string[];
}

/** Takes what is wrong with a file. */
export type ReportFile = (file: string, mistake: string, cause?: unknown) => void;

const MIDDLEWARE = '_middleware';

/** All files below a folder that answer something. @param root its real path */
export function readFolder(root: string, report: ReportFile): FoundFile[] {
  return [...filesIn({ root, path: '', above: [root], middleware: [], report })];
}

interface Folder {
  readonly root: string;
  /** In the folder of routes; `''` for itself. */
  readonly path: string;
  /** Real paths of this folder and those that it was found in. */
  readonly above: readonly string[];
  readonly middleware: readonly string[];
  readonly report: ReportFile;
}

function* filesIn(folder: Folder): Iterable<FoundFile> {
  const { root, path, report } = folder;
  const entries = readdirSync(join(root, path), { withFileTypes: true }).sort(byName);
  const own = entries.filter(isMiddleware).map(({ name }) => joined(path, name));
  if (own.length > 1) report(own[1] ?? '', `the folder has ${String(own[0])} already; put both into one`);
  const middleware = [...folder.middleware, ...own.slice(0, 1)];
  for (const { name } of entries) {
    if (isHidden(name)) continue;
    const file = joined(path, name);
    try {
      const real = placeOf(folder, file);
      const stats = statSync(real);
      if (stats.isDirectory())
        yield* filesIn({ ...folder, path: file, above: [...folder.above, real], middleware });
      else if (stats.isFile() && !isLeftOut(name)) yield { path: file, middleware };
    } catch (error) {
      report(file, 'it is left out', error);
    }
  }
}

/** The real path of a file. @throws Error that says why it is not there */
function placeOf({ root, above }: Folder, file: string): string {
  // A name that is no UTF-8 comes with this character, and leads nowhere.
  if (file.includes('\ufffd')) throw new Error('its name is no text');
  const real = realpathSync(join(root, file));
  if (above.includes(real)) throw new Error('the link leads to a folder that it stands in');
  if (!real.startsWith(root + sep)) throw new Error('the link leads out of the folder');
  return real;
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_') || name === 'node_modules';
}

function isMiddleware(entry: Dirent): boolean {
  return stemOf(entry.name) === MIDDLEWARE && !isLeftOut(entry.name);
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}
