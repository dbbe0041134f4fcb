/** A folder of scripts: what a path names in it. */
import { realpathSync, statSync, type Stats } from 'node:fs';
import { dirname, sep } from 'node:path';
import { absent, decodeSegment, HttpError, refuseUnlessAbsent } from '../../kit.js';
import { plainTextOf, textOfPath } from './path-text.js';
import type { Script } from './script.js';

/** Which files of a folder are scripts. */
export interface ScriptRules {
  readonly root: string;
  /** Names of scripts that answer for their folder. */
  readonly index: readonly string[];
  /** Paths of interpreters, undefined for none, by the ending of a file's name, such as `.php`; undefined where every file is a script. */
  readonly endings: ReadonlyMap<string, string | undefined> | undefined;
  readonly followSymlinks: boolean;
  readonly allowWorldWritable: boolean;
}

/** What is at a path. */
interface Found {
  /** Its path without links. */
  readonly file: string;
  readonly stats: Stats;
}

/** What a path has led to. */
interface Place {
  readonly name: string;
  readonly pathInfo: string;
  /** A folder only where the path ends with it; undefined for nothing, and for what is hidden or elsewhere. */
  readonly found: Found | undefined;
}

const NOWHERE: Place = { name: '', pathInfo: '', found: undefined };
const EXECUTABLE = 0o111;
const WRITABLE_BY_ALL = 0o002;
/** Endings of what is PHP as well, by other names or as parts of scripts. */
const PHP_SOURCES: readonly string[] = ['.inc', '.phar', '.phps', '.pht', '.phtml'];

export class ScriptFolder {
  readonly #rules: ScriptRules;
  /** In comparable letters. */
  readonly #endings: ReadonlySet<string>;
  /** Names of what scripts are made of, and of older ones: `a.php.bak`, `a.php~`, `a.php5`. */
  readonly #sources: RegExp;

  constructor(rules: ScriptRules) {
    this.#rules = rules;
    this.#endings = new Set([...(rules.endings?.keys() ?? [])].map(comparable));
    this.#sources = sourcesOf([...this.#endings]);
  }

  /**
   * The script that a canonical path names: the first in it that is no folder; the rest is for the script.
   * @returns `folder` for one with a script of its own that is asked for without the slash at its end; undefined where only some
   * files are scripts, and the path has the ending of none of them
   * @throws HttpError 404 for what is not there, 403 for what is no script and for one that may not be run
   */
  find(path: string): Script | 'folder' | undefined {
    const { endings } = this.#rules;
    const text = endings ? plainTextOf(path) : textOfPath(path);
    const place = text === undefined ? NOWHERE : this.#place(text);
    if (place.found?.stats.isDirectory()) {
      const index = this.#indexOf(place);
      if (index) return place.name.endsWith('/') ? this.#script(index) : 'folder';
      return endings ? undefined : this.#script(place);
    }
    if (!endings || (place.found && endings.has(endingOf(place.name)))) return this.#script(place);
    this.#withhold(place, path);
    return undefined;
  }

  /** Of a folder. */
  #indexOf({ name }: Place): Place | undefined {
    for (const file of this.#rules.index) {
      const path = `${name.replace(/\/$/, '')}/${file}`;
      const found = this.#look(path);
      if (found?.stats.isFile()) return { name: path, pathInfo: '', found };
    }
    return undefined;
  }

  /**
   * What comes next must not show a script: by a link of another name, in other letters, as a copy, or where it sees more than is
   * seen here.
   * @throws HttpError 404
   */
  #withhold({ name, found }: Place, path: string): void {
    const isSource = found
      ? [name, found.file].some((each) => this.#sources.test(comparable(each)))
      : decodeSegment(path)
          .split('/')
          .some((each) => this.#endings.has(comparable(endingOf(each))));
    if (isSource) throw absent();
  }

  /** The first in a path that is no folder, or its last. */
  #place(path: string): Place {
    let found: Found | undefined;
    for (let end = path.indexOf('/', 1); ; end = path.indexOf('/', end + 1)) {
      const name = end < 0 ? path : path.slice(0, end);
      const segment = name.slice(name.lastIndexOf('/') + 1);
      if (segment === '' && end < 0) return { name, pathInfo: '', found: found ?? this.#look('') };
      found = segment === '' || segment.startsWith('.') ? undefined : this.#look(name);
      if (end < 0 || !found?.stats.isDirectory()) return { name, pathInfo: path.slice(name.length), found };
    }
  }

  /** Undefined for what is not there, or is elsewhere. */
  #look(name: string): Found | undefined {
    const { root, followSymlinks } = this.#rules;
    try {
      const file = realpathSync.native(root + name);
      const isInside = followSymlinks || `${file}${sep}`.startsWith(realpathSync.native(root) + sep);
      return isInside ? { file, stats: statSync(file) } : undefined;
    } catch (error) {
      refuseUnlessAbsent(error);
      return undefined;
    }
  }

  /** @throws HttpError 404, 403 */
  #script({ name, pathInfo, found }: Place): Script {
    if (!found) throw absent();
    const interpreter = this.#rules.endings?.get(endingOf(name));
    const { file, stats } = found;
    const mode = interpreter === undefined ? stats.mode : EXECUTABLE | stats.mode;
    const isRunnable = stats.isFile() && (mode & EXECUTABLE) !== 0;
    if (!isRunnable || ((mode & WRITABLE_BY_ALL) !== 0 && !this.#rules.allowWorldWritable))
      throw new HttpError(403, 'This is no script that may be run');
    const [program, args] = interpreter === undefined ? [file, []] : [interpreter, [file]];
    return { file: program, args, cwd: dirname(file), filename: file, name, pathInfo };
  }
}

/** With its dot, in the letters that it has; `''` for none. */
export function endingOf(name: string): string {
  return /\.[^./]+$/.exec(name)?.[0] ?? '';
}

/** As disks that ignore letter case, and other forms of one letter, may take it. */
function comparable(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase();
}

/** @param endings in comparable letters */
function sourcesOf(endings: readonly string[]): RegExp {
  if (endings.length === 0) return /(?!)/;
  const others = endings.includes('.php') ? PHP_SOURCES : [];
  return new RegExp(
    `(?:${anyOf(endings)})(?!\\p{L})[^/]*$${others.map((each) => `|\\${each}$`).join('')}`,
    'u',
  );
}

function anyOf(texts: readonly string[]): string {
  return texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|');
}
