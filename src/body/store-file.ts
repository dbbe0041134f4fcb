/** Takes one file off the wire: into memory, on to disk when it grows, or into the application's sink. */
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ContentTooLarge, HttpError } from '../http/http-error.js';
import { UNNAMED } from './file-name.js';
import { openSpoolFile, removeSpoolFile } from './spool.js';
import { UploadedFile, type FileInfo, type FileSink } from './uploaded-file.js';

/** What bounds a file, and where it goes. */
export interface StoreOptions {
  readonly fileSize: number;
  readonly memoryFileSize: number;
  /** Asked when the file has content or a name, once; nothing returned means memory or disk. */
  readonly openSink: () => FileSink | undefined;
  /** Aborted when the form has failed: no sink is waited for any more. */
  readonly signal: AbortSignal;
}

/** Where a file goes. */
interface Target {
  write(chunk: Buffer): Promise<void>;
  finish(info: FileInfo, length: number): Promise<UploadedFile>;
  abandon(error: unknown): Promise<void>;
}

/**
 * Reads a file to its end. Nothing is left behind when it fails.
 * @throws HttpError 413 over `fileSize`, 507 when the disk is full
 */
export async function storeFile(
  stream: Readable,
  info: FileInfo,
  options: StoreOptions,
): Promise<UploadedFile> {
  let target: Target | undefined;
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > options.fileSize) throw new ContentTooLarge(options.fileSize);
      target ??= openTarget(options);
      await target.write(chunk);
    }
    // What browsers send for a file input where nothing was chosen is no file, and needs no sink.
    target ??= info.filename === UNNAMED ? new SpoolTarget(0) : openTarget(options);
    return await target.finish(info, length);
  } catch (error) {
    await target?.abandon(options.signal.aborted ? options.signal.reason : error);
    throw isDiskFull(error) ? new HttpError(507, 'There is no room for the upload', { cause: error }) : error;
  }
}

function isDiskFull(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function openTarget({ openSink, memoryFileSize, signal }: StoreOptions): Target {
  const sink = openSink();
  if (!sink) return new SpoolTarget(memoryFileSize);
  return isWritable(sink) ? new WritableTarget(sink, signal) : new SinkTarget(sink, signal);
}

/** Node's writables tell by events when they can take more, and when they fail. */
function isWritable(sink: FileSink): sink is FileSink & Writable {
  return 'writable' in sink && 'on' in sink && typeof sink.on === 'function';
}

/** Keeps a file in memory until it is too large for that. */
class SpoolTarget implements Target {
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
    if (!this.#file)
      return new UploadedFile(info, { kind: 'memory', bytes: Buffer.concat(this.#chunks) }, length);
    await this.#file.handle.close();
    return new UploadedFile(info, { kind: 'disk', path: this.#file.path }, length);
  }

  async abandon(): Promise<void> {
    if (!this.#file) return;
    await this.#file.handle.close().catch(ignore);
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
  for (let offset = 0; offset < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, offset);
    offset += bytesWritten;
  }
}

/** Gives a file to a sink of the application. */
class SinkTarget implements Target {
  readonly #sink: FileSink;
  readonly #signal: AbortSignal;

  constructor(sink: FileSink, signal: AbortSignal) {
    this.#sink = sink;
    this.#signal = signal;
  }

  async write(chunk: Buffer): Promise<void> {
    await unlessAborted(this.#signal, this.#sink.write(chunk));
  }

  async finish(info: FileInfo, length: number): Promise<UploadedFile> {
    await unlessAborted(this.#signal, this.#sink.end?.());
    return new UploadedFile(info, { kind: 'sink', sink: this.#sink }, length);
  }

  async abandon(error: unknown): Promise<void> {
    try {
      await this.#sink.destroy?.(error instanceof Error ? error : undefined);
    } catch {
      // The error that brought us here is the one to tell.
    }
  }
}

/** Gives a file to a stream of Node. */
class WritableTarget implements Target {
  readonly #sink: FileSink & Writable;
  readonly #signal: AbortSignal;
  /** Rejects when the stream fails or is closed before its end. */
  readonly #finished: Promise<void>;

  constructor(sink: FileSink & Writable, signal: AbortSignal) {
    this.#sink = sink;
    this.#signal = signal;
    this.#finished = finished(sink, { readable: false, signal });
    this.#finished.catch(ignore);
    sink.on('error', ignore);
  }

  async write(chunk: Buffer): Promise<void> {
    if (this.#sink.write(chunk)) return;
    await Promise.race([once(this.#sink, 'drain', { signal: this.#signal }), this.#finished]);
  }

  async finish(info: FileInfo, length: number): Promise<UploadedFile> {
    this.#sink.end();
    await this.#finished;
    return new UploadedFile(info, { kind: 'sink', sink: this.#sink }, length);
  }

  abandon(error: unknown): Promise<void> {
    this.#sink.destroy(error instanceof Error ? error : undefined);
    return Promise.resolve();
  }
}

/** Waits for the work, at most until the signal. */
async function unlessAborted(signal: AbortSignal, work: unknown): Promise<void> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop as () => void);
  }
}

function ignore(): void {
  // on purpose
}
