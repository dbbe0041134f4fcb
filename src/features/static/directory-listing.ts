/** What a directory holds, as a page, or as JSON where the client likes that better. */
import { decodeSegment, JsonResponse, type Request, Response } from '../../kit.js';
import { isoDate, listingPage, PAGE_POLICY, type Order, type SortKey } from './listing-page.js';
import type { DirectoryContent, ListedEntry } from './read-directory.js';

/** Where a listing stands. */
export interface ListingPlace {
  /** The path of requests that has no parent, without a slash at its end. Default `''`. */
  readonly top: string;
}

const SORT_KEYS: readonly SortKey[] = ['name', 'date', 'size'];
const byNumber = new Intl.Collator('en', { numeric: true });

/** The listing of a directory. */
export class DirectoryListing {
  readonly #content: DirectoryContent;
  readonly #top: string;

  constructor(content: DirectoryContent, { top }: ListingPlace = { top: '' }) {
    this.#content = content;
    this.#top = top;
  }

  /** Sorted as the query says: `?sort=name|date|size&order=asc|desc`. The path of the request ends with a slash. */
  toResponse(request: Request): Response {
    const order = orderOf(request.query);
    const { isCut } = this.#content;
    const entries = sorted(this.#content.entries, order);
    const headers = { 'Cache-Control': 'no-cache', Vary: 'Accept' };
    if (request.accepts('html', 'json') === 'json') {
      const path = namesIn(request.base + request.path)
        .join('/')
        .toWellFormed();
      return new JsonResponse({ path, entries: entries.map(toJson), isCut }, { headers }).addEtag();
    }
    const names = namesIn(request.path.slice(this.#top.length)).filter(Boolean);
    const page = listingPage({ names, entries, order, isCut });
    return new Response(page, { headers: { ...headers, 'Content-Security-Policy': PAGE_POLICY } }).addEtag();
  }
}

function namesIn(path: string): string[] {
  return path.split('/').map(decodeSegment);
}

function orderOf(query: string): Order {
  const args = new URLSearchParams(query);
  const sort = SORT_KEYS.find((key) => key === args.get('sort')) ?? 'name';
  return { sort, isDescending: args.get('order') === 'desc' };
}

function sorted(entries: readonly ListedEntry[], { sort, isDescending }: Order): ListedEntry[] {
  const sign = isDescending ? -1 : 1;
  return [...entries].sort(
    (a, b) =>
      Number(b.isDirectory) - Number(a.isDirectory) || sign * compare(a, b, sort) || compare(a, b, 'name'),
  );
}

function compare(a: ListedEntry, b: ListedEntry, sort: SortKey): number {
  if (sort === 'date') return a.modified - b.modified;
  if (sort === 'size') return a.size - b.size;
  // Names that compare as equal still have an order.
  return byNumber.compare(a.name, b.name) || (a.name < b.name ? -1 : Number(a.name > b.name));
}

function toJson({ name, segment, isDirectory, size, modified }: ListedEntry): Record<string, unknown> {
  return {
    name,
    // A name that is no text cannot be written as one.
    ...(encodeURIComponent(name) !== segment && { segment }),
    type: isDirectory ? 'directory' : 'file',
    size: isDirectory ? null : size,
    modified: isoDate(modified),
  };
}
