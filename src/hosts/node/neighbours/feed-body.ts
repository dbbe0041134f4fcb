/** The body of a request for middleware that reads it, and for the handlers behind that. */
import type { IncomingMessage } from 'node:http';
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
    else resume = begin(incoming, request);
  };
}

/** @returns a function that asks for more */
function begin(incoming: IncomingMessage, request: Request): () => void {
  const { contentLength } = request;
  try {
    if (contentLength < 0 || contentLength > READ_WHOLE) return stream(incoming, request);
  } catch (error) {
    incoming.destroy(error as Error);
  }
  request.readBytes(READ_WHOLE).then(
    (bytes) => {
      incoming.push(bytes);
      end(incoming);
    },
    (error: unknown) => incoming.destroy(error as Error),
  );
  return () => undefined;
}

function stream(incoming: IncomingMessage, request: Request): () => void {
  const body = request.stream;
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
