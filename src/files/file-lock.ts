/** Lock files: what is held while another file is changed, by one at a time in this process and among all programs. */
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { link, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** On what terms a lock is waited for. All times are milliseconds. */
export interface LockTerms {
  /** After which a lock that another program holds is a failure. */
  readonly patience: number;
  /** Between two attempts. */
  readonly interval: number;
  /**
   * After which a lock counts as left behind by a program that is no more, and is broken. Default never: no program can know
   * that another will not go on.
   */
  readonly leftBehind?: number;
}

/** Another program has held the lock for all the time there was. */
export class LockHeld extends Error {
  readonly code = 'EEXIST';

  constructor(path: string, owner: string) {
    const holder = OWNER.test(owner) ? owner : 'another program';
    super(`${path} is held by ${holder}; remove it if that one has ended.`);
  }
}

/** What a lock file says. */
const OWNER = /^process \d+ on [\w.-]+$/;
/** The last of those who wait in this process, by the path of the lock. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Does the work while nothing else that asks for the same lock is done: callers of this process come in the order in which
 * they ask.
 * @param path of the lock file
 * @throws LockHeld when another program does not let go in time, and whatever the file system or the work throws
 */
export async function holdLock<T>(path: string, work: () => Promise<T>, terms: LockTerms): Promise<T> {
  const before = queues.get(path);
  const turn = before ? before.then(() => holdFile(path, work, terms)) : holdFile(path, work, terms);
  const tail = turn.catch(() => undefined);
  queues.set(path, tail);
  try {
    return await turn;
  } finally {
    if (queues.get(path) === tail) queues.delete(path);
  }
}

async function holdFile<T>(path: string, work: () => Promise<T>, terms: LockTerms): Promise<T> {
  const mark = await take(path, terms);
  try {
    return await work();
  } finally {
    // A holder that took too long may have lost it to another, whose lock must stay.
    const found = await stat(path).catch(() => undefined);
    if (found && markOf(found) === mark) await unlink(path).catch(() => undefined);
  }
}

/** @returns what distinguishes this lock file from others in the same place */
async function take(path: string, terms: LockTerms): Promise<string> {
  const deadline = performance.now() + terms.patience;
  for (;;) {
    const mark = await create(path);
    if (mark !== undefined) return mark;
    if (performance.now() > deadline) throw new LockHeld(path, await readFile(path, 'utf8').catch(() => ''));
    if (await isLeftBehind(path, terms)) await breakLock(path, terms);
    await pause(terms.interval);
  }
}

async function create(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`process ${String(process.pid)} on ${hostname()}`);
      return markOf(await file.stat());
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

/** The number of a file that is gone may be given to the next. */
function markOf({ dev, ino, mtimeMs }: Stats): string {
  return [dev, ino, mtimeMs].join(' ');
}

async function isLeftBehind(path: string, { leftBehind = Infinity }: LockTerms): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > leftBehind;
}

/** Renaming succeeds for one of those who try at the same time. */
async function breakLock(path: string, terms: LockTerms): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  await rename(path, aside).catch(() => undefined);
  // Another may have been faster, and a third have taken the lock since: then it is that one, and goes back.
  if (!(await isLeftBehind(aside, terms))) await link(aside, path).catch(() => undefined);
  await unlink(aside).catch(() => undefined);
}
