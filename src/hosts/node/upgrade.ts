/** Connections that a response takes over: from here on the handler speaks another protocol on them. */
import type { ServerResponse } from 'node:http';
import { ObolError } from '../../ground/errors.js';
import { requestName } from '../../answering/request-lines.js';
import { attempt } from '../../message/handler.js';
import { requestedProtocols } from '../../http/upgrade.js';
import type { Request } from '../../message/request.js';
import type { UpgradedConnection, UpgradeResponse } from '../../message/upgrade-response.js';
import type { Exchange } from './exchange.js';
import { SERVER_LIMITS, type ServerLimits } from './options.js';
import { TakenConnection } from './taken-connection.js';
import { intervalFor } from './watchdog.js';

/** A connection that node:http has let go of. */
interface Diverted {
  /** What came behind the request. */
  readonly head: Buffer;
  /** Called when the connection is taken over: nothing is listened to any more but its errors. */
  letGo(): void;
}

/** What was asked for and given. */
interface Upgrade {
  readonly response: UpgradeResponse;
  /** The request as it is seen by what answered it. */
  readonly view: Request;
  /** Called once the connection is closed. */
  readonly over: (connection: TakenConnection) => void;
}

/** Knows which connections may be taken over, and which have been. */
export class Upgrades {
  /** By the response that is due on them. */
  readonly #diverted = new WeakMap<ServerResponse, Diverted>();
  /** All that were taken over and are open: there may be thousands, and they are there for long, so that little is kept of each. */
  readonly #taken = new Set<TakenConnection>();
  readonly #writeTimeout: number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ writeTimeout }: Pick<ServerLimits, 'writeTimeout'> = SERVER_LIMITS) {
    this.#writeTimeout = writeTimeout;
  }

  /** From now on the response may take over its connection. */
  allow(outgoing: ServerResponse, diverted: Diverted): void {
    this.#diverted.set(outgoing, diverted);
  }

  /**
   * Hands the connection over. Nothing of node:http is kept with it.
   * @returns the mistake of the handler where that must not be
   */
  takeOver({ incoming, outgoing }: Exchange, upgrade: Upgrade): ObolError | undefined {
    const { response, view } = upgrade;
    const diverted = this.#diverted.get(outgoing);
    if (!requestedProtocols(view).includes(response.protocol.toLowerCase())) return notAsked(view, response);
    if (!diverted) return notGiven(view, response);
    const { socket } = incoming;
    diverted.letGo();
    release(outgoing);
    // Written by node:http, it would be in UTF-8.
    const head = view.settings.finisher.head(response);
    socket.write(`${head}Connection: Upgrade\r\nUpgrade: ${response.protocol}\r\n\r\n`, 'latin1');
    const taken = new TakenConnection(socket, diverted.head, view);
    this.#keep(taken, upgrade.over);
    call(view, response, taken);
    return undefined;
  }

  /** All that were taken over learn that the server closes. */
  drain(): void {
    for (const taken of this.#taken) taken.drain();
  }

  #keep(taken: TakenConnection, over: Upgrade['over']): void {
    this.#taken.add(taken);
    taken.socket.on('close', () => {
      this.#taken.delete(taken);
      if (this.#taken.size === 0) this.#stop();
      over(taken);
    });
    if (this.#writeTimeout > 0) this.#start();
  }

  /** One timer for all. */
  #start(): void {
    const interval = intervalFor([this.#writeTimeout]);
    this.#timer ??= setInterval(() => {
      for (const taken of this.#taken) taken.look(this.#writeTimeout / interval);
    }, interval).unref();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** For node:http the head is out from here on. What others listen for on it, on a server of theirs, comes as ever. */
function release(outgoing: ServerResponse): void {
  outgoing.writeHead(101);
  if (outgoing.socket && outgoing.listenerCount('close') === 0) outgoing.detachSocket(outgoing.socket);
}

function call(request: Request, response: UpgradeResponse, connection: UpgradedConnection): void {
  const fail = (error: unknown): void => {
    request.log.error({ err: error }, `${requestName(request)}, in taking over its connection, which is cut`);
    connection.socket.destroy();
  };
  void attempt(() => response.takeOver(connection) as undefined, fail);
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
