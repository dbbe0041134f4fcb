/** `toNodeListener()`: a handler on a server that exists already: of node:http, Express or Connect. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { hostSettings } from '../../../answering/default-settings.js';
import { letGo } from '../../../answering/finalize.js';
import { ContextKey } from '../../../ground/context-key.js';
import { checkOptions, given, rule, type Rules } from '../../../ground/settings.js';
import { HttpError } from '../../../http/http-error.js';
import { andThen, attempt, type Handler } from '../../../message/handler.js';
import { handlerOf, type HandlerLike } from '../../../message/handler-like.js';
import type { Request } from '../../../message/request.js';
import { declaresBody, type RequestSource } from '../../../message/request-source.js';
import { Response } from '../../../message/response.js';
import { guardedLog } from '../access-log.js';
import { Diversion, headOf } from '../divert.js';
import { sendInterim } from '../interim.js';
import { OTHER_VERSION } from '../examine-head.js';
import { Listener } from '../listener.js';
import { hostLog, LISTEN_RULES, SERVER_LIMITS, type ListenOptions, type ServerLimits } from '../options.js';
import { Pipeline } from '../pipeline.js';
import { Sender } from '../send.js';
import { Upgrades } from '../upgrade.js';
import { mountPoint, type MountedMessage } from './mount-point.js';
import { PassedOn } from './passed-on.js';
import { bodyOf, wasRead } from './read-body.js';
import { setSharedHead } from './shared-head.js';

/** The limits that a handler can keep on a server of others; all else is that server's own. */
type KeptLimits = Pick<
  ServerLimits,
  | 'bodyGrace'
  | 'bodyMinRate'
  | 'handlerTimeout'
  | 'maxHeaderCount'
  | 'maxTargetLength'
  | 'readTimeout'
  | 'writeTimeout'
>;

/** How a handler answers on a server of others. */
export interface NodeListenerOptions
  extends Partial<KeptLimits>, Pick<ListenOptions, 'accessLog' | 'logger'> {
  /**
   * Whether a request that no route takes, its answer 404 or 405, is passed to `next` where there is one. Default true, as
   * Express does with its routers.
   */
  readonly fallthrough?: boolean;
}

/** A listener for `createServer`, and a middleware for Express and Connect. */
export interface NodeListener {
  (incoming: IncomingMessage, outgoing: ServerResponse, next?: (error?: unknown) => void): void;
  /**
   * Lets responses of the listener take over connections of that server, as `UpgradeResponse` does: requests that ask for
   * another protocol come as all others then. Call it once for each server, in place of an `upgrade` listener.
   */
  serveUpgrades(server: Server): void;
}

const { bodyGrace, bodyMinRate, handlerTimeout, maxHeaderCount, maxTargetLength, readTimeout, writeTimeout } =
  LISTEN_RULES;
const { accessLog, logger } = LISTEN_RULES;

const RULES: Rules<NodeListenerOptions> = {
  ...{ bodyGrace, bodyMinRate, handlerTimeout, maxHeaderCount, maxTargetLength, readTimeout, writeTimeout },
  ...{ accessLog, logger, fallthrough: rule.flag },
};

/**
 * A handler as a listener of node:http and node:https, or as a middleware of Express, Connect and all that take theirs. HTTP is
 * spoken as `listen` does. Below a mount of Express, `request.base` is the path of the mount.
 * @throws ObolError E_SETTING for a wrong option
 *
 * @example
 * ```ts
 * express().use('/shop', toNodeListener(app));
 * ```
 */
export function toNodeListener(handler: HandlerLike, options: NodeListenerOptions = {}): NodeListener {
  checkOptions('toNodeListener', options, RULES);
  const neighbour = new Neighbour(handler, options);
  return Object.assign(neighbour.onRequest, {
    serveUpgrades: (server: Server) => {
      neighbour.serveUpgrades(server);
    },
  });
}

/** What a mount of others has taken of the path. */
const PREFIX = new ContextKey<string>('prefix');

/** One handler on servers of others. */
class Neighbour {
  readonly #handle: Handler;
  readonly #limits: ServerLimits;
  readonly #listener: Listener;
  readonly #upgrades: Upgrades;
  readonly #passesOn: boolean;

