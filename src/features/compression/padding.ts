/** Gzip whose length says less of its content: a comment of random length in its header (RFC 1952 2.3.1). */
import { randomInt } from 'node:crypto';

const HEADER_LENGTH = 10;
const FLAGS = 3;
const HAS_COMMENT = 0x10;

/** Bytes of the longest comment, its end included. */
export const MAX_PADDING = 64;

/** The same gzip, 1 to 64 bytes longer. @param first its bytes, or the first of them, the whole header included */
export function padGzip(first: Buffer): Buffer {
  const header = Buffer.from(first.subarray(0, HEADER_LENGTH));
  header[FLAGS] = (header[FLAGS] ?? 0) | HAS_COMMENT;
  const comment = Buffer.alloc(randomInt(MAX_PADDING) + 1, 'x');
  comment[comment.length - 1] = 0;
  return Buffer.concat([header, comment, first.subarray(HEADER_LENGTH)]);
}
