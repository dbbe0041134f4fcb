/** What is in a folder of routes: names that may be seen, in their order, and nothing that lies elsewhere. */
import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { endingOf, isLeftOut, stemOf } from './file-path.js';
import { isModule } from './options.js';

/** A file by its path in the folder, with `/` between names. */
export interface FoundFile {
  readonly path: string;
  /** Files that hold middleware for it, outermost first. */
  readonly middleware: readonly string[];
}

/** Takes what is wrong with a file. */
export type ReportFile = (file: string, mistake: string, cause?: unknown) => void;

const MIDDLEWARE = '_middleware';
/** What would be passed over, and leave a folder open that was meant to be guarded. */
const LIKE_MIDDLEWARE = /^_middlewares?$/i;

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
  const middleware = [...folder.middleware, ...middlewareIn(folder, entries)];
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

/** The one file of middleware that a folder may have. */
function middlewareIn(folder: Folder, entries: readonly Dirent[]): string[] {
  const { path, report } = folder;
  const found = entries.filter(({ name }) => LIKE_MIDDLEWARE.test(stemOf(name)) && isModuleName(name));
  const [own, ...others] = found.map(({ name }) => joined(path, name));
  for (const other of others) report(other, `the folder has ${String(own)} already; put both into one`);
  if (own === undefined) return [];
  try {
    if (stemOf(own) !== MIDDLEWARE) throw new Error(`call it "${MIDDLEWARE}"`);
    placeOf(folder, own);
    return [own];
  } catch (error) {
    report(own, 'it is no middleware', error);
    return [];
  }
}

/** The real path of a file. @throws Error that says why it is not there */
function placeOf({ root, above }: Folder, file: string): string {
  // A name that is no UTF-8 comes with this character, and leads nowhere.
  if (file.includes('\ufffd')) throw new Error('its name is no text');
  const real = realpathSync(join(root, file));
  if (above.includes(real)) throw new Error('the link leads to a folder that it stands in');
  if (!real.startsWith(root + sep)) throw new Error('the link leads out of the folder');
  const isLink = real !== join(root, file);
  if (
    isLink &&
    real
      .slice(root.length + 1)
      .split(sep)
      .some(isHidden)
  )
    throw new Error('the link leads to what is never seen');
  return real;
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_') || name === 'node_modules';
}

function isModuleName(name: string): boolean {
  return isModule(endingOf(name)) && !isLeftOut(name);
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}
