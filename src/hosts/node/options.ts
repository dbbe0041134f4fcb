/** What a server takes, and the limits it keeps by default. */
import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import type { Log, Logger } from '../../ground/log/log.js';
import { defaultLog, logOf } from '../../ground/log/logger.js';
import { rule, type Rules } from '../../ground/settings.js';
import type { HandlerLike } from '../../message/handler-like.js';
import type { AccessEntry } from './access-log.js';

/** Limits of a server. Times in milliseconds; 0 switches a time limit off. */
export interface ServerLimits {
  /** Until the whole head is there; then 408. Default 15,000. */
  readonly headersTimeout: number;
  /** Until the whole request is there; then 408. Default 120,000. */
  readonly requestTimeout: number;
  /** Between two requests of one connection. Default 65,000. */
  readonly keepAliveTimeout: number;
  /** How often the two time-outs above are looked at. Default 5,000. */
  readonly connectionsCheckingInterval: number;
  /** Until an asynchronous handler has given its response, the time the body takes not counted; then 503. Default 30,000. */
  readonly handlerTimeout: number;
  /** Without any progress in sending a response; then the connection is cut. Default 60,000. */
  readonly writeTimeout: number;
  /** Without a byte of a body that is being read; then 408. Default 10,000. */
  readonly readTimeout: number;
  /** Bytes per second that a body must reach on average after `bodyGrace`; else 408. Default 500. */
  readonly bodyMinRate: number;
  /** Until `bodyMinRate` counts. Default 20,000. */
  readonly bodyGrace: number;
  /** How long `close()` waits for requests under way. Default 10,000. */
  readonly drainTimeout: number;
  /** How long `close()` leaves idle connections open, so that a request on its way still finds one. Default 1,000. */
  readonly drainLinger: number;
  /** After which a connection is closed; 0 for never. Default 1,000. */
  readonly maxRequestsPerSocket: number;
  /** At the same time; more are closed at once. Default 10,000, or 80 % of the files that the process may open. */
  readonly maxConnections: number;
  /** Bytes of the whole head; then 431. Default 16 KiB. */
  readonly maxHeaderSize: number;
  /** Header fields; then 431. Default 100. */
  readonly maxHeaderCount: number;
  /** Characters of the request target; then 414. Default 8,192. */
  readonly maxTargetLength: number;
}

/** How to listen. */
export interface ListenOptions extends Partial<ServerLimits> {
  /** Default 8080; 0 for any free one. */
  readonly port?: number;
  /** Default `127.0.0.1`; `0.0.0.0` or `::` to be reached from elsewhere. */
  readonly host?: string;
  /** A path of a Unix socket, instead of port and host. Default none. */
  readonly path?: string;
  /** Key and certificate, to serve https. Default none: http. */
  readonly tls?: SecureContextOptions;
  /** Where the host writes what concerns no application. Default the application's logger, or the standard error stream. */
  readonly logger?: Logger;
  /** Called for every request that is over; `commonLogLine(entry)` of `obol/node` makes a line of it. Default none. */
  readonly accessLog?: (entry: AccessEntry) => void;
  /** Close on SIGTERM and SIGINT and end the process with 0. Default true. */
  readonly signals?: boolean;
}

const MAX_CONNECTIONS = 10_000;

export const SERVER_LIMITS: ServerLimits = {
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  handlerTimeout: 30_000,
  writeTimeout: 60_000,
  readTimeout: 10_000,
  bodyMinRate: 500,
  bodyGrace: 20_000,
  drainTimeout: 10_000,
  drainLinger: 1_000,
  maxRequestsPerSocket: 1_000,
  maxConnections: Math.min(MAX_CONNECTIONS, Math.floor(openFilesLimit() * 0.8)),
  maxHeaderSize: 16 * 1024,
  maxHeaderCount: 100,
  maxTargetLength: 8 * 1024,
};

const time = rule.milliseconds(0);

/** Of everything that `listen` takes. */
export const LISTEN_RULES: Rules<ListenOptions> = {
  ...rule.each(['headersTimeout', 'requestTimeout', 'keepAliveTimeout', 'handlerTimeout'], time),
  ...rule.each(['writeTimeout', 'readTimeout', 'bodyGrace', 'drainTimeout', 'drainLinger'], time),
  connectionsCheckingInterval: rule.milliseconds(),
  bodyMinRate: rule.whole('bytes per second', { least: 0 }),
  maxRequestsPerSocket: rule.whole('requests', { least: 0 }),
  maxConnections: rule.whole('connections'),
  maxHeaderSize: rule.whole('bytes'),
  maxHeaderCount: rule.whole('fields'),
  maxTargetLength: rule.whole('characters'),
  port: rule.whole('', { least: 0, most: 65_535 }),
  host: rule.text('an address, such as "127.0.0.1"'),
  path: rule.text('the path of a socket'),
  tls: rule.secret(
    'an object with a key and a certificate',
    (tls) => typeof tls === 'object' && tls !== null,
  ),
  accessLog: rule.callable('(entry) => ...'),
  signals: rule.flag,
  logger: rule.logger,
};

/** The log that was given, or else the handler's own. */
export function hostLog(handler: HandlerLike, { logger }: Pick<ListenOptions, 'logger'>): Log {
  const own = typeof handler === 'object' ? handler.logger : undefined;
  return logOf(logger ?? own ?? defaultLog);
}

/** How many files the process may open; where the system does not say, as many as connections are allowed anyway. */
function openFilesLimit(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return limit === undefined ? Infinity : Number(limit);
  } catch {
    return Infinity;
  }
}
