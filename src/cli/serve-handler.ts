/** What `obol serve` answers with: a folder of files, and around it what the options ask for. */
import { isIP } from 'node:net';
import { canonicalHost } from '../http/host.js';
import { compression } from '../features/compression/compression.js';
import { cors } from '../features/cors/cors.js';
import {
  adopting,
  andThen,
  answerError,
  attempt,
  HttpError,
  type Handler,
  type Middleware,
  type Response,
} from '../kit.js';
import { staticFiles } from '../features/static/static-files.js';
import { basicAuth } from './basic-auth.js';
import type { ServeOptions } from './serve-options.js';
import { scriptsBelow } from './serve-scripts.js';

/** The part of the options that answers depend on. */
export type ContentOptions = Pick<
  ServeOptions,
  | 'directory'
  | 'host'
  | 'headers'
  | 'credentials'
  | 'allowedHosts'
  | 'cgi'
  | 'cors'
  | 'spa'
  | 'contentTypes'
  | 'listing'
  | 'compression'
> & {
  /** Whether only this computer can reach it. */
  readonly isLocal: boolean;
};

/** Everything there is to serve, the policy of its pages included: what they load is theirs to say. */
export function serveHandler(options: ContentOptions): Handler {
  const { directory, spa, listing, contentTypes, cgi = [] } = options;
  const fallback = spa ? { fallback: 'index.html' } : {};
  // Relative, as the folder knows them; nothing but the path of a script leads to it.
  const exclude = cgi.map((path) => path.slice(1));
  const files = staticFiles(directory, { listing: listing && !spa, contentTypes, exclude, ...fallback });
  const settings = { securityHeaders: { document: {} }, poweredBy: false };
  const wrapped = layersOf(options).reduceRight<Handler>(
    (next, layer) => (request) => layer(request, next),
    files,
  );
  return adopting(settings, wrapped);
}

/** The outermost first. What errors answer with gets the headers, too; preflights know no password. */
function layersOf(options: ContentOptions): Middleware[] {
  const { headers, cors: isShared, credentials } = options;
  const isPrivate = options.isLocal && !isShared && credentials === undefined;
  const layers: (Middleware | false | undefined)[] = [
    headers.length > 0 && withHeaders(headers),
    ...(isShared ? forEveryOrigin : []),
    withErrorPages,
    isPrivate && forLocalNames([options.host, ...options.allowedHosts]),
    credentials && basicAuth(credentials),
    options.compression && compression(),
    options.cgi && scriptsBelow(options.directory, options.cgi),
  ];
  return layers.filter((layer) => typeof layer === 'function');
}

/** In place of what is there; the same name twice is two fields. */
function withHeaders(fields: readonly (readonly [string, string])[]): Middleware {
  const changed = (response: Response): Response => {
    const { headers } = response;
    for (const [name] of fields) headers.delete(name);
    for (const [name, value] of fields) headers.append(name, value);
    return response;
  };
  return (request, next) => andThen(next(request), changed);
}

/** Pages of all sites may read everything, but not with cookies. */
const forEveryOrigin = cors({
  origins: '*',
  methods: ['GET', 'HEAD', 'OPTIONS'],
  exposedHeaders: ['*'],
}).outermost;

/** An error becomes its page here, and not in the host, so that the layers around this one see it. */
const withErrorPages: Middleware = (request, next) =>
  attempt(
    () => next(request),
    (error) => answerError(error, request),
  );

/**
 * A page from elsewhere may point its own name at this computer, and would read as one of ours (DNS rebinding). It
 * cannot take the name away from its requests.
 */
function forLocalNames(names: readonly string[]): Middleware {
  const allowed = new Set(names.map(canonicalHost));
  return (request, next) => {
    const name = canonicalHost(request.peer.hostname);
    // No browser leaves the name out.
    const isLocal = name === '' || isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost');
    if (isLocal || allowed.has(name)) return next(request);
    throw new HttpError(421, `This server is not called ${name}; --allow-host ${name} lets it be`);
  };
}
