/** Files that are compressed already, beside the one that was asked for. */
import { negotiateEncoding } from '../../kit.js';

/** A content coding, and with it the ending of compressed files: `.br`, `.zst`, `.gz`. */
export type Precompressed = 'br' | 'zstd' | 'gzip';

export const ENDINGS: Readonly<Record<Precompressed, string>> = { br: '.br', zstd: '.zst', gzip: '.gz' };

/** Few clients differ in what they accept; longer headers are read each time. */
const MAX_REMEMBERED = 64;
const MAX_LENGTH = 256;

/** Puts the codings of a folder in the order in which a client likes them. */
export class Codings {
  readonly #offered: readonly Precompressed[];
  readonly #remembered = new Map<string, readonly Precompressed[]>();

  /** @param offered best first */
  constructor(offered: readonly Precompressed[]) {
    this.#offered = offered;
  }

  /** Those that the client likes better than the file as it is. @param header Accept-Encoding */
  likedBy(header: string | undefined): readonly Precompressed[] {
    if (header === undefined) return [];
    const remembered = this.#remembered.get(header);
    if (remembered) return remembered;
    const liked = this.#rank(header);
    if (header.length <= MAX_LENGTH && this.#remembered.size < MAX_REMEMBERED)
      this.#remembered.set(header, liked);
    return liked;
  }

  #rank(header: string): readonly Precompressed[] {
    const liked: Precompressed[] = [];
    let left = this.#offered;
    for (;;) {
      const best = negotiateEncoding(header, [...left, 'identity' as const]);
      if (best === undefined || best === 'identity') return liked;
      liked.push(best);
      left = left.filter((coding) => coding !== best);
    }
  }
}
