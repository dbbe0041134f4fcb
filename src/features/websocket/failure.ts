/** What a handler throws on an open connection: a line in the log, and the end of the connection with 1011. */
import { requestName } from '../../kit.js';
import type { Connection } from './connection.js';

/** What the client sends from now on is read and thrown away, so that it is heard when it closes. */
export function fail(error: unknown, connection: Connection): void {
  // What waits with the signal of the request fails when the client leaves, as it should.
  if (connection.isOpen || !isAbort(error)) {
    const { request } = connection;
    request.log.error({ err: error }, `${requestName(request)}, on its WebSocket, which is closed with 1011`);
  }
  connection.close(1011);
  void connection.messages.return();
}

/** Waits for what is called; what that throws ends the connection. */
export async function guarded(connection: Connection, act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    fail(error, connection);
  }
}

function isAbort(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}
