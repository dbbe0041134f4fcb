/** Where large uploads wait on disk: a private folder of this process, swept of what crashed processes left. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'obol-uploads-';
const NAME_BYTES = 16;

let folder: string | undefined;

/** A new file of its own: unguessable name, mode 0600, never one that was there before. */
export async function openSpoolFile(): Promise<{ path: string; handle: FileHandle }> {
  const path = join(spoolFolder(), randomBytes(NAME_BYTES).toString('hex'));
  return { path, handle: await open(path, 'wx+', 0o600) };
}

/** Removes a file that may be gone already. */
export async function removeSpoolFile(path: string): Promise<void> {
  await rm(path, { force: true });
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
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process is alive too; only ESRCH says that there is none.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
