/** Serves a handler on node:http, within limits, and closes without losing a request. */
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import type { RunningServer } from '../../application/application.js';
import { sweepSpoolFolders } from '../../body/spool.js';
import { DEFAULT_SETTINGS } from '../../answering/default-settings.js';
import { handlerOf, type HandlerLike } from '../../message/handler-like.js';
import type { Settings } from '../../message/settings.js';
import { guardedLog } from './access-log.js';
import { Diversion, isDivertible } from './divert.js';
import type { Refusal } from './examine-head.js';
import { Listener } from './listener.js';
import { checkOptions, withDefaults } from '../../ground/settings.js';
import { LISTEN_RULES, SERVER_LIMITS, type ListenOptions, type ServerLimits } from './options.js';
import { Pipeline } from './pipeline.js';
import { refusalOf, refuse, type ClientError } from './refuse.js';
import { refusalEntry, type Refused } from './refused-request.js';
import { Sender } from './send.js';
import { closeOnSignals } from './signals.js';
import { Upgrades } from './upgrade.js';

/** How many connections the system keeps for a server that has not taken them in yet. */
const BACKLOG = 511;
const NO_PROXY: Refusal = { status: 405, detail: 'This server is no proxy' };
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

/**
 * Listens with any handler. Rejects with the system's error when the port is taken.
 * @throws ObolError E_SETTING for a wrong option, as a rejection
 */
export async function listen(handler: HandlerLike, options: ListenOptions = {}): Promise<RunningServer> {
  checkOptions('listen', options, LISTEN_RULES);
  const server = new Server(handler, options);
  await server.start(options);
  return server;
}

class Server implements RunningServer {
  readonly #http: HttpServer;
  /** Of what is refused before any handler is asked. */
  readonly #settings: Settings;
  readonly #accessLog: ListenOptions['accessLog'];
  readonly #limits: ServerLimits;
  readonly #sender: Sender;
  readonly #listener: Listener;
  readonly #diversion: Diversion;
  readonly #isTls: boolean;
  readonly #sockets = new Set<Socket>();
  readonly #closeOwner: () => Promise<void>;
  /** How many connections were made so far. */
  #takenIn = 0;
  #closed: Promise<void> | undefined;
  #forgetSignals: (() => void) | undefined;

