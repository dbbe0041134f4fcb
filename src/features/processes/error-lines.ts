/** What a program writes to its standard error, as lines for a log. */
import type { Readable } from 'node:stream';

/** Bytes that are kept of all lines together; the rest is read, so that the program can go on, and forgotten. */
const MAX_BYTES = 64 * 1024;
/** Characters of one line. */
const MAX_LINE = 2_000;

/** Bytes as lines: those that end with a line feed, and what is left at the end. */
export class ErrorLines {
  readonly #take: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = '';
  #bytes = 0;

  /** @param take called with at most 2,000 characters of a line, without its end, and no more after 64 KiB */
  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    const kept = chunk.subarray(0, Math.max(0, MAX_BYTES - this.#bytes));
    this.#bytes += kept.length;
    const lines = (this.#rest + this.#decoder.decode(kept, { stream: true })).split('\n');
    // Of a line without an end no more is kept than is handed out.
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE + 1);
    for (const line of lines) this.#takeLine(line);
  }

  end(): void {
    this.#takeLine(this.#rest);
    if (this.#bytes === MAX_BYTES) this.#take('… and more, which is left out');
  }

  #takeLine(line: string): void {
    const text = line.trimEnd();
    if (text !== '') this.#take(text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text);
  }
}

/** Hands out the lines of a stream, as {@link ErrorLines} does. */
export function readErrorLines(stream: Readable, take: (line: string) => void): void {
  const lines = new ErrorLines(take);
  stream.on('data', (chunk: Buffer) => {
    lines.push(chunk);
  });
  stream.once('close', () => {
    lines.end();
  });
}
