/** A connection that the server has changed to another protocol, joined to that of the client (RFC 9110 7.8). */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Headers, type Request, UpgradeResponse } from '../../kit.js';
import { UpstreamFailure } from './failure.js';

/** The server's end of it. */
interface Upgraded {
  readonly socket: Duplex;
  /** What came behind the head. */
  readonly head: Buffer;
}

/** @throws UpstreamFailure where the server changes to what it was not asked for */
export function tunnel(
  { socket, head }: Upgraded,
  {
    response,
    headers,
    request,
  }: { readonly response: IncomingMessage; readonly headers: Headers; readonly request: Request },
): UpgradeResponse {
  const protocol = response.headers.upgrade ?? '';
  if (
    response.statusCode !== 101 ||
    !UpgradeResponse.protocolsAskedBy(request).includes(protocol.toLowerCase())
  ) {
    socket.destroy();
    throw new UpstreamFailure(`a change to the protocol ${JSON.stringify(protocol.slice(0, 100))}`);
  }
  // Until it is joined, and where it never is.
  socket.on('error', () => undefined);
  request.onClose(() => socket.destroy());
  return new UpgradeResponse(
    protocol,
    (client) => {
      if (head.length > 0) socket.unshift(head);
      if (client.head.length > 0) socket.write(client.head);
      client.closing.addEventListener('abort', () => socket.end(), { once: true });
      join(client.socket, socket);
    },
    { headers },
  );
}

/** Each end that says nothing more ends the other; one that is gone takes the other with it. */
function join(client: Duplex, server: Duplex): void {
  client.pipe(server).pipe(client);
  server.once('close', () => {
    // What the server has said to its end is written first.
    if (server.readableEnded && !client.writableFinished) client.once('finish', () => client.destroy());
    else client.destroy();
  });
  client.once('close', () => server.destroy());
}
