/** The content codings that this Node can make: at once, beside the event loop, and as a stream. */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** A content coding as Accept-Encoding names it; `deflate` is the zlib format (RFC 9110 8.4.1.2). */
export type Coding = 'br' | 'gzip' | 'deflate' | 'zstd';

/** Levels that a coding knows, and the one it is used with by default. */
export interface Levels {
  readonly least: number;
  readonly most: number;
  readonly usual: number;
}

export const LEVELS: Readonly<Record<Coding, Levels>> = {
  br: { least: 0, most: 11, usual: 4 },
  gzip: { least: 0, most: 9, usual: 6 },
  deflate: { least: 0, most: 9, usual: 6 },
  zstd: { least: 1, most: 22, usual: 3 },
};

/** Encodes at one level. */
export interface Encoder {
  readonly coding: Coding;
  /** What to call `flush` of a stream with, to have all that was written so far come out. */
  readonly flushKind: number;
  encodeSync(content: Uint8Array): Buffer;
  encode(content: Uint8Array): Promise<Buffer>;
  /** @param flushes whether each chunk has to come out at once */
  stream(flushes: boolean): CodingStream;
  /** What to send for the first bytes that come out of a stream. */
  opening(first: Buffer): Buffer;
}

/** A stream of node:zlib. */
export interface CodingStream extends Transform {
  flush(kind: number): void;
}

type Settings = zlib.ZlibOptions & zlib.BrotliOptions;
type Done = (error: Error | null, encoded: Buffer) => void;

/** The three ways of node:zlib to one coding. */
interface Api {
  sync(content: Uint8Array, settings: Settings): Buffer;
  async(content: Uint8Array, settings: Settings, done: Done): void;
  stream(settings: Settings): CodingStream;
}

/** There since Node 22.15; the declarations of Node 20 do not know them. */
interface ZstdApi {
  zstdCompressSync?: Api['sync'];
  zstdCompress?: Api['async'];
  createZstdCompress?: Api['stream'];
  constants: { ZSTD_c_compressionLevel?: number; ZSTD_e_flush?: number };
}

const { constants } = zlib;
const { zstdCompressSync, zstdCompress, createZstdCompress, constants: forZstd } = zlib as unknown as ZstdApi;

const APIS: Readonly<Partial<Record<Coding, Api>>> = {
  br: { sync: zlib.brotliCompressSync, async: zlib.brotliCompress, stream: zlib.createBrotliCompress },
  gzip: { sync: zlib.gzipSync, async: zlib.gzip, stream: zlib.createGzip },
  deflate: { sync: zlib.deflateSync, async: zlib.deflate, stream: zlib.createDeflate },
  ...(zstdCompressSync && zstdCompress && createZstdCompress
    ? { zstd: { sync: zstdCompressSync, async: zstdCompress, stream: createZstdCompress } }
    : {}),
};

/**
 * How far brotli looks back in a stream, as a power of two: 128 KiB, and with it 1 MiB of memory where it would take 8 for
 * nothing (measured on 3 MB of JSON). There may be thousands of streams at a time.
 */
const BROTLI_WINDOW = 17;

/** Streams that flush live as long as their client stays: half the memory. */
const SMALL_ZLIB = { windowBits: 13, memLevel: 6 } as const;

/**
 * @param opening changes the first bytes of what was encoded
 * @returns undefined when this Node does not know the coding
 */
export function createEncoder(
  coding: Coding,
  level: number,
  opening: (first: Buffer) => Buffer = asItIs,
): Encoder | undefined {
  const api = APIS[coding];
  if (!api) return undefined;
  const flushKind = flushKindOf(coding);
  const settings = settingsOf(coding, level);
  const streaming = coding === 'br' ? settingsOf(coding, level, BROTLI_WINDOW) : settings;
  const isZlib = coding === 'gzip' || coding === 'deflate';
  const flushing = { ...streaming, ...(isZlib && SMALL_ZLIB), flush: flushKind };
  return {
    coding,
    flushKind,
    encodeSync: (content) => opening(api.sync(content, settings)),
    encode: (content) =>
      new Promise((resolve, reject) => {
        api.async(content, settings, (error, encoded) => {
          if (error) reject(error);
          else resolve(opening(encoded));
        });
      }),
    stream: (flushes) => api.stream(flushes ? flushing : streaming),
    opening,
  };
}

function asItIs(first: Buffer): Buffer {
  return first;
}

function settingsOf(coding: Coding, level: number, brotliWindow?: number): Settings {
  if (coding === 'zstd') return { params: { [forZstd.ZSTD_c_compressionLevel ?? 0]: level } };
  if (coding !== 'br') return { level };
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_DEFAULT_WINDOW } = constants;
  return {
    params: { [BROTLI_PARAM_QUALITY]: level, [BROTLI_PARAM_LGWIN]: brotliWindow ?? BROTLI_DEFAULT_WINDOW },
  };
}

function flushKindOf(coding: Coding): number {
  if (coding === 'zstd') return forZstd.ZSTD_e_flush ?? 0;
  return coding === 'br' ? constants.BROTLI_OPERATION_FLUSH : constants.Z_SYNC_FLUSH;
}
