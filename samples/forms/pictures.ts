/** Keeps uploaded pictures in memory for a while, so that their thumbnails can be shown. */
import { randomUUID } from 'node:crypto';
import type { UploadedFile } from 'obol';

/** A picture, and the type that its own first bytes show. */
export interface Picture {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Formats that hold pictures and nothing else: no SVG, which may hold scripts. */
const FORMATS: readonly (readonly [string, RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF....WEBP/s],
];

/** At most so many pictures, of so many bytes each and in all; the oldest go first. */
export class Pictures {
  readonly #limits: { readonly count: number; readonly size: number; readonly total: number };
  readonly #pictures = new Map<string, Picture>();
  #bytes = 0;

  constructor(limits: { readonly count: number; readonly size: number; readonly total: number }) {
    this.#limits = limits;
  }

  get(id: string): Picture | undefined {
    return this.#pictures.get(id);
  }

  /** The URL under which the file can be seen; undefined when it is no picture, or too large to keep. */
  async keep(file: UploadedFile): Promise<string | undefined> {
    if (file.length > this.#limits.size) return undefined;
    const bytes = await file.bytes();
    const start = bytes.toString('latin1', 0, 16);
    // What the client says of the type is not believed.
    const type = FORMATS.find(([, pattern]) => pattern.test(start))?.[0];
    if (type === undefined) return undefined;
    const id = randomUUID();
    this.#pictures.set(id, { type, bytes });
    this.#bytes += bytes.length;
    this.#dropOldest();
    return `/pictures/${id}`;
  }

  #dropOldest(): void {
    for (const [id, { bytes }] of this.#pictures) {
      if (this.#pictures.size <= this.#limits.count && this.#bytes <= this.#limits.total) return;
      this.#pictures.delete(id);
      this.#bytes -= bytes.length;
    }
  }
}
