/** A body as a stream for handlers: it breaks off when it gives more than it may, and what becomes of it is nothing to the request. */
import { Readable } from 'node:stream';
import { ContentTooLarge } from '../http/errors.js';
import { leave, stopReading, whyNotWhole } from './half-read.js';

/**
 * The same bytes, at most `limit` of them; then it fails with HttpError 413. A request must outlive its body, since it has to be
 * answered: a loop that breaks off and a pipeline that fails destroy this stream, and leave the source where it stands.
 */
export function limitedStream(source: Readable, limit: number): Readable {
  let size = 0;
  let isReading = false;
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > limit) fail(new ContentTooLarge(limit));
    else if (!stream.push(chunk)) source.pause();
  };
  const end = (): void => void stream.push(null);
  const fail = (error: Error): void => {
    stream.destroy(error);
    if (error instanceof ContentTooLarge) stopReading(source, error);
  };
  const cut = (): void => {
    if (!source.readableEnded) fail(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  };
  const start = (): void => {
    isReading = source.readable && !source.readableDidRead;
    if (isReading) source.on('data', take).on('end', end);
    else fail(whyNotWhole(source));
  };
  const stream = new Readable({
    read() {
      if (isReading) source.resume();
      else start();
    },
    destroy(error, done) {
      source.off('data', take).off('end', end).off('error', fail).off('close', cut);
      if (isReading && !source.readableEnded) leave(source);
      done(error);
    },
  });
  source.on('error', fail).on('close', cut);
  // As with a request of node:http, a failure is only for those who listen for it.
  return stream.on('error', () => undefined);
}
