/** What a server has said before it closed, in the midst of a body that it does not want, is read all the same (RFC 9112 9.6). */
import type { Socket } from 'node:net';

/** What a stream is written by: the last argument is called when it is done, or cannot be. */
type Write = (...args: unknown[]) => void;
type Done = (error?: Error | null) => void;

const CLOSED: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE']);

/** A connection whose failure to write comes to light when there is nothing more to read. */
export function readFirst(socket: Socket): Socket {
  const own = socket as unknown as Record<'_write' | '_writev', Write>;
  for (const name of ['_write', '_writev'] as const) {
    const write = own[name];
    own[name] = (...args) => {
      const done = args.pop() as Done;
      write.call(socket, ...args, (error?: NodeJS.ErrnoException | null) => {
        if (error && CLOSED.has(error.code) && !socket.readableEnded && !socket.destroyed)
          socket.once('end', () => {
            done(error);
          });
        else done(error);
      });
    };
  }
  return socket;
}
