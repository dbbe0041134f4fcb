/** Which servers are asked for a request, and in which order. */
import { absent, HttpError, Recent, type Request } from '../../kit.js';
import type { AllowedTargets } from './allowed-targets.js';
import { Upstream, type UpstreamOptions } from './upstream.js';
import { upstreamUrl } from './upstream-url.js';

/** How each request chooses its server. */
export interface Choose {
  readonly target: (request: Request) => string | URL | undefined;
  readonly allowed: AllowedTargets;
  readonly shared: UpstreamOptions;
}

/** How many servers that requests have chosen are remembered, with their connections. */
const MAX_CHOSEN = 256;

export class Targets {
  readonly #fixed: readonly Upstream[];
  readonly #choose: Choose | undefined;
  readonly #chosen = new Recent<Upstream>({ entries: MAX_CHOSEN });

  constructor(from: readonly Upstream[] | Choose) {
    this.#fixed = 'target' in from ? [] : from;
    this.#choose = 'target' in from ? from : undefined;
  }

  /** Those that could not be reached a moment ago come last. @throws HttpError 403 for a server that is not allowed, 404 for none */
  for(request: Request): readonly Upstream[] {
    if (this.#choose) return [this.#chosenFor(request, this.#choose)];
    const all = this.#fixed;
    if (all.length === 1 || !all.some(({ isAvoided }) => isAvoided)) return all;
    return [...all.filter(({ isAvoided }) => !isAvoided), ...all.filter(({ isAvoided }) => isAvoided)];
  }

  #chosenFor(request: Request, { target, allowed, shared }: Choose): Upstream {
    const given = target(request);
    if (given === undefined) throw absent();
    const url = upstreamUrl(given);
    if (!url || !allowed.has(url)) throw notAllowed(url);
    const known = this.#chosen.get(url.href);
    if (known) return known;
    const upstream = new Upstream(url, { ...shared, lookup: allowed.lookup });
    this.#chosen.set(url.href, upstream);
    return upstream;
  }
}

function notAllowed(url: URL | undefined): HttpError {
  const hint = `The target ${url ? JSON.stringify(url.origin) : 'is no URL of a server, or has more than a path, and'} is not allowed.`;
  return new HttpError(403, 'This server may not be asked', { hint });
}
