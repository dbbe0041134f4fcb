/** Requests that node:http lets go of, connection and all, because they ask for another protocol. */
import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { connectionOptions, mayUpgrade } from '../../http/upgrade.js';
import { checkedHeaders } from '../../message/headers.js';
import type { RequestHead } from '../../message/request-source.js';
import { examineHead, type HeadLimits } from './examine-head.js';
import type { ServerLimits } from './options.js';
import { currentResponse } from './refuse.js';
import type { Upgrades } from './upgrade.js';

interface DiversionParts {
  readonly http: Server;
  readonly limits: ServerLimits;
  readonly upgrades: Upgrades;
  readonly onRequest: (incoming: IncomingMessage, outgoing: ServerResponse, head: RequestHead) => void;
  /** Connections that wait for their next request. */
  readonly idle: Set<Socket>;
}

/** A server that asks which requests it shall let go of; no Node line documents the property, but its option. */
interface AskingServer extends Server {
  shouldUpgradeCallback?: (incoming: IncomingMessage) => boolean;
}

/**
 * From 25 on, Node reads the body of a request that it lets go of, so that only those without one can be given back. Before, it is
 * best to have all of them: behind the body of one that is kept, Node loses what comes in the same packet.
 */
const READS_BODIES = Number.parseInt(process.versions.node) >= 25;

function keepBodies(server: AskingServer, limits: HeadLimits): void {
  const own = server.shouldUpgradeCallback;
  if (READS_BODIES)
    server.shouldUpgradeCallback = (incoming) =>
      own?.call(server, incoming) !== false && isDivertible(incoming, limits);
}

/** Whether node:http shall let go of a request that names Upgrade. */
function isDivertible({ httpVersion, rawHeaders }: IncomingMessage, limits: HeadLimits): boolean {
  // Of more fields than that, some are left out.
  if (rawHeaders.length > limits.maxHeaderCount * 2) return false;
  return mayUpgrade({ httpVersion, headers: checkedHeaders(rawHeaders) });
}

/** What a request is made of that has no body, and may be there for as long as its connection is. */
export function headOf({ method, url, httpVersion, rawHeaders, socket }: IncomingMessage): RequestHead {
  return { method, url, httpVersion, rawHeaders, socket };
}

/** Answers them as all others, and then gives the connection back, unless the response takes it over. */
export class Diversion {
  readonly #parts: DiversionParts;
  /** How many requests of a connection were diverted: node:http begins to count anew after each. */
  readonly #counts = new WeakMap<Socket, number>();

  constructor(parts: DiversionParts) {
    this.#parts = parts;
    keepBodies(parts.http, parts.limits);
  }

  /** For the server's `upgrade` event. */
  readonly onUpgrade = (incoming: IncomingMessage, _stream: unknown, head: Buffer): void => {
    const { socket } = incoming;
    const { limits } = this.#parts;
    this.#counts.set(socket, (this.#counts.get(socket) ?? 0) + 1);
    socket.on('error', ignore).on('end', endToo).on('drain', passOn);
    whenItsTurn(socket, () => {
      // It may still be that of the idle connection that it was before.
      socket.setTimeout(0);
      if (isDivertible(incoming, limits) || typeof examineHead(incoming, limits) === 'object')
        this.#serve(incoming, head);
      else this.#giveBack(socket, Buffer.concat([plainHead(incoming, this.#isLast(socket)), head]));
    });
  };

  /** Answers by a response that is made, and seen to its end, as node:http would. */
  #serve(incoming: IncomingMessage, head: Buffer): void {
    const { socket } = incoming;
    const outgoing = new ServerResponse(incoming);
    outgoing.shouldKeepAlive = !connectionOptions(incoming.headers.connection).includes('close');
    Object.assign(outgoing, { maxRequestsOnConnectionReached: this.#isLast(socket) });
    outgoing.assignSocket(socket);
    outgoing.once('finish', () => {
      outgoing.detachSocket(socket);
      process.nextTick(() => outgoing.emit('close'));
      if (outgoing.shouldKeepAlive) this.#giveBack(socket, head);
      else socket.destroySoon();
    });
    const letGo = (): void => void socket.off('end', endToo).off('drain', passOn);
    this.#parts.upgrades.allow(outgoing, { head, letGo });
    this.#parts.onRequest(incoming, outgoing, headOf(incoming));
  }

  /** Whether no more requests are taken on the connection. */
  #isLast(socket: Socket): boolean {
    const { maxRequestsPerSocket } = this.#parts.limits;
    return maxRequestsPerSocket > 0 && (this.#counts.get(socket) ?? 0) >= maxRequestsPerSocket;
  }

  /** Gives a connection back to node:http, which takes it for a new one: so not before there is something to read. */
  #giveBack(socket: Socket, bytes: Buffer): void {
    if (socket.destroyed || socket.writableEnded) return;
    if (bytes.length > 0) socket.unshift(bytes);
    if (socket.readableLength > 0) this.#connect(socket);
    else this.#connectWhenReadable(socket);
  }

  #connect(socket: Socket): void {
    socket.off('error', ignore).off('end', endToo).off('drain', passOn);
    this.#parts.http.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
  }

  /** Keeps the limits of an idle connection meanwhile. */
  #connectWhenReadable(socket: Socket): void {
    const cut = (): void => void socket.destroy();
    const wake = (): void => {
      socket.off('readable', wake).off('close', wake).setTimeout(0, cut);
      this.#parts.idle.delete(socket);
      if (!socket.destroyed) this.#connect(socket);
    };
    this.#parts.idle.add(socket);
    socket.on('readable', wake).on('close', wake).setTimeout(this.#parts.limits.keepAliveTimeout, cut);
  }
}

/** Answers are given in order, and node:http still gives those that were asked for before. */
function whenItsTurn(socket: Socket, go: () => void): void {
  const before = currentResponse(socket);
  if (before)
    before.once('finish', () => {
      whenItsTurn(socket, go);
    });
  else if (!socket.destroyed) go();
}

/** The head again, asking for no other protocol. */
function plainHead(incoming: IncomingMessage, isLast: boolean): Buffer {
  const { method, url, httpVersion, rawHeaders, headers } = incoming;
  const options = connectionOptions(headers.connection).filter((option) => option !== 'upgrade');
  if (isLast) options.push('close');
  let text = `${method ?? ''} ${url ?? ''} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!/^(?:connection|upgrade)$/i.test(name)) text += `${name}: ${rawHeaders[i + 1] ?? ''}\r\n`;
  }
  if (options.length > 0) text += `Connection: ${options.join(', ')}\r\n`;
  return Buffer.from(`${text}\r\n`, 'latin1');
}

function ignore(): void {
  // An error that no one hears ends the process; it closes the connection all the same.
}

function endToo(this: Socket): void {
  this.end();
}

function passOn(this: Socket): void {
  currentResponse(this)?.emit('drain');
}
