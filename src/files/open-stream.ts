/** Files that the application has opened itself, as streams, and how long those are. */
import { createReadStream, fstatSync, ReadStream, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { FileStream, OpenDescriptor } from './file-stream.js';

/** The file from a position to its end; what is no regular file is read from where it stands. Its end closes it. */
export function streamOf(file: FileHandle | number, position: number): FileStream | Readable {
  const isHandle = typeof file !== 'number';
  const fd = isHandle ? file.fd : file;
  const stats = fstatSync(fd);
  if (!stats.isFile()) return isHandle ? file.createReadStream() : createReadStream('', { fd });
  const release = isHandle ? () => file.close().catch(() => undefined) : undefined;
  return new FileStream(new OpenDescriptor(fd, release), Math.min(position, stats.size), stats.size);
}

/** What of a file stream says which part of the file it reads; no Node line documents it. */
interface Bounds {
  readonly fd: number | null;
  readonly start?: number;
  readonly end: number;
}

/** Bytes that a stream will give; undefined where that is not known. */
export function lengthOf(stream: FileStream | Readable): number | undefined {
  if (FileStream.brand in stream) return (stream as FileStream).length;
  if (!(stream instanceof ReadStream) || stream.bytesRead > 0) return undefined;
  const { fd, start = 0, end } = stream as unknown as Bounds;
  const stats = fd === null ? statSync(stream.path, { throwIfNoEntry: false }) : fstatSync(fd);
  return stats?.isFile() ? Math.max(0, Math.min(stats.size, end + 1) - start) : undefined;
}
