/** A lock that programs hold on a file while they change it: a second file beside it, made by one of them only. */
import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { ObolError } from '../errors.js';

const PATIENCE = 5000;
const INTERVAL = 20;

/**
 * Does the work while nobody else who asks for the same lock does theirs.
 * @throws ObolError E_PASSWORD_FILE when somebody has held it for five seconds
 */
export async function withLock<T>(path: string, work: () => Promise<T>, patience = PATIENCE): Promise<T> {
  const lock = `${path}.lock`;
  await acquire(lock, performance.now() + patience);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function acquire(lock: string, deadline: number): Promise<void> {
  while (!(await create(lock))) {
    if (performance.now() > deadline) throw await locked(lock);
    await pause(INTERVAL);
  }
}

async function create(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o600);
    await file.writeFile(`process ${String(process.pid)} on ${hostname()}`).finally(() => file.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A lock is never broken: no program can know that another will not go on. */
async function locked(lock: string): Promise<ObolError> {
  const owner = await readFile(lock, 'utf8').catch(() => '');
  return new ObolError(
    'E_PASSWORD_FILE',
    `${lock} is held by ${/^process \d+ on [\w.-]+$/.test(owner) ? owner : 'another program'}; ` +
      'remove it if that one has ended.',
  );
}
