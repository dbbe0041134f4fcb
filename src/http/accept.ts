/** Lists with weights, as in Accept and its sisters (RFC 9110 12.4.2, 12.5). */
import { splitList } from './grammar.js';

/** One alternative of an Accept header: its value in lower case and its weight from 0 to 1. */
export interface Preference {
  readonly value: string;
  readonly weight: number;
}

/** From 0 to 1, with as many digits as clients send, and without the 0 before them. */
const WEIGHT = /^(?:0?\.\d+|0\.?|1(?:\.0*)?)$/;

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
  return best(header, offers, mediaTypeWeight);
}

/** Whether HTML is asked for by name, as browsers do that show a page; what programs send, any type at all, is no name. */
export function asksForHtml(header: string | undefined): boolean {
  if (header === undefined || !/text\/html/i.test(header)) return false;
  return parseAccept(header).some(({ value, weight }) => value === 'text/html' && weight > 0);
}

/** Whether JSON of any kind is asked for by name, such as `application/vnd.api+json`. */
export function asksForJson(header: string | undefined): boolean {
  if (header === undefined || !/json/i.test(header)) return false;
  return parseAccept(header).some(({ value, weight }) => value.endsWith('json') && weight > 0);
}

/** The weight of a type by the most specific range that covers it (RFC 9110 12.5.1). */
function mediaTypeWeight(preferences: readonly Preference[], type: string): number {
  // Java's URLConnection sends a single asterisk.
  const ranges = [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*', '*'];
  for (const range of ranges) {
    const found = preferences.find((preference) => preference.value === range);
    if (found) return found.weight;
  }
  return 0;
}

/**
 * The language among those offered that the client likes best: a range covers its sub-tags, and an offer such as `en`
 * serves a client that asks for `en-GB` (RFC 4647 3.3.1, 3.4).
 * @returns undefined when none is acceptable; the first offer when there is no Accept-Language header
 */
export function negotiateLanguage<T extends string>(
  header: string | undefined,
  offers: readonly T[],
): T | undefined {
  return best(header, offers, (preferences, offer) => languageWeight(preferences, offer.toLowerCase()));
}

/**
 * The content coding among those offered that the client likes best. `identity` is acceptable unless refused.
 * @returns undefined when none is acceptable (RFC 9110 12.5.3)
 */
export function negotiateEncoding<T extends string>(
  header: string | undefined,
  offers: readonly T[],
): T | undefined {
  if (header === undefined) return offers.find((offer) => offer.toLowerCase() === 'identity') ?? offers[0];
  return best(header, offers, (preferences, offer) => encodingWeight(preferences, offer.toLowerCase()));
}

function best<T extends string>(
  header: string | undefined,
  offers: readonly T[],
  weightOf: (preferences: readonly Preference[], offer: T) => number,
): T | undefined {
  if (header === undefined) return offers[0];
  const preferences = parseAccept(header);
  let found: T | undefined;
  let foundWeight = 0;
  for (const offer of offers) {
    const weight = weightOf(preferences, offer);
    if (weight > foundWeight) [found, foundWeight] = [offer, weight];
  }
  return found;
}

/** The most specific range that covers the tag decides; else the first that the tag itself is a beginning of. */
function languageWeight(preferences: readonly Preference[], tag: string): number {
  const covering = preferences
    .filter(({ value }) => value === tag || tag.startsWith(`${value}-`))
    .sort((a, b) => b.value.length - a.value.length)[0];
  if (covering) return covering.weight;
  // A narrower range that is refused says nothing of the tag.
  const narrower = preferences.filter(({ value }) => value.startsWith(`${tag}-`));
  const weight = narrower.reduce((most, preference) => Math.max(most, preference.weight), 0);
  return weight > 0 ? weight : (preferences.find(({ value }) => value === '*')?.weight ?? 0);
}

function encodingWeight(preferences: readonly Preference[], coding: string): number {
  const named = preferences.find(({ value }) => value === coding || value === `x-${coding}`);
  if (named) return named.weight;
  const any = preferences.find(({ value }) => value === '*');
  // Identity needs no invitation, but any coding that was invited is liked better.
  return coding === 'identity' ? (any?.weight ?? 0.0005) : (any?.weight ?? 0);
}
