/** What a program writes to its standard error, as lines for a log. */
import type { Readable } from 'node:stream';

/** Bytes that are kept of all lines together; the rest is read, so that the program can go on, and forgotten. */
const MAX_BYTES = 64 * 1024;
/** Characters of one line. */
const MAX_LINE = 2_000;

/**
 * Hands out each line without its end.
 * @param take called with at most 2,000 characters of a line, and no more after 64 KiB
 */
export function readErrorLines(stream: Readable, take: (line: string) => void): void {
  const decoder = new TextDecoder();
  let rest = '';
  let bytes = 0;
  const takeLine = (line: string): void => {
    const text = line.trimEnd();
    if (text !== '') take(text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text);
  };
  stream.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, Math.max(0, MAX_BYTES - bytes));
    bytes += kept.length;
    const lines = (rest + decoder.decode(kept, { stream: true })).split('\n');
    // Of a line without an end no more is kept than is handed out.
    rest = (lines.pop() ?? '').slice(0, MAX_LINE + 1);
    lines.forEach(takeLine);
  });
  stream.once('close', () => {
    takeLine(rest);
    if (bytes === MAX_BYTES) take('… and more, which is left out');
  });
}
