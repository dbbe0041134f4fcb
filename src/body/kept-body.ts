/** A body for several readers, one after the other: each has it from its beginning, and nothing is read before a reader asks. */
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { writeAll } from './file-targets.js';
import { stopReading } from './half-read.js';
import { openSpoolFile, removeSpoolFile } from './spool.js';

/** Keeps what readers have had of a body. */
export class KeptBody {
  readonly #open: () => Readable;
  readonly #kept = new KeptBytes();
  #source: Readable | undefined;
  #chunks: AsyncIterator<Buffer> | undefined;
  /** The chunk that is being read. */
  #reading: Promise<Buffer | undefined> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #reader: Readable | undefined;

  /** @param open called when the first reader asks for a byte; what it throws, and what its stream fails with, all readers get */
  constructor(open: () => Readable) {
    this.#open = open;
  }

  /** Ends the reader there is. @returns whether no reader has asked for a byte, so that the body is as it came */
  endUntouched(): boolean {
    this.#reader?.destroy();
    return this.#source === undefined && this.#failure === undefined;
  }

  /** A stream of the whole body; the one before it ends. @param isLast whether no other comes, so that nothing it reads has to be kept */
  reader(isLast: boolean): Readable {
    this.#reader?.destroy();
    let at = 0;
    const read = (): void => {
      this.#after(at, !isLast).then(
        (chunk) => {
          at += chunk?.length ?? 0;
          stream.push(chunk ?? null);
        },
        (error: unknown) => {
          if (!isCut(error)) stopReading(stream, error);
          stream.destroy(error as Error);
        },
      );
    };
    const stream = new Readable({ read });
    // As with a request of node:http, a failure is only for those who listen for it.
    return (this.#reader = stream.on('error', () => undefined));
  }

  /** The request is over: nothing is left behind, and the rest of the body need not be read. */
  async dispose(): Promise<void> {
    await this.#kept.dispose();
    await this.#chunks?.return?.().catch(() => undefined);
    this.#source?.resume();
  }

  /** What follows so many bytes; undefined at the end. */
  async #after(at: number, keeps: boolean): Promise<Buffer | undefined> {
    // Of the reader before, which leaves its chunk for this one.
    await this.#reading;
    if (at < this.#kept.size) return this.#kept.read(at);
    this.#reading = this.#readOn(keeps);
    return this.#reading;
  }

  async #readOn(keeps: boolean): Promise<Buffer | undefined> {
    if (this.#failure) throw this.#failure.error;
    try {
      this.#source ??= this.#open();
      // A request must outlive its body: it has to be answered.
      this.#chunks ??= this.#source.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      if (keeps) await this.#kept.add(next.value);
      return next.value;
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#reading = undefined;
    }
  }
}

/** Whether the client has left, which is no reason of ours. */
function isCut(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** Up to how many bytes are kept in memory. */
const MEMORY = 64 * 1024;

/** Bytes that grow at their end: in memory, and when there are many, in a file that has no name. */
class KeptBytes {
  #memory = Buffer.alloc(0);
  #file: FileHandle | undefined;
  #size = 0;
  #isDisposed = false;

  get size(): number {
    return this.#size;
  }

  async add(chunk: Buffer): Promise<void> {
    if (this.#file) await writeAll(this.#file, [chunk]);
    else if (this.#size + chunk.length > MEMORY) await this.#spool(chunk);
    else this.#remember(chunk);
    this.#size += chunk.length;
  }

  /** Some of what follows so many bytes. */
  async read(at: number): Promise<Buffer> {
    // What a reader does to its bytes is not for the next one.
    if (!this.#file) return Buffer.from(this.#memory.subarray(at, this.#size));
    const { buffer, bytesRead } = await this.#file.read(Buffer.allocUnsafe(MEMORY), 0, MEMORY, at);
    return buffer.subarray(0, bytesRead);
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#file?.close();
  }

  #remember(chunk: Buffer): void {
    const size = this.#size + chunk.length;
    if (size > this.#memory.length) {
      const grown = Buffer.allocUnsafe(Math.min(MEMORY, Math.max(size, 2 * this.#memory.length)));
      this.#memory.copy(grown, 0, 0, this.#size);
      this.#memory = grown;
    }
    chunk.copy(this.#memory, this.#size);
  }

  async #spool(chunk: Buffer): Promise<void> {
    const { path, handle } = await openSpoolFile();
    // Open it lives on, and when the process ends, however that is, nothing is left.
    await removeSpoolFile(path);
    if (this.#isDisposed) return handle.close();
    this.#file = handle;
    await writeAll(handle, [this.#memory.subarray(0, this.#size), chunk]);
    this.#memory = Buffer.alloc(0);
  }
}
