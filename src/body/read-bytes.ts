/** Reads a whole body into memory, within a limit counted on the bytes that arrive. */
import type { Readable } from 'node:stream';
import { ContentTooLarge, HttpError } from '../http/http-error.js';

/**
 * Collects a body. The stream is left where it stands when the limit is passed; the host ends the connection.
 * @throws HttpError 413 over the limit, 400 when the client leaves before the end
 */
export function readBytes(stream: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let size = 0;
    const settle = (error?: Error): void => {
      stream.off('data', onData);
      stream.off('end', onEnd);
      stream.off('close', onCut);
      stream.off('error', onCut);
      if (error) {
        stream.pause();
        // A cut connection may report itself again; nobody listens to this stream any more.
        stream.on('error', ignore);
        reject(error);
      } else resolve(more ? Buffer.concat(more, size) : (first ?? EMPTY));
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) settle(new ContentTooLarge(limit));
      else if (!first) first = chunk;
      else if (more) more.push(chunk);
      else more = [first, chunk];
    };
    const onEnd = (): void => {
      settle();
    };
    const onCut = (): void => {
      settle(new HttpError(400, 'The body ended before it was complete'));
    };
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('close', onCut);
    stream.on('error', onCut);
  });
}

const EMPTY = Buffer.alloc(0);

function ignore(): void {
  // on purpose
}
