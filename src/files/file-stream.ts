/** The bytes of an open file as a body: read by position, so that any part of it can be sent. */
import { closeSync, read } from 'node:fs';
import { brand } from '../ground/brand.js';

/** What one read takes for those who keep what they get. */
const CHUNK = 64 * 1024;

/** Descriptors of responses that were made and never sent. */
const forgotten = new FinalizationRegistry<number>(closeQuietly);

/** An open file that is closed once, and never while it is read. */
export class OpenDescriptor {
  readonly #fd: number;
  readonly #release: (() => unknown) | undefined;
  #reads = 0;
  #isClosing = false;

  /** @param release closes the descriptor; default `close` */
  constructor(fd: number, release?: () => unknown) {
    this.#fd = fd;
    this.#release = release;
    if (!release) forgotten.register(this, fd, this);
  }

  /** Reads into the beginning of a buffer. @returns how many bytes; 0 at the end of the file */
  read(buffer: Uint8Array, length: number, position: number): Promise<number> {
    if (this.#isClosing) return Promise.reject(new Error('The file was closed'));
    this.#reads++;
    return new Promise((resolve, reject) => {
      read(this.#fd, buffer, 0, length, position, (error, count) => {
        this.#reads--;
        // A descriptor that is closed under a read may be another file by then.
        if (this.#isClosing && this.#reads === 0) this.#close();
        if (error) reject(error);
        else resolve(count);
      });
    });
  }

  /** Closes it, at the latest when the reads under way have ended. May be called again. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#reads === 0) this.#close();
  }

  #close(): void {
    if (this.#release) {
      this.#release();
      return;
    }
    forgotten.unregister(this);
    closeQuietly(this.#fd);
  }
}

/** A descriptor that the application gave may be closed already, which is no failure. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It is closed, and that is what was wanted.
  }
}

/** From one position of a file to another. A reader that comes to the end, or leaves, closes the file. */
export class FileStream implements AsyncIterable<Uint8Array> {
  static readonly brand = brand(this, 'FileStream');

  readonly #file: OpenDescriptor;
  /** Of the first byte. */
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;

  constructor(file: OpenDescriptor, start: number, end: number) {
    this.#file = file;
    this.start = start;
    this.end = end;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** A part of it, in positions of this stream, the last one not included. Both close the same file. */
  slice(start: number, end: number): FileStream {
    return new FileStream(this.#file, this.start + start, this.start + end);
  }

  /**
   * For hosts that use one buffer again and again.
   * @param position in the file
   * @throws Error when the file has become shorter than it was
   */
  async readInto(buffer: Uint8Array, position: number): Promise<number> {
    const count = await this.#file.read(buffer, Math.min(buffer.byteLength, this.end - position), position);
    if (count > 0) return count;
    throw new Error(
      `The file ended at ${String(position)}; it had ${String(this.end)} bytes when it was opened`,
    );
  }

  /** Chunks that belong to the one who gets them. The file stays open. */
  async *read(): AsyncGenerator<Uint8Array> {
    for (let position = this.start; position < this.end;) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, this.end - position));
      const count = await this.readInto(buffer, position);
      position += count;
      yield buffer.subarray(0, count);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.read();
    } finally {
      this.destroy();
    }
  }

  /** Lets go of the file. */
  destroy(): void {
    this.#file.close();
  }
}
