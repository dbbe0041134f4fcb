/** One at a time: among the callers of this process by a queue, among processes by a lock file. */
import { randomBytes } from 'node:crypto';
import { open, rename, stat, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds after which a lock was left behind by a process that is no more; work under one takes a few. */
const LEFT_BEHIND = 10_000;
/** Milliseconds between two attempts. */
const PAUSE = 5;
/** Milliseconds after which a lock that does not come is a failure. */
const PATIENCE = 900;

export class FileLocks {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Does the work while nobody else holds the lock. @param path of the lock file */
  async hold<T>(path: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(path);
    const turn = before ? before.then(() => locked(path, work)) : locked(path, work);
    const tail = turn.catch(() => undefined);
    this.#tails.set(path, tail);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(path) === tail) this.#tails.delete(path);
    }
  }
}

async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  await take(path);
  try {
    return await work();
  } finally {
    await unlink(path).catch(() => undefined);
  }
}

async function take(path: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      const handle = await open(path, 'wx', 0o600);
      await handle.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || performance.now() > deadline) throw error;
    }
    if (await isLeftBehind(path)) await breakLock(path);
    await sleep(PAUSE);
  }
}

async function isLeftBehind(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > LEFT_BEHIND;
}

/** Renaming succeeds for one of those who try at the same time. */
async function breakLock(path: string): Promise<void> {
  const broken = `${path}.${randomBytes(8).toString('hex')}`;
  await rename(path, broken).catch(() => undefined);
  await unlink(broken).catch(() => undefined);
}
