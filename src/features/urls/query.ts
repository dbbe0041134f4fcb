/** The query of a URL, as pairs of names with values that are kept as they are written. */
import { encodeValue } from './parts.js';
import { textOf, type Text } from './text.js';

/** A value of a query, or several of one name; null and undefined are none. */
export type QueryValue = Text | null | undefined | readonly Text[];

/** Values by name: an object, or pairs such as `URLSearchParams`. */
export type QueryValues =
  | Readonly<Record<string, QueryValue>>
  | Iterable<readonly [name: string, value: QueryValue]>;

/** What is to be written: one name with its value, or several. */
export type Query = readonly [name: string, value: QueryValue] | readonly [values: QueryValues];

/** The pairs of a query, undecoded. */
export function pairsOf(search: string): string[] {
  return search.length > 1 ? search.slice(1).split('&') : [];
}

/** @returns `''` for no pairs */
export function searchOf(pairs: readonly string[]): string {
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** Name and value of a pair, as browsers read them. */
export function entryOf(pair: string): readonly [name: string, value: string] {
  const equals = pair.indexOf('=');
  return equals < 0 ? [decoded(pair), ''] : [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1))];
}

/** Clients may send thousands of pairs, of which few are encoded; what is malformed throws nothing. */
function decoded(text: string): string {
  return /[%+]/.test(text) ? (new URLSearchParams(`v=${text}`).get('v') ?? '') : text;
}

/** The pairs that are to be written, by name. @throws ObolError E_URL_PARAMETER for what no URL can hold */
export function writtenPairs(query: Query): Map<string, string[]> {
  const pairs = new Map<string, string[]>();
  for (const [name, value] of entriesOf(query))
    pairs.set(name, [...(pairs.get(name) ?? []), ...pairsWith(name, value)]);
  return pairs;
}

function entriesOf([first, value]: Query): Iterable<readonly [name: string, value: QueryValue]> {
  if (typeof first !== 'object' || (first as unknown) === null) return [[first as string, value]];
  return Symbol.iterator in first ? first : Object.entries(first);
}

function pairsWith(name: string, value: QueryValue): string[] {
  const key = encodeValue(textOf(name, 'The name of a query parameter'));
  const values: readonly unknown[] = [value ?? []].flat();
  return values.map((each) => `${key}=${encodeValue(textOf(each, `The query parameter "${name}"`))}`);
}

/** Pairs of which some are replaced by others of the same name, at the place of the first. */
export function replaced(pairs: readonly string[], by: ReadonlyMap<string, readonly string[]>): string[] {
  const left = new Map(by);
  const kept = pairs.flatMap((pair) => {
    const [name] = entryOf(pair);
    const others = by.has(name) ? (left.get(name) ?? []) : [pair];
    left.delete(name);
    return others;
  });
  return [...kept, ...[...left.values()].flat()];
}
