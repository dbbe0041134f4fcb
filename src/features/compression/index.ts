/** `obol/compression`: content in the coding that the client likes best. */
export { compression } from './compression.js';
export type { CompressionOptions } from './options.js';
export { isCompressible, type CompressibleTypes } from './compressible.js';
export type { Coding } from './codings.js';
