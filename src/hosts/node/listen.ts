/** Serves a handler on node:http, within limits, and closes without losing a request. */
import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { RunningServer } from '../../application/application.js';
import { sweepSpoolFolders } from '../../body/spool.js';
import { logRefusal } from '../../answering/request-lines.js';
import { hostSettings } from '../../answering/default-settings.js';
import { inspection } from '../../ground/inspection.js';
import { handlerOf, type HandlerLike } from '../../message/handler-like.js';
import type { Settings } from '../../message/settings.js';
import { guardedLog } from './access-log.js';
import { Connections } from './connections.js';
import { Diversion } from './divert.js';
import type { Refusal } from './examine-head.js';
import { createHttpServer } from './http-server.js';
import { sendInterim } from './interim.js';
import { Listener } from './listener.js';
import { checkOptions, withDefaults } from '../../ground/settings.js';
import { hostLog, LISTEN_RULES, SERVER_LIMITS, type ListenOptions } from './options.js';
import { Pipeline } from './pipeline.js';
import { refusalOf, refuse, type ClientError } from './refuse.js';
import { refusalEntry, type Refused } from './refused-request.js';
import { Sender } from './send.js';
import { closeOnSignals } from './signals.js';
import { Upgrades } from './upgrade.js';

const NO_PROXY: Refusal = { status: 405, detail: 'This server is no proxy' };
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

/** What stands for a server while an application is only looked at. */
const NOT_LISTENING: RunningServer = {
  port: 0,
  url: 'http://127.0.0.1:0',
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/**
 * Listens with any handler. Rejects with the system's error when the port is taken.
 * @throws ObolError E_SETTING for a wrong option, as a rejection
 */
export async function listen(handler: HandlerLike, options: ListenOptions = {}): Promise<RunningServer> {
  checkOptions('listen', options, LISTEN_RULES);
  const inspected = inspection();
  if (inspected) {
    inspected.push(handler);
    return NOT_LISTENING;
  }
  const server = new Server(handler, options);
  await server.start(options);
  return server;
}

class Server implements RunningServer {
  readonly #http: HttpServer;
  /** Of what is refused before any handler is asked. */
  readonly #settings: Settings;
  readonly #accessLog: ListenOptions['accessLog'];
  readonly #sender: Sender;
  readonly #listener: Listener;
  readonly #connections: Connections;
  readonly #isTls: boolean;
  readonly #closeOwner: () => Promise<void>;
  #closed: Promise<void> | undefined;
  #forgetSignals: (() => void) | undefined;

  constructor(handler: HandlerLike, options: ListenOptions) {
    const logger = hostLog(handler, options);
    const handle = handlerOf(handler);
    const settings = hostSettings(handle, { logger, sendInterim });
    const limits = withDefaults(SERVER_LIMITS, options);
    this.#isTls = options.tls !== undefined;
    this.#closeOwner = () => (typeof handler === 'object' && handler.close ? handler.close() : this.close());
    const pipeline = new Pipeline();
    const { keepAliveTimeout, accessLog } = limits;
    this.#settings = settings;
    this.#accessLog = accessLog && guardedLog(accessLog, logger);
    const upgrades = new Upgrades(limits);
    this.#sender = new Sender({ pipeline, upgrades, keepAliveTimeout, accessLog: this.#accessLog });
    this.#listener = new Listener(handle, { settings, limits, pipeline, sender: this.#sender });
    this.#http = createHttpServer(limits, options);
    this.#connections = new Connections(this.#http, limits);
    const { idle } = this.#connections;
    const { onRequest } = this.#listener;
    this.#attach(new Diversion({ http: this.#http, limits, upgrades, idle, onRequest }));
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

  /** Every response from now on ends its connection. */
  async #drain(): Promise<void> {
    this.#forgetSignals?.();
    this.#sender.drain();
    await this.#connections.drain();
    this.#listener.watchdog.stop();
  }

  #attach({ onUpgrade }: Diversion): void {
    const http = this.#http;
    const listener = this.#listener;
    if (this.#accessLog) http.on('connection', keepAddress);
    http.on('request', listener.onRequest);
    http.on('checkContinue', listener.onCheckContinue);
    http.on('checkExpectation', listener.onCheckExpectation);
    http.on('upgrade', onUpgrade);
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
    refuse(refused.socket, refusal, {
      headers,
      log: (sent) => {
        const entry = refusalEntry(sent, refused, this.#settings);
        logRefusal({ status: refusal.status, message: refusal.detail }, entry.request);
        this.#accessLog?.(entry);
      },
    });
  }
}

/** A socket that was asked once still knows the address when the log needs it: when the connection is closed. */
function keepAddress(socket: Socket): string | undefined {
  return socket.remoteAddress;
}
