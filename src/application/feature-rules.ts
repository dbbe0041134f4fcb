/** The form of a feature, and of what applications and features have in common: looked at before any of it is used. */
import { didYouMean } from '../ground/errors.js';
import { mistakesIn, rule, type Rule, type Rules } from '../ground/settings.js';
import type { Feature } from './feature.js';
import { MIDDLEWARES_RULE } from './plain-function.js';
import { PROVIDER_RULE, REQUEST_PROVIDER_RULE } from './provider.js';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Each filter is checked where it is added. */
export const FILTERS_RULE = rule.that(
  'an object of path filters by name',
  (value) => isObject(value) && !Array.isArray(value) && !(Symbol.toStringTag in value),
);

const ENTRIES_RULE = rule.list('a list of objects', rule.that('an object', isObject));

/** What entries say is checked where they are added to the table. */
const PARTS: Rules<Feature> = {
  controllers: rule.list('a list of classes', rule.any),
  ...rule.each(
    ['planned', 'routes', 'before', 'after', 'states', 'errors', 'defaults', 'needs'],
    ENTRIES_RULE,
  ),
  filters: FILTERS_RULE,
  ...rule.each(['outermost', 'refusals', 'middleware'], MIDDLEWARES_RULE),
  providers: rule.list('a list of providers', PROVIDER_RULE),
  requestProviders: rule.list('a list of providers', REQUEST_PROVIDER_RULE),
  ...rule.each(['verify', 'close'], rule.callable('() => void')),
  start: rule.callable('(surroundings) => void'),
};

const CURES: Readonly<Record<string, string>> = {
  'a function': ' What wraps requests belongs to middleware: [...].',
  'a list': ' Write its features one by one, or ... before it.',
  '[object Promise]': ' Write await before it.',
};

/** A feature may have more than its parts, such as a method that gives its guard. */
export const FEATURE_RULE: Rule = (feature, name) => {
  const what = notFeature(feature);
  if (what !== undefined)
    return `${name}: ${what} is not a feature, as sessions({ ... }) gives one.${CURES[what] ?? ''}`;
  const given = feature as Readonly<Record<string, unknown>>;
  const parts = Object.fromEntries(Object.keys(PARTS).map((part) => [part, given[part]]));
  const mistakes = [...mistakesIn(parts, PARTS, `${name}.`).values(), ...misspelled(given, name)];
  return mistakes.join('\n') || undefined;
};

/** What a value is that is no object, or one of the language's own. */
function notFeature(value: unknown): string | undefined {
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  return isObject(value) && !(Symbol.toStringTag in value) ? undefined : String(value);
}

/** Lists that are called almost like a part which they could be, and would do nothing. */
function misspelled(feature: Readonly<Record<string, unknown>>, name: string): string[] {
  const missing = Object.entries(PARTS).filter(([part]) => !(part in feature));
  return Object.entries(feature).flatMap(([key, value]) => {
    if (!Array.isArray(value) || Object.hasOwn(PARTS, key)) return [];
    const fit = missing.filter(([part, isRight]) => isRight(value, part) === undefined);
    const cure = didYouMean(
      key,
      fit.map(([part]) => part),
    );
    return cure === '' ? [] : `${name}.${key}: there is no such part of a feature.${cure}`;
  });
}
