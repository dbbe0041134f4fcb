/** A stream that breaks off when it gives more than it may. */
import { Transform, type Readable } from 'node:stream';
import { ContentTooLarge } from '../http/errors.js';
import { stopReading } from './half-read.js';

/** The same bytes, at most `limit` of them; then it fails with HttpError 413. */
export function limitedStream(source: Readable, limit: number): Readable {
  let size = 0;
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      const error = size > limit ? new ContentTooLarge(limit) : null;
      if (error) stopReading(source, error);
      done(error, chunk);
    },
  });
  // A request must outlive its body: it has to be answered.
  source.on('error', (error) => limited.destroy(error));
  source.on('close', () => {
    if (!source.readableEnded) limited.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  });
  // As with a request of node:http, a failure is only for those who listen for it.
  limited.on('error', () => undefined);
  return source.pipe(limited);
}
