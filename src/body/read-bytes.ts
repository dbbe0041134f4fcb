/** Reads a whole body into memory, within a limit counted on the bytes that arrive. */
import type { Readable } from 'node:stream';
import { CurrentRequest } from '../ground/current-request.js';
import { ContentTooLarge } from '../http/errors.js';
import { stopReading, whyNotWhole } from './half-read.js';

/**
 * Collects a body. The stream is left where it stands when the limit is passed; the host ends the connection.
 * @throws HttpError 413 over the limit, 400 when the client leaves before the end; what ended the reading before this one
 */
export function readBytesThen<T>(
  stream: Readable,
  limit: number,
  next: (bytes: Buffer) => T | Promise<T>,
): Promise<T> {
  if (!stream.readable || stream.readableDidRead) return Promise.reject(whyNotWhole(stream));
  // The end of a stream is an event of the connection, which knows nothing of the request.
  const goOn = CurrentRequest.bind(next);
  return new Promise((resolve, reject) => {
    let first: Buffer = EMPTY;
    let more: Buffer[] | undefined;
    let size = 0;
    let over = false;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) fail(new ContentTooLarge(limit));
      else if (size === chunk.length) first = chunk;
      else (more ??= [first]).push(chunk);
    };
    const fail = (error: Error): void => {
      over = true;
      stopReading(stream.off('data', onData), error);
      reject(error);
    };
    // The listeners stay: taking them off would cost more than asking whether it is over.
    const onCut = (): void => {
      if (!over) fail(whyNotWhole(stream));
    };
    stream.on('data', onData);
    stream.on('end', () => {
      // A stream that was stopped at its last byte ends all the same.
      if (over) return;
      over = true;
      try {
        resolve(goOn(more ? Buffer.concat(more, size) : first));
      } catch (error) {
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever was thrown goes on as it is
        reject(error);
      }
    });
    stream.on('close', onCut);
    stream.on('error', onCut);
  });
}

const EMPTY = Buffer.alloc(0);
