/** `url()`: a URL that cannot be changed, and from which others are made. */
import { inspect } from 'node:util';
import { encodeCanonical, HttpError, ObolError, Request } from '../../kit.js';
import { originOf, partsOf, withoutDots, type UrlParts } from './parts.js';
import { entryOf, pairsOf, replaced, searchOf, writtenPairs, type Query } from './query.js';
import { segmentOf, textOf, type Text } from './text.js';

/** What a URL is made from: text, another one, or the request that was sent to it. */
export type UrlLike = string | Url | URL | Request;

/**
 * A URL of http or https, or a reference such as `/people?page=2` or `edit`. Its methods give others; it is itself never changed,
 * and two that are written differently but mean the same are equal.
 */
export class Url implements UrlParts {
  readonly origin: string;
  readonly path: string;
  readonly search: string;
  readonly hash: string;

  /** @param parts in the spelling that {@link url} gives them */
  constructor({ origin, path, search, hash }: UrlParts) {
    this.origin = origin;
    this.path = path;
    this.search = search;
    this.hash = hash;
    Object.freeze(this);
  }

  /** All of it, as it stands in a link or a header. */
  get href(): string {
    // Two slashes at the beginning would name a host.
    const lead = this.origin === '' && this.path.startsWith('//') ? '/.' : '';
    return this.origin + lead + this.path + this.search + this.hash;
  }

  /** With these values in place of those of the same name; null, undefined and an empty list take them away. */
  setQuery(...query: Query): Url {
    return this.#with({ search: searchOf(replaced(pairsOf(this.search), writtenPairs(query))) });
  }

  /** With these values behind all there are. */
  addQuery(...query: Query): Url {
    return this.#with({
      search: searchOf([...pairsOf(this.search), ...[...writtenPairs(query).values()].flat()]),
    });
  }

  /** Without the query parameters of these names; without any names, without the query. */
  without(...names: string[]): Url {
    const isGone = (pair: string): boolean => names.length === 0 || names.includes(entryOf(pair)[0]);
    return this.#with({ search: searchOf(pairsOf(this.search).filter((pair) => !isGone(pair))) });
  }

  /** The first value of a query parameter; undefined for none. */
  get(name: string): string | undefined {
    return this.getAll(name)[0];
  }

  /** All values of a query parameter. */
  getAll(name: string): string[] {
    const entries = pairsOf(this.search).map(entryOf);
    return entries.filter(([each]) => each === name).map(([, value]) => value);
  }

  /**
   * With more segments at the end of the path; a slash in one is encoded, and an empty one at the end gives a slash there.
   * @throws ObolError E_URL_PARAMETER for `.` and `..`
   */
  append(...segments: Text[]): Url {
    if (segments.length === 0) return this;
    const { path } = this;
    const head = path === '' || path.endsWith('/') ? path : `${path}/`;
    return this.#with({ path: head + segments.map(segmentOf).join('/') });
  }

  /** With this fragment, which is encoded; without one for `''`. */
  withFragment(text: string): Url {
    const fragment = encodeURIComponent(textOf(text, 'A fragment'));
    return this.#with({ hash: fragment && `#${fragment}` });
  }

  /**
   * Where it leads from another URL, as a browser takes a link on that page (RFC 3986 5.2): of a request, from its own URL as the client
   * sees it, so that the result is whole.
   */
  resolve(against: UrlLike): Url {
    const base = url(against);
    const { origin, path, search, hash } = this;
    if (origin.startsWith('//')) return this.#with({ origin: withSchemeOf(base, origin) });
    if (origin !== '') return this;
    if (path === '') return base.#with({ search: search === '' ? base.search : search, hash });
    const whole = path.startsWith('/') ? path : base.path.slice(0, base.path.lastIndexOf('/') + 1) + path;
    return base.#with({ path: whole.startsWith('/') ? withoutDots(whole) : whole, search, hash });
  }

  /** Whether both are the same text, in one spelling; what is no URL equals none. */
  equals(other: string | Url | URL): boolean {
    return parseUrl(String(other))?.href === this.href;
  }

  toString(): string {
    return this.href;
  }

  toJSON(): string {
    return this.href;
  }

  #with(parts: Partial<UrlParts>): Url {
    const { origin, path, search, hash } = this;
    return new Url({ origin, path, search, hash, ...parts });
  }
}

/**
 * A URL to build upon. What is encoded already is never encoded twice.
 * @param from text; or a request, whose URL is the whole one that its client sees
 * @throws ObolError E_URL for what is none, or of another scheme; text of clients is for {@link parseUrl}. HttpError 400 for a request
 * that names no host
 *
 * @example
 * ```ts
 * url('/people').append('smith & sons').setQuery({ page: 2, sort: ['name', 'age'] }).href; // '/people/smith%20%26%20sons?page=2&sort=name&sort=age'
 * url(req).setQuery('page', 3); // the same page, another part of it
 * url(urlFor(req, PeopleController, 'show', 'smith', 42)).resolve(req); // 'https://example.org/people/smith/42'
 * ```
 */
export function url(from: UrlLike): Url {
  if (from instanceof Url) return from;
  if (from instanceof Request) return ofRequest(from);
  const text = from instanceof URL ? from.href : (from as unknown);
  const parts = typeof text === 'string' ? partsOf(text) : 'give a text or a request';
  if (typeof parts !== 'string') return new Url(parts);
  throw new ObolError('E_URL', `${inspect(text, { depth: 0, maxStringLength: 100 })} is no URL: ${parts}.`);
}

/** The same of a text that comes from elsewhere, such as a client. @returns undefined for what is no URL of http or https, nor a reference */
export function parseUrl(text: string | undefined): Url | undefined {
  const parts = typeof text === 'string' ? partsOf(text) : '';
  return typeof parts === 'string' ? undefined : new Url(parts);
}

/**
 * The URL below which the application is that has a request, as its client sees it, with a slash at its end: `baseUrl(req).append('people')`.
 * @throws HttpError 400 for a request that names no host
 */
export function baseUrl(request: Request): Url {
  const { origin } = ofRequest(request);
  return new Url({ origin, path: `${request.application.baseUrl}/`, search: '', hash: '' });
}

function ofRequest(request: Request): Url {
  const parts = partsOf(request.constructUrl(targetOf(request)), Infinity);
  if (typeof parts === 'string') throw new HttpError(400, 'The request names a host that is none');
  return new Url(parts);
}

/** What a request was sent to, as a reference: two slashes at the beginning of a path name no host. */
export function targetOf({ baseUrl: base, path, query }: Request): string {
  const whole = base + encodeCanonical(path);
  return (whole.startsWith('//') ? '/.' : '') + whole + (query && `?${query}`);
}

function withSchemeOf(base: Url, origin: string): string {
  const [scheme = ''] = /^https?(?=:)/.exec(base.origin) ?? [];
  return scheme === '' ? origin : (originOf(scheme, origin.slice(2)) ?? origin);
}
