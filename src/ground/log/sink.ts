/** Where lines go: to the standard error stream, a file, or anything that can be written to. */
import { openSync, writeSync } from 'node:fs';
import { ObolError } from '../errors.js';

/** Takes lines, each with its end. Throws nothing. */
export type Sink = (text: string) => void;

/** Only the owner writes a log, and only the owner and the group read it. */
const MODE = 0o640;
export const STANDARD_ERROR = 2;

/** The console waits for a pipe that is full, and ignores what cannot be written at all. */
const last: Pick<Console, 'error'> = console;

/** Lines are written whole, before the program goes on, so that a crash loses none of them. */
export function descriptorSink(descriptor: number): Sink {
  return (text) => {
    let rest: Buffer | undefined;
    try {
      const written = writeSync(descriptor, text);
      if (written < Buffer.byteLength(text)) rest = Buffer.from(text).subarray(written);
      while (rest && rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
    } catch {
      // A pipe that is full, or a disk: the console waits for the one, and shows what the other has no room for.
      last.error((rest ? rest.toString() : text).trimEnd());
    }
  };
}

export const standardError: Sink = descriptorSink(STANDARD_ERROR);

/** What lines can be written to. */
export interface LogStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export function streamSink(stream: LogStream): Sink {
  return (text) => {
    try {
      stream.write(text);
    } catch {
      standardError(text);
    }
  };
}

/** Adds to a file, which is made where it is not there. @throws ObolError E_SETTING when it cannot be opened */
export function fileSink(file: string | URL): Sink {
  try {
    return descriptorSink(openSync(file, 'a', MODE));
  } catch (cause) {
    const why = (cause as Error).message;
    throw new ObolError(
      'E_SETTING',
      `logger: file: it cannot be written to: ${why}. Name a file in a folder that is there.`,
      {
        cause,
      },
    );
  }
}
