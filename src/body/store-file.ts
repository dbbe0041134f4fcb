/** Takes one file off the wire: into memory, on to disk when it grows, or into the application's sink. */
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { once } from 'node:events';
import { ContentTooLarge, HttpError } from '../http/http-error.js';
import { openSpoolFile, removeSpoolFile } from './spool.js';
import { UploadedFile, type FileInfo, type FileSink } from './uploaded-file.js';

/** What bounds a file, and where it goes. */
export interface StoreOptions {
  readonly fileSize: number;
  readonly memoryFileSize: number;
  readonly sink: FileSink | undefined;
}

/**
 * Reads a file to its end. Nothing is left behind when it fails.
 * @throws HttpError 413 over `fileSize`, 507 when the disk is full
 */
export async function storeFile(stream: Readable, info: FileInfo, options: StoreOptions): Promise<UploadedFile> {
  const target = options.sink ? new SinkTarget(options.sink) : new SpoolTarget(options.memoryFileSize);
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > options.fileSize) throw new ContentTooLarge(options.fileSize);
      await target.write(chunk);
    }
    return await target.finish(info, length);
  } catch (error) {
    await target.abandon(error);
    throw isDiskFull(error) ? new HttpError(507, 'There is no room for the upload', { cause: error }) : error;
  }
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Keeps a file in memory until it is too large for that. */
class SpoolTarget {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #file: { path: string; handle: FileHandle } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async write(chunk: Buffer): Promise<void> {
    this.#size += chunk.length;
    if (this.#file) await writeAll(this.#file.handle, chunk);
    else {
      this.#chunks.push(chunk);
      if (this.#size > this.#limit) await this.#moveToDisk();
    }
  }

  async finish(info: FileInfo, length: number): Promise<UploadedFile> {
    if (!this.#file) return new UploadedFile(info, { kind: 'memory', bytes: Buffer.concat(this.#chunks) }, length);
    await this.#file.handle.close();
    return new UploadedFile(info, { kind: 'disk', path: this.#file.path }, length);
  }

  async abandon(): Promise<void> {
    if (!this.#file) return;
    await this.#file.handle.close().catch(() => undefined);
    await removeSpoolFile(this.#file.path);
  }

  async #moveToDisk(): Promise<void> {
    this.#file = await openSpoolFile();
    await writeAll(this.#file.handle, Buffer.concat(this.#chunks));
    this.#chunks = [];
  }
}

/** One write may take less than it was given. */
async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, offset);
    offset += bytesWritten;
  }
}

/** Gives a file to the application's sink. */
class SinkTarget {
  readonly #sink: FileSink;

  constructor(sink: FileSink) {
    this.#sink = sink;
  }

  async write(chunk: Buffer): Promise<void> {
    const taken: unknown = await this.#sink.write(chunk);
    if (taken === false && isEmitter(this.#sink)) await once(this.#sink, 'drain');
  }

  async finish(info: FileInfo, length: number): Promise<UploadedFile> {
    if (isEmitter(this.#sink)) {
      const finished = once(this.#sink, 'finish');
      this.#sink.end?.();
      await finished;
    } else await this.#sink.end?.();
    return new UploadedFile(info, { kind: 'sink', sink: this.#sink }, length);
  }

  async abandon(error: unknown): Promise<void> {
    if (isEmitter(this.#sink)) this.#sink.on('error', () => undefined);
    await this.#sink.destroy?.(error instanceof Error ? error : undefined);
  }
}

/** Node's writables tell by events when they can take more. */
function isEmitter(sink: FileSink): sink is FileSink & NodeJS.EventEmitter {
  return 'on' in sink && 'once' in sink && typeof sink.on === 'function' && 'writable' in sink;
}
