/** Lists with weights, as in Accept and its sisters (RFC 9110 12.4.2, 12.5). */
import { splitList } from './grammar.js';

/** One alternative of an Accept header: its value in lower case and its weight from 0 to 1. */
export interface Preference {
  readonly value: string;
  readonly weight: number;
}

const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/** Reads a weighted list, in the order sent. A malformed weight counts as 0: what is not understood is not accepted. */
export function parseAccept(header: string): Preference[] {
  return splitList(header, ',').map((item) => {
    const [value = '', ...parameters] = splitList(item, ';');
    const q = parameters.find((parameter) => /^q\s*=/i.test(parameter));
    const text = q?.slice(q.indexOf('=') + 1).trim();
    return {
      value: value.toLowerCase(),
      weight: text === undefined ? 1 : WEIGHT.test(text) ? Number(text) : 0,
    };
  });
}

/**
 * The media type among those offered that the client likes best; of equals the one offered first.
 * @returns undefined when none is acceptable; the first offer when there is no Accept header
 */
export function negotiateMediaType<T extends string>(
  header: string | undefined,
  offers: readonly T[],
): T | undefined {
  if (header === undefined) return offers[0];
  const preferences = parseAccept(header);
  let best: T | undefined;
  let bestWeight = 0;
  for (const offer of offers) {
    const weight = mediaTypeWeight(preferences, offer);
    if (weight > bestWeight) [best, bestWeight] = [offer, weight];
  }
  return best;
}

/** The weight of a type by the most specific range that covers it (RFC 9110 12.5.1). */
function mediaTypeWeight(preferences: readonly Preference[], type: string): number {
  const ranges = [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*'];
  for (const range of ranges) {
    const found = preferences.find((preference) => preference.value === range);
    if (found) return found.weight;
  }
  return 0;
}
