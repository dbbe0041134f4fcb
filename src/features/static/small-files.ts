/** Small files as they were when they were last read, kept as long as nothing says that they have changed. */
import type { Stats } from 'node:fs';
import { type ConfinedFolder, copyOf, Headers, Response } from '../../kit.js';

/** A file of a folder, open for reading. */
export type OpenedFile = ReturnType<ConfinedFolder['open']>;

/** A small file, and what it is answered with. */
interface SmallFile {
  readonly key: string;
  /** As they were before it was read. */
  readonly stats: Stats;
  readonly content: Uint8Array;
  /** Content-Type and validators among them. */
  readonly headers: Headers;
  readonly readAt: number;
}

/** Milliseconds after which a file is opened anew, since a folder above it may have been moved away. */
const TRUST = 1000;
/** Milliseconds within which two changes may have the same time in some file systems. */
const TICK = 2000;
/** What a kept file costs besides its content. */
const OVERHEAD = 1024;

/**
 * The files used last, up to a number of bytes. Whether one is still the same is decided with each request by all that
 * the file system knows: device, inode, size, and the times of its last modification and change.
 */
export class SmallFiles {
  readonly #limit: number;
  readonly #files = new Map<string, SmallFile>();
  #bytes = 0;

  /** @param limit in bytes; 0 to keep nothing */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Answers with the file if it is the one that these are the stats of. */
  get(key: string, stats: Stats): Response | undefined {
    const file = this.#files.get(key);
    if (!file) return undefined;
    if (!isFresh(file, stats)) {
      this.#forget(file);
      return undefined;
    }
    this.#files.delete(key);
    this.#files.set(file.key, file);
    // Another one for each request, since those behind may change it.
    return new Response(file.content, { contentType: '', headers: file.headers });
  }

  /** Keeps a small file, unless it is so young that it may change unseen. */
  add(key: string, { stats, content }: OpenedFile, headers: Headers): void {
    const readAt = Date.now();
    if (!(content instanceof Uint8Array) || readAt - Math.max(stats.mtimeMs, stats.ctimeMs) < TICK) return;
    if (costOf(content) > this.#limit) return;
    this.#keep({
      key: copyOf(key),
      stats,
      content: ownBytes(content),
      headers: new Headers(headers),
      readAt,
    });
  }

  #keep(file: SmallFile): void {
    const old = this.#files.get(file.key);
    if (old) this.#forget(old);
    this.#files.set(file.key, file);
    this.#bytes += costOf(file.content);
    for (const each of this.#files.values()) {
      if (this.#bytes <= this.#limit) break;
      this.#forget(each);
    }
  }

  #forget({ key, content }: SmallFile): void {
    this.#files.delete(key);
    this.#bytes -= costOf(content);
  }
}

function costOf(content: Uint8Array): number {
  return content.byteLength + OVERHEAD;
}

/** A short buffer is a slice of a pool, and would keep all of that in memory. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

function isFresh({ stats: a, readAt }: SmallFile, b: Stats): boolean {
  return (
    a.ino === b.ino &&
    a.dev === b.dev &&
    a.size === b.size &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    Math.abs(Date.now() - readAt) < TRUST
  );
}
