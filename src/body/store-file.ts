/** Takes one file off the wire: into memory, on to disk when it grows, or into the application's sink. */
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ContentTooLarge, HttpError } from '../http/http-error.js';
import { openSpoolFile, removeSpoolFile } from './spool.js';
import { UNNAMED, UploadedFile, type FileInfo, type FileSink } from './uploaded-file.js';

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
  /** @returns what to wait for before the next piece comes; undefined when it may come at once */
  write(chunk: Buffer): Promise<void> | undefined;
  finish(info: FileInfo, length: number): Promise<UploadedFile>;
  abandon(error: unknown): Promise<void>;
}

/** One file that is arriving. Either it is finished, or abandoned, which leaves nothing behind. */
export class FileStore {
  readonly #info: FileInfo;
  readonly #options: StoreOptions;
  #target: Target | undefined;
  #length = 0;
  #pending: Promise<void> | undefined;
  #finished: Promise<UploadedFile> | undefined;

  constructor(info: FileInfo, options: StoreOptions) {
    this.#info = info;
    this.#options = options;
  }

  /**
   * Takes the next piece.
   * @returns what to wait for before more is written; undefined when more may come at once
   * @throws HttpError 413 over `fileSize`, 507 when the disk is full, now or by the promise
   */
  write(chunk: Buffer): Promise<void> | undefined {
    const { fileSize } = this.#options;
    this.#length += chunk.length;
    if (this.#length > fileSize) throw new ContentTooLarge(fileSize);
    try {
      this.#target ??= openTarget(this.#options);
      this.#pending = this.#target.write(chunk)?.catch(rethrow);
    } catch (error) {
      rethrow(error);
    }
    return this.#pending;
  }

  /** The file is complete. @throws HttpError 507 when the disk is full, and what a sink of the application throws */
  finish(): Promise<UploadedFile> {
    return (this.#finished ??= this.#finish().catch(rethrow));
  }

  /** The file will never be complete, or is not wanted any more. */
  async abandon(error: unknown): Promise<void> {
    const { signal } = this.#options;
    const file = await this.#finished?.catch(() => undefined);
    // What a sink has made of a complete file is the sink's to undo.
    if (!file || file.sink) await this.#target?.abandon(signal.aborted ? signal.reason : error);
    else await file.dispose();
  }

  async #finish(): Promise<UploadedFile> {
    await this.#pending;
    // What browsers send for a file input where nothing was chosen is no file, and needs no sink.
    this.#target ??= this.#info.filename === UNNAMED ? new SpoolTarget(0) : openTarget(this.#options);
    return this.#target.finish(this.#info, this.#length);
  }
}

function rethrow(error: unknown): never {
  throw isDiskFull(error) ? new HttpError(507, 'There is no room for the upload', { cause: error }) : error;
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

/** Bytes that may wait for the disk before the client is held back. */
const MAX_WAITING = 512 * 1024;

/** Keeps a file in memory until it is too large for that; then pieces are written together, as the disk takes them. */
class SpoolTarget implements Target {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #waiting = 0;
  #file: { path: string; handle: FileHandle } | undefined;
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  write(chunk: Buffer): Promise<void> | undefined {
    if (this.#failure) throw this.#failure.error;
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    if (!this.#file && !this.#writing && this.#waiting <= this.#limit) return undefined;
    this.#writing ??= this.#writeAll();
    this.#writing.catch(ignore);
    return this.#waiting > MAX_WAITING ? this.#writing : undefined;
  }

  async finish(info: FileInfo, length: number): Promise<UploadedFile> {
    await this.#writing;
    if (this.#failure) throw this.#failure.error;
    if (!this.#file)
      return new UploadedFile(info, { kind: 'memory', bytes: Buffer.concat(this.#chunks) }, length);
    await this.#file.handle.close();
    return new UploadedFile(info, { kind: 'disk', path: this.#file.path }, length);
  }

  async abandon(): Promise<void> {
    await this.#writing?.catch(ignore);
    if (!this.#file) return;
    await this.#file.handle.close().catch(ignore);
    await removeSpoolFile(this.#file.path);
  }

  async #writeAll(): Promise<void> {
    try {
      this.#file ??= await openSpoolFile();
      while (this.#chunks.length > 0) {
        const chunks = this.#chunks;
        this.#chunks = [];
        this.#waiting = 0;
        await writeAll(this.#file.handle, chunks);
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#writing = undefined;
    }
  }
}

/** One write may take less than it was given. */
async function writeAll(handle: FileHandle, chunks: Buffer[]): Promise<void> {
  for (let rest = chunks; rest.length > 0;) {
    const { bytesWritten } = await handle.writev(rest);
    rest = after(rest, bytesWritten);
  }
}

/** The pieces without what was written of them. */
function after(chunks: Buffer[], written: number): Buffer[] {
  let skipped = 0;
  let i = 0;
  for (; i < chunks.length && skipped + (chunks[i]?.length ?? 0) <= written; i++)
    skipped += chunks[i]?.length ?? 0;
  const [first, ...rest] = chunks.slice(i);
  return first ? [first.subarray(written - skipped), ...rest] : [];
}

/** Gives a file to a sink of the application. */
class SinkTarget implements Target {
  readonly #sink: FileSink;
  readonly #signal: AbortSignal;

  constructor(sink: FileSink, signal: AbortSignal) {
    this.#sink = sink;
    this.#signal = signal;
  }

  write(chunk: Buffer): Promise<void> | undefined {
    const taken = this.#sink.write(chunk);
    return isThenable(taken) ? unlessAborted(this.#signal, taken) : undefined;
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

  write(chunk: Buffer): Promise<void> | undefined {
    return this.#sink.write(chunk) ? undefined : this.#drained();
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

  async #drained(): Promise<void> {
    await Promise.race([once(this.#sink, 'drain', { signal: this.#signal }), this.#finished]);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
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
