/** Servers of node:http and node:https that keep the limits of ours. */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
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
  };
  const server = tls ? createTlsServer({ ...options, ...tls }) : createServer(options);
  // One more than allowed is kept, so that a request with too many is seen and not silently cut short.
  server.maxHeadersCount = limits.maxHeaderCount + 1;
  server.maxRequestsPerSocket = limits.maxRequestsPerSocket;
  server.maxConnections = limits.maxConnections;
  return server;
}
