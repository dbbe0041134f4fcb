/** Lock files: what a program holds while it changes another file, made by one program at a time only. */
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { link, open, rename, stat, unlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** On what terms a lock is waited for. All times are milliseconds. */
export interface LockTerms {
  /** After which a lock that does not come is a failure. */
  readonly patience: number;
  /** Between two attempts. */
  readonly interval: number;
  /** After which a lock counts as left behind by a program that is no more, and is broken. Default never. */
  readonly leftBehind?: number;
  /** What the file says, to whoever finds it. Default nothing. */
  readonly owner?: string;
}

/** Somebody else has held the lock for all the time there was. */
export class LockHeld extends Error {
  readonly code = 'EEXIST';

  constructor(path: string) {
    super(`${path} is held by somebody else`);
  }
}

/**
 * Does the work while nobody else who asks for the same lock does theirs.
 * @param path of the lock file
 * @throws LockHeld when it does not come in time, and whatever the file system or the work throws
 */
export async function holdLock<T>(path: string, work: () => Promise<T>, terms: LockTerms): Promise<T> {
  const mark = await take(path, terms);
  try {
    return await work();
  } finally {
    // Whoever took too long may have lost it to another, whose lock must stay.
    const found = await stat(path).catch(() => undefined);
    if (found && markOf(found) === mark) await unlink(path).catch(() => undefined);
  }
}

/** @returns what tells this lock file from others in the same place */
async function take(path: string, terms: LockTerms): Promise<string> {
  const deadline = performance.now() + terms.patience;
  for (;;) {
    const mark = await create(path, terms.owner);
    if (mark !== undefined) return mark;
    if (performance.now() > deadline) throw new LockHeld(path);
    if (await isLeftBehind(path, terms)) await breakLock(path, terms);
    await pause(terms.interval);
  }
}

async function create(path: string, owner = ''): Promise<string | undefined> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(owner);
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
