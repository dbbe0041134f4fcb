/** Takes content out of its coding, as a client does. */
import * as zlib from 'node:zlib';

/** There since Node 22.15; the declarations of Node 20 do not know it. */
interface Zstd {
  readonly zstdDecompressSync?: (bytes: Uint8Array) => Buffer;
}

const { zstdDecompressSync } = zlib as unknown as Zstd;

/** Whether this Node knows zstd. */
export const HAS_ZSTD = zstdDecompressSync !== undefined;

/** The text within; content without a coding is text as it is. */
export function decoded(bytes: Uint8Array, coding: string | undefined): string {
  switch (coding) {
    case 'br':
      return zlib.brotliDecompressSync(bytes).toString();
    case 'gzip':
      return zlib.gunzipSync(bytes).toString();
    case 'deflate':
      return zlib.inflateSync(bytes).toString();
    case 'zstd':
      return zstdDecompressSync?.(bytes).toString() ?? '';
    default:
      return Buffer.from(bytes).toString();
  }
}
