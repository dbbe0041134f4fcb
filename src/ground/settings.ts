/** Settings: one rule for each, and one way to say which of them is wrong and how it is put right. */
import { inspect } from 'node:util';
import { didYouMean, ObolError } from './errors.js';
import { kindOf } from './wording.js';

/** Characters of a text that a message quotes. */
const MAX_SHOWN = 200;
/** Milliseconds that a timer can wait, which are 24 days. */
const MAX_DELAY = 2 ** 31 - 1;

/** Says what is wrong with a value. */
export interface Rule {
  /**
   * @param name of the setting with its feature, such as `sessions.maxAge`
   * @returns a sentence that begins with the name; undefined when nothing is wrong
   */
  (value: unknown, name: string): string | undefined;
  /** Whether the setting may not be left out: only then is the rule asked about undefined. */
  readonly isNeeded?: boolean;
}

/** A rule for each option; one that is not optional has a rule made with `rule.needed`. What has no rule is no option. */
export type Rules<T extends object> = {
  readonly [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K>
    ? Rule
    : Rule & { readonly isNeeded: true };
};

/** @throws ObolError E_SETTING that says what is wrong with a value */
export function assertSetting(name: string, value: unknown, isRight: Rule): void {
  const mistake = isRight(value, name);
  if (mistake !== undefined) throw new ObolError('E_SETTING', mistake);
}

/**
 * Checks all options of a feature; undefined counts as not given.
 * @param name of the feature, which begins each line of the message
 * @throws ObolError E_SETTING for wrong values and for names that are no options, all at once
 */
export function checkOptions<T extends object>(name: string, options: T, rules: Rules<T>): void {
  assertSetting(name, options, optionsRule(rules));
}

/** What is wrong with options, by their names, of which one that is no option is among them too. */
export function mistakesIn(
  options: object,
  rules: Readonly<Record<string, Rule>>,
  prefix = '',
): Map<string, string> {
  const values = options as Readonly<Record<string, unknown>>;
  const mistakes = new Map<string, string>();
  for (const name of new Set([...Object.keys(rules), ...Object.keys(values)])) {
    const isRight = Object.hasOwn(rules, name) ? rules[name] : noOption(name, Object.keys(rules));
    const isAsked = values[name] !== undefined || isRight?.isNeeded;
    const mistake = isAsked ? isRight?.(values[name], prefix + name) : undefined;
    if (mistake !== undefined) mistakes.set(name, mistake);
  }
  return mistakes;
}

/** The defaults, but for those options that were given. */
export function withDefaults<T extends object, K extends keyof T>(
  defaults: Given<T, K>,
  options: T,
): T & Given<T, K> {
  return { ...defaults, ...(given(options) as T) };
}

/** Those options that were given. */
export function given<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

type Given<T, K extends keyof T> = { readonly [P in K]-?: Exclude<T[P], undefined> };

function noOption(name: string, known: readonly string[]): Rule {
  const cure = didYouMean(name, known) || ` The options are ${known.join(', ')}.`;
  return (_, place) => `${place}: there is no such option.${cure}`;
}

function optionsRule(rules: Readonly<Record<string, Rule>>): Rule {
  const [first = ''] = Object.keys(rules);
  return (value, name) => {
    if (typeof value !== 'object' || value === null)
      return `${name}: ${kindOf(value)} holds no options; give an object, such as { ${first}: ... }.`;
    return [...mistakesIn(value, rules, `${name}.`).values()].join('\n') || undefined;
  };
}

/** @param right what a right value is, to stand behind "is not" */
function that(right: string, isRight: (value: unknown) => boolean): Rule {
  return (value, name) => (isRight(value) ? undefined : `${name}: ${shown(value)} is not ${right}.`);
}

/** The value as a message quotes it. What is within an object or a list might be a secret, and stays there. */
function shown(value: unknown): string {
  if (typeof value !== 'string') return inspect(value, { depth: -1 });
  return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
}

/** @param unit in the plural, such as `seconds`; `''` for none @param least default 1 */
function whole(unit: string, { least = 1, most = Infinity } = {}): Rule {
  const range = most === Infinity ? 'or more' : `to ${String(most)}`;
  return that(
    `a whole number${unit && ` of ${unit}`}, ${String(least)} ${range}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  );
}

/** @param right what the list is, such as `a list of file names` @param least how many there are at least */
function list(right: string, isRight: Rule, least = 0): Rule {
  return (value, name) => {
    if (!Array.isArray(value)) return `${name}: ${shown(value)} is not ${right}.`;
    if (value.length < least) return `${name}: there is none; give ${right}.`;
    const mistakes = value.map((each: unknown, index) => isRight(each, `${name}[${String(index)}]`));
    return mistakes.filter((mistake) => mistake !== undefined).join('\n') || undefined;
  };
}

/** @param like what has these methods, such as `a MemorySessionStore` */
function methods(names: readonly string[], like: string): Rule {
  return (value, name) => {
    const given =
      typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
    const missing = names.find((method) => typeof given[method] !== 'function');
    if (missing === undefined) return undefined;
    return `${name}: ${value === given ? 'it' : kindOf(value)} has no method ${missing}(); give ${like}.`;
  };
}

/** The rules that settings are checked with. */
export const rule = {
  that,

  /** The same where a message may not show the value: keys, passwords, and addresses that may hold one. */
  secret:
    (right: string, isRight: (value: unknown) => boolean): Rule =>
    (value, name) =>
      isRight(value) ? undefined : `${name}: it is not ${right}.`,

  /** One rule for several options. */
  each: <K extends string>(names: readonly K[], isRight: Rule): Readonly<Record<K, Rule>> =>
    Object.fromEntries(names.map((name) => [name, isRight])) as Record<K, Rule>,

  /** What may not be left out. */
  needed: (isRight: Rule): Rule & { readonly isNeeded: true } =>
    Object.assign((value: unknown, name: string) => isRight(value, name), { isNeeded: true } as const),

  /** Nothing is asked of the value: what it is for says what it may be. */
  any: (() => undefined) as Rule,

  flag: that('true or false', (value) => typeof value === 'boolean'),

  whole,

  /** Of a timer. @param least default 1 */
  milliseconds: (least = 1): Rule => whole('milliseconds', { least, most: MAX_DELAY }),

  /** @param isRight a pattern or a test. Default any text but none at all */
  text: (right: string, isRight: RegExp | ((text: string) => boolean) = /[^]/): Rule => {
    const test = isRight instanceof RegExp ? (text: string) => isRight.test(text) : isRight;
    return that(right, (value) => typeof value === 'string' && test(value));
  },

  /** Of what Node takes for the path of a file or a folder. */
  path: that('a path, or a URL of a file', (value) =>
    value instanceof URL ? value.protocol === 'file:' : typeof value === 'string' && /^[^\0]+$/.test(value),
  ),

  oneOf: (...known: readonly [string, ...string[]]): Rule => {
    const right = known.map((each) => JSON.stringify(each)).join(' or ');
    return (value, name) => {
      if (known.includes(value as string)) return undefined;
      const cure = typeof value === 'string' ? didYouMean(value, known) : '';
      return `${name}: ${shown(value)} is not ${right}.${cure}`;
    };
  },

  /** Of a name that something has. @param right such as `the name of a handler` @param known all there are */
  nameOf:
    (right: string, known: Iterable<string>): Rule =>
    (value, name) => {
      const names = new Set(known);
      if (names.has(value as string)) return undefined;
      return `${name}: ${shown(value)} is not ${right}.${didYouMean(String(value), names)}`;
    },

  /** @param shape such as `(request) => boolean` */
  callable:
    (shape: string): Rule =>
    (value, name) =>
      typeof value === 'function' ? undefined : `${name}: ${kindOf(value)} is not a function ${shape}.`,

  methods,

  /** Of what can be written to. */
  logger: methods(['error', 'warn'], 'a logger, such as console'),

  list,

  /** A value alone, or a list of at least one. */
  oneOrMore: (right: string, isRight: Rule): Rule => {
    const isList = list(right, isRight, 1);
    return (value, name) => (Array.isArray(value) ? isList : isRight)(value, name);
  },

  /** Options within an option. */
  options: <T extends object>(rules: Rules<T>): Rule => optionsRule(rules),

  orFalse:
    (isRight: Rule): Rule =>
    (value, name) =>
      value === false ? undefined : isRight(value, name),
};
