/** Bodies that a reader has begun and left: what remains of one must not pass for the whole. */
import type { Readable } from 'node:stream';
import { HttpError } from '../http/http-error.js';

const failures = new WeakMap<Readable, Error>();

/** Stops a stream where it stands; every later reader gets the same error. The host ends the connection. */
export function stopReading(stream: Readable, error: unknown): void {
  if (error instanceof Error) failures.set(stream, error);
  leave(stream);
}

/** Takes no more of a stream, unless another one reads it at the same time. */
export function leave(stream: Readable): void {
  if (stream.listenerCount('data') === 0) stream.pause();
  else stream.resume();
}

/** Why the bytes of a stream cannot be had whole any more. */
export function whyNotWhole(stream: Readable): Error {
  return failures.get(stream) ?? incomplete();
}

/** For a client that left before the end, and for bytes that another reader has taken. */
export function incomplete(): HttpError {
  return new HttpError(400, 'The body ended before it was complete');
}
