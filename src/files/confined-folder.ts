/** A folder that nothing leads out of: files and directories in it are held before they are looked at. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import { resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ObolError } from '../ground/errors.js';
import { octetsOfText } from '../http/octets.js';
import { absent, refuseUnlessAbsent } from './file-error.js';
import { FileStream } from './file-stream.js';
import { openFileSync, type OpenedFile } from './open-file.js';

/** Something in the folder. Let go of it when it was looked at. */
export interface Held {
  readonly stats: Stats;
  /** Leads to it as long as it is held; as octets where it may be no text. */
  readonly path: string | Buffer;
  /** Whether this file was opened there and the path still leads to it, through no link; undefined where it must be so. */
  readonly isStill?: (opened: Stats) => boolean;
  release(): void;
}

/** How links are kept from leading out. */
export type Confinement = 'follow' | 'held' | 'compared';

/** Refers to a file without opening it, so that a FIFO is never waited for. No Node line names it. */
const O_PATH = 0o10000000;
const DESCRIPTORS = '/proc/self/fd';

/**
 * Links that stay inside are followed; what leads out does not exist.
 *
 * The system itself is asked where the thing that is held really is (`held`), so that no link can be put in the way
 * between the question and the opening. Where the system does not answer, the real path is found before and after, and
 * what was opened must be the same file (`compared`): only who may write into the folder, and puts links there and takes
 * them away at the right moments three times in a row, gets by that.
 */
export class ConfinedFolder {
  readonly root: string;
  readonly #confinement: Confinement;
  readonly #excluded: readonly string[];

  /**
   * @param root an absolute path; it may be a link that is pointed elsewhere while the server runs
   * @param excluded paths in it that count as outside, with all that is in them, whatever leads there
   */
  constructor(root: string, confinement: Confinement, excluded: readonly string[] = []) {
    this.root = root;
    this.#confinement = confinement;
    this.#excluded = excluded.map((path) => `${root}/${path}`);
  }

  /** One that is confined as well as this system can. @param excluded as for the constructor */
  static of(root: string, followSymlinks: boolean, excluded?: readonly string[]): ConfinedFolder {
    return new ConfinedFolder(root, confinementOf(followSymlinks), excluded);
  }

  /** The path of a folder that is there; a relative one is of the working directory. @throws ObolError E_SETTING for any other */
  static rootOf(taker: string, folder: string | URL): string {
    const path = resolve(typeof folder === 'string' ? folder : fileURLToPath(folder));
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
    throw new ObolError('E_SETTING', `${taker}: ${JSON.stringify(path)} is no directory.`);
  }

  /** Whether something in it counts as outside. */
  get isPartial(): boolean {
    return this.#excluded.length > 0;
  }

  /** What a path leads to, be it inside or not; undefined for nothing. Octets in it that are no UTF-8 are lone surrogates. */
  stat(path: string): Stats | undefined {
    const full = `${this.root}/${path}`;
    try {
      return statSync(full.isWellFormed() ? full : octetsOfText(full), { throwIfNoEntry: false });
    } catch (error) {
      refuseUnlessAbsent(error);
      return undefined;
    }
  }

  /** The same of what is inside. @throws HttpError 503 out of descriptors */
  statInside(path: string): Stats | undefined {
    const held = this.hold(path);
    held?.release();
    return held?.stats;
  }

  /** Holds what a path leads to; undefined when that is nothing or outside. @throws HttpError 503 out of descriptors */
  hold(path: string): Held | undefined {
    const text = `${this.root}/${path}`;
    const full = text.isWellFormed() ? text : octetsOfText(text);
    try {
      if (this.#confinement === 'held') return this.#holdDescriptor(full);
      return this.#confinement === 'follow' ? this.#follow(full) : this.#compare(full);
    } catch (error) {
      refuseUnlessAbsent(error);
      return undefined;
    }
  }

  /** Opens a file that is held. @throws HttpError 404 when it is none that may be read, 503 */
  open({ path, stats, isStill }: Held): OpenedFile {
    if (!stats.isFile()) throw absent();
    const opened = openFileSync(path);
    if (isStill === undefined || isStill(opened.stats)) return opened;
    if (opened.content instanceof FileStream) opened.content.destroy();
    throw absent();
  }

  #holdDescriptor(full: string | Buffer): Held | undefined {
    const fd = openSync(full, O_PATH);
    const release = (): void => {
      closeSync(fd);
    };
    let held: Held | undefined;
    try {
      const path = `${DESCRIPTORS}/${String(fd)}`;
      if (this.#isInside(readlinkSync(path, 'latin1'))) held = { stats: fstatSync(fd), path, release };
      return held;
    } finally {
      if (!held) release();
    }
  }

  #compare(full: string | Buffer): Held | undefined {
    const real = realpathSync.native(full, 'latin1');
    if (!this.#isInside(real)) return undefined;
    const path = Buffer.from(real, 'latin1');
    const stats = lstatSync(path);
    const isStill = (opened: Stats): boolean => {
      try {
        return (
          isSame(opened, stats) &&
          realpathSync.native(path, 'latin1') === real &&
          isSame(lstatSync(path), stats)
        );
      } catch {
        return false;
      }
    };
    return { stats, path, isStill, release: () => undefined };
  }

  #follow(path: string | Buffer): Held | undefined {
    if (this.isPartial && this.#isExcluded(realpathSync.native(path, 'latin1'))) return undefined;
    return { stats: statSync(path), path, release: () => undefined };
  }

  /** @param real a character for each octet, so that no two paths look the same */
  #isInside(real: string): boolean {
    const root = realpathSync.native(this.root, 'latin1');
    const isWithin = real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
    return isWithin && (this.#excluded.length === 0 || !this.#isExcluded(real));
  }

  #isExcluded(real: string): boolean {
    return this.#excluded.some((path) => {
      const place = realPathOf(path);
      return place !== undefined && `${real}${sep}`.startsWith(place + sep);
    });
  }
}

/** Undefined for what is not there. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path, 'latin1');
  } catch {
    return undefined;
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** The best that this system can do. */
export function confinementOf(followSymlinks: boolean, descriptors = DESCRIPTORS): Confinement {
  if (followSymlinks) return 'follow';
  return process.platform === 'linux' && tellsDescriptors(descriptors) ? 'held' : 'compared';
}

/** Whether the kernel's own record can be read; not so in some sandboxes. */
function tellsDescriptors(descriptors: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync('/', constants.O_RDONLY);
    return readlinkSync(`${descriptors}/${String(fd)}`) === '/';
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
