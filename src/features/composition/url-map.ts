/** `urlMap()`: handlers by host and path, found at a cost that does not grow with their number. */
import { inspect } from 'node:util';
import { type Handler, ObolError, type Request } from '../../kit.js';
import { answerBelow, checkedHandler, passOn, type Answering, type Composed } from './handlers.js';
import { Asked, parsePoint, type Point, type Site } from './mount-point.js';
import { NestedTable, type HandlerLike, type Placed } from './nested-table.js';

/**
 * Handlers by where they stand, as for `mount`: by path, `/shop`, by host, `//example.org`, or by both. Paths have no parameters here.
 * What names the host comes before what does not, a name before `*.example.org`, a port or scheme before any, and then the longest
 * path, segment by segment. Where a host has nothing for a path, those for any host are asked. What is found nowhere is passed on by a
 * middleware, and else 404.
 *
 * @param entries an object, or pairs in a `Map`, an array or anything that can be iterated
 * @throws ObolError E_MOUNT for a place that is there twice, cannot be read or has parameters, E_PATH_TEMPLATE, and E_HANDLER for no
 * handler
 *
 * @example
 * ```ts
 * await listen(urlMap({ '/': site, '/shop': shop, '//files.example.org': staticFiles('files'), '//[::1]:8080/admin': admin }));
 * ```
 */
export function urlMap(
  entries: Readonly<Record<string, HandlerLike>> | Iterable<readonly [Point, HandlerLike]>,
): Composed {
  const hosts = new Hosts();
  const placed: Placed[] = [];
  for (const [key, handler] of Symbol.iterator in entries ? entries : Object.entries(entries)) {
    const point = parsePoint(key);
    const inner = checkedHandler(`urlMap(), ${inspect(String(key))}`, handler);
    const path = point.prefix ? point.prefix.literal : '';
    if (path === undefined) throw withParameters(key);
    if (!hosts.add(point.site, path, inner)) throw alreadyThere(key);
    placed.push({ handler, point });
  }
  const answer: Answering = (request, next) => {
    const found = hosts.find(request);
    return found ? answerBelow(request, found.handler, found) : passOn(request, next);
  };
  return Object.assign(answer, { table: new NestedTable(placed) });
}

interface Found {
  /** The beginning of the path that belongs to the handler. */
  readonly part: string;
  readonly handler: Handler;
}

/** Handlers by path: the longest one first. */
class Paths {
  readonly #handlers = new Map<string, Handler>();
  /** Segments of the longest. */
  #depth = 0;

  /** @returns false for a path that is there already */
  add(path: string, handler: Handler): boolean {
    if (this.#handlers.has(path)) return false;
    this.#depth = Math.max(this.#depth, path.split('/').length - 1);
    return !!this.#handlers.set(path, handler);
  }

  find(path: string): Found | undefined {
    let end = endOfSegment(path, this.#depth);
    for (; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const part = path.slice(0, end);
      const handler = this.#handlers.get(part);
      if (handler) return { part, handler };
    }
    const handler = this.#handlers.get('');
    return handler && { part: '', handler };
  }
}

/** Where the segment of this number ends; that of the last one where there are not as many. */
function endOfSegment(path: string, number: number): number {
  let end = 0;
  for (let left = number; left > 0 && end >= 0; left--) end = path.indexOf('/', end + 1);
  return end < 0 ? path.length : end;
}

/** Handlers by host, and by path for each of them. */
class Hosts {
  /** By name, then by scheme and port. */
  readonly #sites = new Map<string, Map<string, Paths>>();
  readonly #anywhere = new Paths();
  #hasWildcards = false;

  /** @returns false for a place that is there already */
  add(site: Site | undefined, path: string, handler: Handler): boolean {
    if (!site) return this.#anywhere.add(path, handler);
    const { scheme, host, port } = site;
    this.#hasWildcards ||= host === '' || host.startsWith('.');
    const ofHost = entryOf(this.#sites, host, () => new Map<string, Paths>());
    return entryOf(ofHost, `${scheme}:${port}`, () => new Paths()).add(path, handler);
  }

  find(request: Request): Found | undefined {
    const found = this.#sites.size > 0 ? this.#findByHost(request) : undefined;
    return found ?? this.#anywhere.find(request.path);
  }

  #findByHost(request: Request): Found | undefined {
    const { scheme, host, port } = new Asked(request);
    const kinds = [`${scheme}:${port}`, `:${port}`, `${scheme}:`, ':'];
    for (const name of this.#hasWildcards ? namesOf(host) : [host]) {
      const ofHost = this.#sites.get(name);
      if (!ofHost) continue;
      for (const kind of kinds) {
        const found = ofHost.get(kind)?.find(request.path);
        if (found) return found;
      }
    }
    return undefined;
  }
}

/** Characters of a name in the DNS (RFC 1035 2.3.4). */
const MAX_NAME = 253;

/** What a host may stand under, best first: `a.b.c`, `.b.c`, `.c`, `''`. */
function namesOf(host: string): string[] {
  const names = [host];
  if (host.length > MAX_NAME) return names;
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) names.push(host.slice(dot));
  return [...names, ''];
}

function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

function withParameters(key: Point): ObolError {
  return new ObolError(
    'E_MOUNT',
    `urlMap(): ${inspect(String(key))} has parameters, which the places of a URL map cannot have; use mount(${inspect(String(key))}, handler).`,
  );
}

function alreadyThere(key: Point): ObolError {
  return new ObolError(
    'E_MOUNT',
    `urlMap(): ${inspect(String(key))} is there already, maybe written in another way; leave one of them out.`,
  );
}
