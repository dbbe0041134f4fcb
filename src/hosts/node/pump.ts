/** Sends a stream no faster than the client reads it, and no faster than the other requests can bear. */
import type { ServerResponse } from 'node:http';
import { FileStream } from '../../files/file-stream.js';
import { DeclaredLength } from '../../message/declared-length.js';
import { toBytes, type ChunkStream } from '../../message/response.js';

/** Milliseconds after which a stream that always has more to give lets the others have their turn. */
const TURN = 5;

/** Buffers that files are read into: each is handed to the system before it is filled again. */
const FILE_CHUNK = 128 * 1024;
const MAX_IDLE_BUFFERS = 8;
const idle: Buffer[] = [];

/**
 * Writes every chunk; the stream is let go of when the client leaves.
 * @param length bytes that were declared
 * @throws TypeError for a chunk that is neither text nor bytes; Error when the stream does not keep to its length
 */
export function pump(
  stream: ChunkStream,
  outgoing: ServerResponse,
  length: number | undefined,
): Promise<void> {
  const file = FileStream.brand in stream ? (stream as FileStream) : undefined;
  return file && file.length === length ? pumpFile(file, outgoing) : pumpChunks(stream, outgoing, length);
}

async function pumpChunks(
  stream: ChunkStream,
  outgoing: ServerResponse,
  length: number | undefined,
): Promise<void> {
  // The head at once; flushHeaders() would encode it as UTF-8.
  if (Symbol.asyncIterator in stream) outgoing.write('', 'latin1');
  const declared = new DeclaredLength(length);
  let turnEnds = performance.now() + TURN;
  for await (const chunk of stream) {
    if (isGone(outgoing)) return;
    const bytes = toBytes(chunk);
    declared.add(bytes);
    if (bytes.byteLength > 0 && !outgoing.write(bytes)) await writable(outgoing);
    // A client that reads at once never lets the writes above wait for the event loop.
    if (performance.now() > turnEnds) {
      await new Promise((resolve) => setImmediate(resolve));
      turnEnds = performance.now() + TURN;
    }
    if (isGone(outgoing)) return;
  }
  declared.end();
}

async function pumpFile(stream: FileStream, outgoing: ServerResponse): Promise<void> {
  const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(FILE_CHUNK);
  let isFree = true;
  try {
    for (let position = stream.start; position < stream.end;) {
      const count = await stream.readInto(buffer, position);
      if (isGone(outgoing)) return;
      position += count;
      isFree = await written(outgoing, buffer.subarray(0, count));
      if (!isFree) return;
    }
  } finally {
    stream.destroy();
    if (isFree && idle.length < MAX_IDLE_BUFFERS) idle.push(buffer);
  }
}

/** Waits until the system has taken the bytes. @returns whether it has; else they may still be needed */
function written(outgoing: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const onClose = (): void => {
      resolve(false);
    };
    outgoing.once('close', onClose);
    outgoing.write(bytes, (error) => {
      outgoing.off('close', onClose);
      resolve(!error);
    });
  });
}

function isGone(outgoing: ServerResponse): boolean {
  return outgoing.destroyed;
}

/** Waits until more can be written, or the client is gone. */
function writable(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.on('drain', done);
    outgoing.on('close', done);
  });
}
