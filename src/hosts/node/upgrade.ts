/** Connections that a response takes over: from here on the handler speaks another protocol on them. */
import type { ServerResponse } from 'node:http';
import { ObolError } from '../../ground/errors.js';
import { requestName } from '../../answering/request-lines.js';
import { requestedProtocols } from '../../http/upgrade.js';
import type { Request } from '../../message/request.js';
import type { UpgradedConnection, UpgradeResponse } from '../../message/upgrade-response.js';
import type { Exchange } from './exchange.js';

/** A connection that node:http has let go of. */
interface Diverted {
  /** What came behind the request. */
  readonly head: Buffer;
  /** Called when the connection is taken over: nothing is listened to any more but its errors. */
  letGo(): void;
}

/** Knows which connections may be taken over, and which have been. */
export class Upgrades {
  /** By the response that is due on them. */
  readonly #diverted = new WeakMap<ServerResponse, Diverted>();
  /** One for each connection that was taken over and is open. */
  readonly #closing = new Set<AbortController>();

  /** From now on the response may take over its connection. */
  allow(outgoing: ServerResponse, diverted: Diverted): void {
    this.#diverted.set(outgoing, diverted);
  }

  /**
   * Hands the connection over. The response stays the connection's own, begun and never finished: its `close` is that of
   * the connection, and the watchdog sees to it that the client reads.
   * @param view the request as it is seen by what answered it
   * @returns the mistake of the handler where that must not be
   */
  takeOver(exchange: Exchange, response: UpgradeResponse, view: Request): ObolError | undefined {
    const { incoming, outgoing } = exchange;
    const diverted = this.#diverted.get(outgoing);
    if (!requestedProtocols(view).includes(response.protocol.toLowerCase())) return notAsked(view, response);
    if (!diverted) return notGiven(view, response);
    diverted.letGo();
    // For node:http the head is out from here on; written by itself, it would be in UTF-8.
    outgoing.writeHead(response.status);
    const head = view.settings.finisher.head(response);
    incoming.socket.write(`${head}Connection: Upgrade\r\nUpgrade: ${response.protocol}\r\n\r\n`, 'latin1');
    const closing = new AbortController();
    this.#closing.add(closing);
    outgoing.once('close', () => this.#closing.delete(closing));
    call(view, response, { socket: incoming.socket, head: diverted.head, closing: closing.signal });
    return undefined;
  }

  /** Aborts the `closing` of every connection that was taken over. */
  drain(): void {
    for (const closing of this.#closing) closing.abort();
  }
}

function call(request: Request, response: UpgradeResponse, connection: UpgradedConnection): void {
  const fail = (error: unknown): void => {
    request.log.error({ err: error }, `${requestName(request)}, in taking over its connection, which is cut`);
    connection.socket.destroy();
  };
  try {
    const taken = response.takeOver(connection);
    if (taken instanceof Promise) taken.catch(fail);
  } catch (error) {
    fail(error);
  }
}

/** On a server that was made by others. */
function notGiven(request: Request, { protocol }: UpgradeResponse): ObolError {
  return new ObolError(
    'E_UPGRADE',
    `${requestName(request)} gave an UpgradeResponse for "${protocol}", but the server keeps its connections. ` +
      'Let it give them: const listener = toNodeListener(app), then listener.serveUpgrades(server).',
  );
}

function notAsked(request: Request, { protocol }: UpgradeResponse): ObolError {
  return new ObolError(
    'E_UPGRADE',
    `${requestName(request)} gave an UpgradeResponse for "${protocol}", which the request does not ask for. ` +
      `Give one only where requestedProtocols(req) has it, and answer 426 with Upgrade: ${protocol} elsewhere.`,
  );
}
