/** Where the content of a file goes that does not stay in memory: to disk, or into a sink of the application. */
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { openSpoolFile, removeSpoolFile } from './spool.js';

/** Takes a file piece by piece, where the application wants it: its own storage, a hash, a stream. */
export interface FileSink {
  /** The next piece. A promise, or `false` with a `drain` event later as Node's writables do, holds the client back. */
  write(chunk: Buffer): unknown;
  /** The file is complete. */
  end?(): unknown;
  /** The file is not wanted: the client left, or broke a limit, maybe with a later part when this one was complete. */
  destroy?(error?: Error): unknown;
}

/** Where the content of a file ended up. */
export type FileContent =
  | { readonly kind: 'memory'; readonly bytes: Buffer }
  | { readonly kind: 'disk'; readonly path: string }
  | { readonly kind: 'sink'; readonly sink: FileSink };

/** One place that a file goes to. Either it is finished, or abandoned, which leaves nothing behind. */
export interface FileTarget {
  /** @returns what to wait for before the next piece comes; undefined when it may come at once */
  write(chunk: Buffer): Promise<void> | undefined;
  finish(): Promise<FileContent>;
  abandon(error: unknown): Promise<void>;
}

/** @param signal aborted when the sink is not waited for any more */
export function sinkTarget(sink: FileSink, signal: AbortSignal): FileTarget {
  return isWritable(sink) ? new WritableTarget(sink, signal) : new SinkTarget(sink, signal);
}

/** Node's writables emit events when they can take more, and when they fail. */
function isWritable(sink: FileSink): sink is FileSink & Writable {
  return 'writable' in sink && 'on' in sink && typeof sink.on === 'function';
}

/** Bytes that may wait for the disk before the client is held back. */
const MAX_WAITING = 512 * 1024;

/** Keeps a file on disk; pieces are written together, as the disk takes them. */
export class DiskTarget implements FileTarget {
  #chunks: Buffer[] = [];
  #waiting = 0;
  #file: { path: string; handle: FileHandle } | undefined;
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  write(chunk: Buffer): Promise<void> | undefined {
    if (this.#failure) throw this.#failure.error;
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    this.#writing ??= this.#writeAll();
    this.#writing.catch(ignore);
    return this.#waiting > MAX_WAITING ? this.#writing : undefined;
  }

  async finish(): Promise<FileContent> {
    await this.#writing;
    if (this.#failure) throw this.#failure.error;
    const { handle, path } = this.#file as { path: string; handle: FileHandle };
    await handle.close();
    return { kind: 'disk', path };
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

/** Writes pieces at the end of a file: one write may take less than it was given. */
export async function writeAll(handle: FileHandle, chunks: Buffer[]): Promise<void> {
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
class SinkTarget implements FileTarget {
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

  async finish(): Promise<FileContent> {
    await unlessAborted(this.#signal, this.#sink.end?.());
    return { kind: 'sink', sink: this.#sink };
  }

  async abandon(error: unknown): Promise<void> {
    try {
      await this.#sink.destroy?.(error instanceof Error ? error : undefined);
    } catch {
      // The error that brought us here is the one to report.
    }
  }
}

/** Gives a file to a stream of Node. */
class WritableTarget implements FileTarget {
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

  async finish(): Promise<FileContent> {
    this.#sink.end();
    await this.#finished;
    return { kind: 'sink', sink: this.#sink };
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
