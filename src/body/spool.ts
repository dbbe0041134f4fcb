/** Where large uploads wait on disk: a private folder of this process, swept of what crashed processes left. */
import { randomBytes } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'obol-uploads-';
const PATTERN = new RegExp(`^${PREFIX}(\\d+)-`);
const NAME_BYTES = 16;

let folder: string | undefined;

/** A new file of its own: unguessable name, mode 0600, never one that was there before. */
export async function openSpoolFile(): Promise<{ path: string; handle: FileHandle }> {
  try {
    return await createFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // Systems tidy up folders that were not used for days.
    folder = undefined;
    return createFile();
  }
}

async function createFile(): Promise<{ path: string; handle: FileHandle }> {
  const path = join(spoolFolder(), randomBytes(NAME_BYTES).toString('hex'));
  return { path, handle: await open(path, 'wx+', 0o600) };
}

/** Removes a file that may be gone already. */
export async function removeSpoolFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The folder of this process, mode 0700, made when the first upload needs it and removed when the process ends. */
export function spoolFolder(): string {
  if (folder !== undefined) return folder;
  sweepSpoolFolders();
  const made = mkdtempSync(join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
  process.once('exit', () => {
    rmSync(made, { recursive: true, force: true });
  });
  return (folder = made);
}

/** Removes the folders of processes that are no more. */
export function sweepSpoolFolders(): void {
  for (const name of temporaryNames()) {
    const pid = PATTERN.exec(name)?.[1];
    if (pid === undefined) continue;
    try {
      const path = join(tmpdir(), name);
      if (!isInUse(path, Number(pid))) rmSync(path, { recursive: true, force: true });
    } catch {
      // It is another user's, or another process has just removed it.
    }
  }
}

/** There may be no temporary folder at all, which matters only to those who need one. */
function temporaryNames(): string[] {
  try {
    return readdirSync(tmpdir());
  } catch {
    return [];
  }
}

/** In containers the same number is given after every start: then only the age shows whose a folder is. */
function isInUse(path: string, pid: number): boolean {
  if (pid !== process.pid) return isAlive(pid);
  return lstatSync(path).mtimeMs >= Date.now() - process.uptime() * 1000;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process is alive too; only ESRCH says that there is none.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
