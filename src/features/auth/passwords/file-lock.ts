/** The lock that programs hold on a password file while they change it. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { ObolError } from '../../../ground/errors.js';
import { holdLock, LockHeld } from '../../../files/file-lock.js';

const PATIENCE = 5000;
const INTERVAL = 20;

/**
 * Does the work while nobody else who asks for the same lock does theirs. A lock is never broken: no program can know that
 * another will not go on.
 * @throws ObolError E_PASSWORD_FILE when somebody has held it for five seconds
 */
export async function withLock<T>(path: string, work: () => Promise<T>, patience = PATIENCE): Promise<T> {
  const lock = `${path}.lock`;
  const owner = `process ${String(process.pid)} on ${hostname()}`;
  try {
    return await holdLock(lock, work, { patience, interval: INTERVAL, owner });
  } catch (error) {
    throw error instanceof LockHeld ? await locked(lock) : error;
  }
}

async function locked(lock: string): Promise<ObolError> {
  const owner = await readFile(lock, 'utf8').catch(() => '');
  return new ObolError(
    'E_PASSWORD_FILE',
    `${lock} is held by ${/^process \d+ on [\w.-]+$/.test(owner) ? owner : 'another program'}; ` +
      'remove it if that one has ended.',
  );
}
