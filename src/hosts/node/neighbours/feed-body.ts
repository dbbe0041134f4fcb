/** The body of a request for middleware that reads it, and for the handlers behind that. */
import type { IncomingMessage } from 'node:http';
import { whyNotWhole } from '../../../body/half-read.js';
import type { Request } from '../../../message/request.js';

/** Bodies that declare no more bytes are read whole, so that all who ask have them. */
const READ_WHOLE = 1024 * 1024;

/** Gives the body to the message as soon as it is read. */
export function feedBody(incoming: IncomingMessage, request: Request): void {
  if (!request.hasBody) {
    end(incoming);
    return;
  }
  let resume: (() => void) | undefined;
  incoming._read = () => {
    if (resume) resume();
    else resume = beginOrFail(incoming, request);
  };
}

/** A body that is too long, or that another reader has had, is an error for who reads it. */
function beginOrFail(incoming: IncomingMessage, request: Request): () => void {
  try {
    return begin(incoming, request);
  } catch (error) {
    incoming.destroy(error as Error);
    return nothingMore;
  }
}

/** @returns a function that asks for more */
function begin(incoming: IncomingMessage, request: Request): () => void {
  const { contentLength } = request;
  if (contentLength < 0 || contentLength > READ_WHOLE) return stream(incoming, request);
  request.readBytes(READ_WHOLE).then(
    (bytes) => {
      incoming.push(bytes);
      end(incoming);
    },
    (error: unknown) => incoming.destroy(error as Error),
  );
  return nothingMore;
}

function stream(incoming: IncomingMessage, request: Request): () => void {
  const body = request.stream;
  // Handed out before, and read to its end.
  if (!body.readable) throw whyNotWhole(body);
  body.on('data', (chunk: Buffer) => {
    if (!incoming.push(chunk)) body.pause();
  });
  body.on('end', () => {
    end(incoming);
  });
  body.on('error', (error) => incoming.destroy(error));
  body.on('close', () => {
    if (!body.readableEnded) incoming.destroy();
  });
  return () => body.resume();
}

function end(incoming: IncomingMessage): void {
  incoming.complete = true;
  incoming.push(null);
}

function nothingMore(): void {
  // All there is was asked for.
}
