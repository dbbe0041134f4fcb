/** The body of a request as a script reads it: with its true length, so that one in chunks waits on disk first. */
import { randomBytes } from 'node:crypto';
import { open, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { HttpError, type Request } from '../../kit.js';

/** What a script reads. */
export interface ScriptInput {
  /** Bytes; undefined where the request has no body. */
  readonly length: number | undefined;
  /** A stream, or the descriptor of a file; undefined for nothing. */
  readonly source: Readable | number | undefined;
  /** The same as a stream, for what has no descriptors: not read to its end, it is closed with `close`. */
  stream(): Readable | undefined;
  /** To be called when the script has been started, or will not be; where the stream was taken, when that is wanted no more. */
  close(): Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

/** @throws HttpError 413 over `limit` bytes; 507 when the disk is full; 400 when the body ends early or was read in part */
export async function inputOf(request: Request, limit: number): Promise<ScriptInput> {
  if (!request.hasBody) return inputFrom(undefined, undefined);
  const length = request.data?.length ?? request.contentLength;
  if (length === 0) return inputFrom(length, undefined);
  const stream = request.readStream(limit);
  if (length > 0) return inputFrom(length, stream);
  const file = await spooled(stream);
  return {
    length: (await file.stat()).size,
    source: file.fd,
    stream: () => file.createReadStream(),
    close: () => file.close(),
  };
}

function inputFrom(length: number | undefined, source: Readable | undefined): ScriptInput {
  return { length, source, stream: () => source, close: nothing };
}

/** A file with all that a stream gives, open for reading and without a name, so that nothing of it can be left behind. */
async function spooled(stream: Readable): Promise<FileHandle> {
  const path = join(tmpdir(), `obol-cgi-${randomBytes(16).toString('hex')}`);
  const writer = await open(path, 'wx', 0o600);
  let reader: FileHandle | undefined;
  try {
    try {
      reader = await open(path, 'r');
    } finally {
      await unlink(path);
    }
    await writeFile(writer, stream);
    return reader;
  } catch (error) {
    await reader?.close();
    throw isDiskFull(error) ? new HttpError(507, 'There is no room for the body', { cause: error }) : error;
  } finally {
    await writer.close();
  }
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
