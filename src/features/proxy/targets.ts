/** Which servers are asked for a request, and in which order. */
import { absent, andThen, HttpError, Recent, type Request } from '../../kit.js';
import type { AllowedTargets } from './allowed-targets.js';
import { Server, Upstream, type ServerOptions } from './upstream.js';
import { upstreamUrl } from './upstream-url.js';

type Target = string | URL | undefined;

/** How each request chooses its server. */
export interface Choose {
  readonly target: (request: Request) => Target | Promise<Target>;
  readonly allowed: AllowedTargets;
  readonly shared: ServerOptions;
}

/** How many servers that requests have chosen are remembered, with their connections. */
const MAX_CHOSEN = 256;

export class Targets {
  readonly #fixed: readonly Upstream[];
  readonly #choose: Choose | undefined;
  readonly #known = new Recent<Server>({ entries: MAX_CHOSEN });

  constructor(from: readonly Upstream[] | Choose) {
    this.#fixed = 'target' in from ? [] : from;
    this.#choose = 'target' in from ? from : undefined;
  }

  /** Those that could not be reached a moment ago come last. @throws HttpError 403 for a server that is not allowed, 404 for none */
  for(request: Request): readonly Upstream[] | Promise<readonly Upstream[]> {
    const choose = this.#choose;
    if (choose) return andThen(choose.target(request), (given) => [this.#chosen(given, choose)]);
    const all = this.#fixed;
    if (all.length === 1 || !all.some(({ server }) => server.isAvoided)) return all;
    return [
      ...all.filter(({ server }) => !server.isAvoided),
      ...all.filter(({ server }) => server.isAvoided),
    ];
  }

  #chosen(given: Target, { allowed, shared }: Choose): Upstream {
    if (given === undefined) throw absent();
    const url = upstreamUrl(given);
    if (!url || !allowed.has(url)) throw notAllowed(url);
    const known = this.#known.get(url.origin);
    if (known) return new Upstream(url, known);
    const server = new Server(url, { ...shared, lookup: allowed.lookup });
    this.#known.set(url.origin, server);
    return new Upstream(url, server);
  }
}

function notAllowed(url: URL | undefined): HttpError {
  const hint = `The target ${url ? JSON.stringify(url.origin) : 'is no URL of a server, or has more than a path, and'} is not allowed.`;
  return new HttpError(403, 'This server may not be asked', { hint });
}