  constructor(handler: HandlerLike, options: NodeListenerOptions) {
    const logger = hostLog(handler, options);
    const pipeline = new Pipeline();
    const limits: ServerLimits = { ...SERVER_LIMITS, ...given(options) };
    this.#upgrades = new Upgrades(limits);
    const sender = new Sender({
      pipeline,
      upgrades: this.#upgrades,
      keepAliveTimeout: 0,
      accessLog: options.accessLog && guardedLog(options.accessLog, logger),
      setHead: setSharedHead,
    });
    this.#handle = handlerOf(handler);
    this.#limits = limits;
    this.#passesOn = options.fallthrough ?? true;
    this.#listener = new Listener(this.#enter, {
      settings: hostSettings(this.#enter, { logger, sendInterim }),
      limits,
      pipeline,
      sender,
    });
  }

  /** Below the mount; what is made within a request may ask for what lies elsewhere. */
  readonly #enter: Handler = (request) => {
    const prefix = request.get(PREFIX) ?? '';
    if (prefix === '') return this.#handle(request);
    if (!`${request.path}/`.startsWith(`${prefix}/`)) throw new HttpError(404, 'Nothing is here');
    return this.#handle(request.below(prefix));
  };

  readonly onRequest = (incoming: MountedMessage, outgoing: ServerResponse, next?: () => void): void => {
    if (incoming.httpVersionMajor > 1) {
      refuseVersion(outgoing);
      return;
    }
    const { target, prefix } = mountPoint(incoming);
    this.#listener.onRequest(incoming, outgoing, sourceOf(incoming, target), (request) => {
      if (prefix !== '') request.set(PREFIX, prefix);
      return next && this.#passesOn ? answerOrPass(this.#enter, request, next) : this.#enter(request);
    });
  };

  serveUpgrades(server: Server): void {
    const { keepAliveTimeout, maxRequestsPerSocket } = server;
    const diversion = new Diversion({
      http: server,
      limits: { ...this.#limits, keepAliveTimeout, maxRequestsPerSocket: maxRequestsPerSocket ?? 0 },
      upgrades: this.#upgrades,
      // Nothing here closes the server: idle connections end by their time.
      idle: new Set(),
      // Through all that answers on that server, which leads here.
      onRequest: (incoming, outgoing) => void server.emit('request', incoming, outgoing),
    });
    server.on('upgrade', diversion.onUpgrade);
  }
}

/** What came in, as it was before others had it. */
function sourceOf(incoming: IncomingMessage, target: string): RequestSource {
  if (incoming.headers.upgrade !== undefined && !declaresBody(incoming.rawHeaders))
    return { ...headOf(incoming), url: target };
  if (target === incoming.url && !wasRead(incoming)) return incoming;
  const { method, httpVersion, socket } = incoming;
  return { method, url: target, httpVersion, socket, ...bodyOf(incoming) };
}

/** The answer, or that another shall answer what no route takes. */
function answerOrPass(handle: Handler, request: Request, next: () => void): Response | Promise<Response> {
  const answered = (answer: Response): Response => {
    if (!(answer instanceof Response) || !isUntaken(answer.status, answer.answeredBy ?? request))
      return answer;
    void letGo(answer);
    return new PassedOn(next);
  };
  const failed = (error: unknown): Response => {
    if (error instanceof HttpError && isUntaken(error.status, request)) return new PassedOn(next);
    throw error;
  };
  return attempt(() => andThen(handle(request), answered), failed);
}

/** Whatever other requests were made to answer it, a page of an error for one. */
function isUntaken(status: number, { subrequestOf, route }: Request): boolean {
  if (status !== 404 && status !== 405) return false;
  return subrequestOf ? isUntaken(status, subrequestOf) : route === undefined;
}

/** What node:http2 gives its listeners looks like a request of HTTP/1, and is none. */
function refuseVersion(outgoing: ServerResponse): void {
  const { status, detail } = OTHER_VERSION;
  outgoing.statusCode = status;
  outgoing.setHeader('Content-Type', 'text/plain; charset=utf-8');
  outgoing.end(`${String(status)} ${detail}\n`);
}
