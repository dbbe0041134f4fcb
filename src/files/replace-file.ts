/** Replaces a file at once or not at all. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface ReplacementOptions {
  /** Of the new file, whatever the umask. */
  readonly mode: number;
  /** When it counts as modified, in seconds since the epoch. Default now. */
  readonly modified?: number;
  /** Whether it must be there after a power failure as well, which takes the time that the disk takes. Default true. */
  readonly flush?: boolean;
}

/**
 * Every reader finds the old file or the new one, and so does a reader after a crash. What a crash leaves behind is
 * named like the file, with a dot and 16 hexadecimal digits at its end.
 * @param content text as UTF-8, or bytes
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: ReplacementOptions,
): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeDraft(draft, content, options);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  if (options.flush !== false) await syncDirectory(dirname(path));
}

async function writeDraft(
  path: string,
  content: string | Uint8Array,
  { mode, modified, flush = true }: ReplacementOptions,
): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.chmod(mode);
    await file.writeFile(content);
    if (modified !== undefined) await file.utimes(modified, modified);
    if (flush) await file.sync();
  } finally {
    await file.close();
  }
}

/** Not every system can. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path).catch(() => undefined);
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}
