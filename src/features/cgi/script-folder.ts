/** A folder of scripts: what a path names in it. */
import { realpathSync, statSync, type Stats } from 'node:fs';
import { dirname, sep } from 'node:path';
import { absent, HttpError, refuseUnlessAbsent } from '../../kit.js';
import { textOfPath } from './path-text.js';
import type { Script } from './script.js';

/** Which files of a folder are scripts. */
export interface ScriptRules {
  readonly root: string;
  /** Paths of interpreters, undefined for none, by the ending of a file's name, such as `.php`; undefined where every file is a script. */
  readonly endings: ReadonlyMap<string, string | undefined> | undefined;
  readonly followSymlinks: boolean;
  readonly allowWorldWritable: boolean;
}

/** What a path has led to. */
interface Place {
  readonly name: string;
  readonly pathInfo: string;
  /** Its path without links. */
  readonly file: string;
  readonly stats: Stats;
}

const EXECUTABLE = 0o111;
const WRITABLE_BY_ALL = 0o002;

export class ScriptFolder {
  readonly #rules: ScriptRules;

  constructor(rules: ScriptRules) {
    this.#rules = rules;
  }

  /**
   * The script that a canonical path names: the first in it that is no folder; the rest is for the script.
   * @returns undefined where only some files are scripts and this is none of them
   * @throws HttpError 404 for what is not there, 403 for what is no script and for one that may not be run
   */
  find(path: string): Script | undefined {
    const { endings } = this.#rules;
    const place = this.#place(textOfPath(path));
    if (!endings) return place ? this.#script(place) : refuse();
    const ending = endingOf(place?.name ?? '');
    if (place && endings.has(ending)) return this.#script(place, endings.get(ending));
    // On a disk that ignores letter case it would be the source of a script.
    if (endings.has(ending.toLowerCase())) throw absent();
    return undefined;
  }

  /** Where the first is that is no folder; undefined where the path ends before. @throws HttpError 404 */
  #place(path: string): Place | undefined {
    for (let end = path.indexOf('/', 1); ; end = path.indexOf('/', end + 1)) {
      const name = end < 0 ? path : path.slice(0, end);
      const segment = name.slice(name.lastIndexOf('/') + 1);
      if (segment === '' && end < 0) return undefined;
      const found = segment === '' || segment.startsWith('.') ? undefined : this.#look(name);
      if (!found) throw absent();
      if (!found.stats.isDirectory()) return { name, pathInfo: path.slice(name.length), ...found };
      if (end < 0) return undefined;
    }
  }

  /** Undefined for what is not there, or is elsewhere. */
  #look(name: string): Pick<Place, 'file' | 'stats'> | undefined {
    const { root, followSymlinks } = this.#rules;
    try {
      const file = realpathSync.native(root + name);
      const isInside = followSymlinks || file.startsWith(realpathSync.native(root) + sep);
      return isInside ? { file, stats: statSync(file) } : undefined;
    } catch (error) {
      refuseUnlessAbsent(error);
      return undefined;
    }
  }

  #script({ file, name, pathInfo, stats }: Place, interpreter?: string): Script {
    const mode = interpreter === undefined ? stats.mode : EXECUTABLE | stats.mode;
    const isRunnable = stats.isFile() && (mode & EXECUTABLE) !== 0;
    if (!isRunnable || ((mode & WRITABLE_BY_ALL) !== 0 && !this.#rules.allowWorldWritable)) return refuse();
    const [program, args] = interpreter === undefined ? [file, []] : [interpreter, [file]];
    return { file: program, args, cwd: dirname(file), filename: file, name, pathInfo };
  }
}

function refuse(): never {
  throw new HttpError(403, 'This is no script that may be run');
}

/** With its dot, in the letters that it has; `''` for none. */
function endingOf(name: string): string {
  return /\.[^./]+$/.exec(name)?.[0] ?? '';
}
