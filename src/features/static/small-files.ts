/** Small files as they were when they were last read, kept as long as nothing says that they have changed. */
import type { Stats } from 'node:fs';
import { Response } from '../../message/response.js';
import type { Headers } from '../../message/headers.js';

/** What a small file is answered with. */
export interface SmallFile {
  /** As they were before it was read. */
  readonly stats: Stats;
  readonly content: Uint8Array;
  /** Content-Type and validators among them. */
  readonly headers: Headers;
}

interface Kept extends SmallFile {
  readonly key: string;
  readonly readAt: number;
}

/** Milliseconds after which a file is opened anew, since a folder above it may have been moved away. */
const TRUST = 1000;
/** Milliseconds within which some file systems cannot tell two changes apart. */
const TICK = 2000;
/** What a kept file costs besides its content. */
const OVERHEAD = 1024;

/**
 * The files used last, up to a number of bytes. Whether one is still the same is decided with each request by all that
 * the file system knows: device, inode, size, and the times of its last modification and change.
 */
export class SmallFiles {
  readonly #limit: number;
  readonly #files = new Map<string, Kept>();
  #bytes = 0;

  /** @param limit in bytes; 0 to keep nothing */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether anything is kept under the key. */
  has(key: string): boolean {
    return this.#files.has(key);
  }

  /** The file if it is the one that these are the stats of. */
  get(key: string, stats: Stats): Kept | undefined {
    const kept = this.#files.get(key);
    if (!kept) return undefined;
    this.#files.delete(key);
    if (isSame(kept.stats, stats) && Math.abs(Date.now() - kept.readAt) < TRUST) {
      this.#files.set(key, kept);
      return kept;
    }
    this.#bytes -= costOf(kept);
    return undefined;
  }

  /** Keeps a file, unless it is so young that it may change unseen. */
  add(key: string, file: SmallFile): void {
    const readAt = Date.now();
    const { mtimeMs, ctimeMs } = file.stats;
    const cost = costOf(file);
    if (readAt - Math.max(mtimeMs, ctimeMs) < TICK || cost > this.#limit) return;
    const old = this.#files.get(key);
    if (old) this.#forget(old);
    this.#files.set(key, { ...file, key, readAt });
    this.#bytes += cost;
    for (const kept of this.#files.values()) {
      if (this.#bytes <= this.#limit) break;
      this.#forget(kept);
    }
  }

  #forget(kept: Kept): void {
    this.#files.delete(kept.key);
    this.#bytes -= costOf(kept);
  }
}

/** A response of its own for each request, since those behind may change it. */
export function respondWith({ content, headers }: SmallFile): Response {
  const response = new Response(content, { contentType: '' });
  const { flat } = headers;
  // One by one they cost a quarter: nothing is there yet that could be there twice.
  for (let i = 0; i < flat.length; i += 2) response.headers.append(flat[i] ?? '', flat[i + 1] ?? '');
  return response;
}

function costOf({ content }: SmallFile): number {
  return content.byteLength + OVERHEAD;
}

function isSame(a: Stats, b: Stats): boolean {
  return (
    a.ino === b.ino &&
    a.dev === b.dev &&
    a.size === b.size &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs
  );
}