  constructor(handler: HandlerLike, options: ListenOptions) {
    const { logger = DEFAULT_SETTINGS.logger } = options;
    const settings = { ...DEFAULT_SETTINGS, logger };
    const limits = withDefaults(SERVER_LIMITS, options);
    this.#limits = limits;
    this.#isTls = options.tls !== undefined;
    this.#closeOwner = () => (typeof handler === 'object' && handler.close ? handler.close() : this.close());
    const pipeline = new Pipeline();
    const { keepAliveTimeout, accessLog } = limits;
    this.#settings = settings;
    this.#accessLog = accessLog && guardedLog(accessLog, logger);
    const upgrades = new Upgrades();
    this.#sender = new Sender({ pipeline, upgrades, keepAliveTimeout, accessLog: this.#accessLog });
    this.#listener = new Listener(handlerOf(handler), { settings, limits, pipeline, sender: this.#sender });
    this.#http = createHttpServer(limits, options);
    this.#diversion = new Diversion({
      http: this.#http,
      limits,
      upgrades,
      onRequest: this.#listener.onRequest,
    });
    this.#attach();
  }

  get port(): number {
    const address = this.#http.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get url(): string {
    const address = this.#http.address();
    if (typeof address === 'string') return `unix:${address}`;
    const host = address?.family === 'IPv6' ? `[${address.address}]` : (address?.address ?? '');
    return `${this.#isTls ? 'https' : 'http'}://${host}:${String(this.port)}`;
  }

  async start(options: ListenOptions): Promise<void> {
    const { port = 8080, host = '127.0.0.1', path } = options;
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(path === undefined ? { port, host } : { path }, () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
    sweepSpoolFolders();
    if (options.signals !== false) this.#forgetSignals = closeOnSignals(this.#closeOwner);
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#drain());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Takes in those who have connected already, whose connections would be reset otherwise, and then stops listening. That is
   * done on the net layer only: http's own `close()` cuts idle connections at once, and with them requests
   * that are already on their way. Every response from now on ends its connection; idle ones get a moment before they
   * are closed; what is still open at the deadline is cut.
   */
  async #drain(): Promise<void> {
    this.#forgetSignals?.();
    this.#sender.drain();
    await this.#takeInAll();
    const stopped = new Promise<void>((resolve) => {
      NetServer.prototype.close.call(this.#http, () => {
        resolve();
      });
    });
    // Not before what has arrived is read: of a process that was busy, even an idle connection may hold a request.
    const idle = setInterval(() => void turnOfLoop().then(this.#closeIdle), this.#limits.drainLinger);
    const deadline = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, this.#limits.drainTimeout);
    await stopped;
    clearInterval(idle);
    clearTimeout(deadline);
    this.#listener.watchdog.stop();
    // Nothing is left to close but the timer that checks connections.
    this.#http.close(() => undefined);
  }

  /** Newer lines of Node take in one connection each turn. */
  async #takeInAll(): Promise<void> {
    for (let turns = 0, before = -1; turns < BACKLOG && before !== this.#takenIn; turns++) {
      before = this.#takenIn;
      await turnOfLoop();
    }
  }

  readonly #closeIdle = (): void => {
    this.#http.closeIdleConnections();
    this.#diversion.closeIdle();
    // node:http counts a connection on which nothing was ever sent as busy.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  };

  #attach(): void {
    const http = this.#http;
    const listener = this.#listener;
    http.on('connection', (socket: Socket) => {
      if (this.#sockets.has(socket)) return;
      this.#sockets.add(socket);
      this.#takenIn++;
      if (this.#accessLog) keepAddress(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    http.on('request', listener.onRequest);
    http.on('checkContinue', listener.onCheckContinue);
    http.on('checkExpectation', listener.onCheckExpectation);
    http.on('upgrade', this.#diversion.onUpgrade);
    http.on('connect', (incoming, socket) => {
      this.#refuse(NO_PROXY, { incoming, socket }, { Allow: METHODS });
    });
    http.on('clientError', (error: ClientError, socket) => {
      const refusal = refusalOf(error);
      const { rawPacket, bytesParsed } = error;
      if (refusal) this.#refuse(refusal, { rawPacket, bytesParsed, socket });
      else socket.destroy();
    });
  }

  #refuse(refusal: Refusal, refused: Refused, headers: Record<string, string> = {}): void {
    const log = this.#accessLog;
    refuse(refused.socket, refusal, {
      headers,
      log:
        log &&
        ((sent) => {
          log(refusalEntry(sent, refused, this.#settings));
        }),
    });
  }
}

/** Until everything that has arrived is read: the first comes with what was under way, the second a whole turn later. */
function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** A socket that was asked once still knows the address when the log needs it: when the connection is closed. */
function keepAddress(socket: Socket): string | undefined {
  return socket.remoteAddress;
}

function createHttpServer(limits: ServerLimits, { tls }: ListenOptions): HttpServer {
  const options = {
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: limits.connectionsCheckingInterval,
    maxHeaderSize: limits.maxHeaderSize,
    insecureHTTPParser: false,
    // A request without Host is refused as every other bad head is.
    requireHostHeader: false,
    noDelay: true,
    // Known to Node from 22.21 and 24.9 on.
    shouldUpgradeCallback: (incoming: IncomingMessage) => isDivertible(incoming, limits),
  };
  const server = tls ? createTlsServer({ ...options, ...tls }) : createServer(options);
  // One more than allowed is kept, so that a request with too many is seen and not silently cut short.
  server.maxHeadersCount = limits.maxHeaderCount + 1;
  server.maxRequestsPerSocket = limits.maxRequestsPerSocket;
  server.maxConnections = limits.maxConnections;
  return server;
}
