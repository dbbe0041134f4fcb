/** Servers of node:http and node:https that keep the limits of ours. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isDivertible } from './divert.js';
import type { ListenOptions, ServerLimits } from './options.js';

/** One that does not listen yet. */
export function createHttpServer(limits: ServerLimits, { tls }: Pick<ListenOptions, 'tls'>): Server {
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
