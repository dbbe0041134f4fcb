/** Opens files to be sent: once, regular ones only, and everything known about them comes from that one handle. */
import {
  close,
  closeSync,
  constants,
  fstat,
  fstatSync,
  open,
  openSync,
  read,
  readSync,
  type Stats,
} from 'node:fs';
import { promisify } from 'node:util';
import { absent, fileError } from './file-error.js';
import { FileStream, OpenDescriptor } from './file-stream.js';

/** A regular file, ready to be sent. */
export interface OpenedFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since the epoch, with their fraction. */
  readonly modified: number;
  /** Of this very file, whatever the path leads to by now, and as it was before its content was read. */
  readonly stats: Stats;
  /** The bytes of a small file, which is closed already; else a stream, to be sent or destroyed. */
  readonly content: Uint8Array | FileStream;
}

/** Up to this size, reading a file at once costs less than anything else. */
export const SMALL_FILE = 256 * 1024;

/** Opening a FIFO must not wait for a writer. Windows does not know the flag. */
const FLAGS = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

const openLater = promisify(open);
const statLater = promisify(fstat);
const readLater = promisify(read);
const closeLater = promisify(close);

/**
 * Opens a file, and reads it where it is small.
 * @throws HttpError 404 when there is no regular file that may be read, 503 when no descriptor is left
 */
export function openFileSync(path: string | Buffer): OpenedFile {
  try {
    const fd = openSync(path, FLAGS);
    let content: Uint8Array | FileStream | undefined;
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw absent();
      content = stats.size > SMALL_FILE ? streamOf(fd, stats) : readSmallSync(fd, stats.size);
      return { path: String(path), size: stats.size, modified: stats.mtimeMs, stats, content };
    } finally {
      if (!(content instanceof FileStream)) closeSync(fd);
    }
  } catch (error) {
    throw fileError(error);
  }
}

/**
 * The same without holding up other requests while a slow file system answers.
 * @throws HttpError 404 or 503
 */
export async function openFile(path: string): Promise<OpenedFile> {
  try {
    const fd = await openLater(path, FLAGS);
    let content: Uint8Array | FileStream | undefined;
    try {
      const stats = await statLater(fd);
      if (!stats.isFile()) throw absent();
      content = stats.size > SMALL_FILE ? streamOf(fd, stats) : await readSmall(fd, stats.size);
      return { path, size: stats.size, modified: stats.mtimeMs, stats, content };
    } finally {
      if (!(content instanceof FileStream)) await closeLater(fd);
    }
  } catch (error) {
    throw fileError(error);
  }
}

function streamOf(fd: number, { size }: Stats): FileStream {
  return new FileStream(new OpenDescriptor(fd), 0, size);
}

function readSmallSync(fd: number, size: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size;) at += some(readSync(fd, bytes, at, size - at, at));
  return bytes;
}

async function readSmall(fd: number, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size;) at += some((await readLater(fd, bytes, at, size - at, at)).bytesRead);
  return bytes;
}

function some(count: number): number {
  if (count === 0) throw new Error('The file became shorter while it was read');
  return count;
}
