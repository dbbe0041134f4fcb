/** Path filters: what a parameter may look like, what it becomes, and how it is written back. */
import { types } from 'node:util';
import { ObolError, didYouMean } from '../ground/errors.js';
import { checkOptions, rule, type Rules } from '../ground/settings.js';
import { BUILT_IN, TEXT, type CompiledFilter } from './built-in-filters.js';
import { embeddableSource } from './pattern.js';
import { assertLinear, MAX_TEXT } from './pattern-cost.js';

/** A registered filter. A parameter matches when its whole decoded text matches. */
export interface PathFilter<T = unknown> {
  /** The form of the text; anchored at both ends by us. It must match in linear time. */
  readonly pattern: RegExp;
  /** Text to value. It takes part in matching: `undefined` means that the text does not fit after all. */
  convert(text: string): T | undefined;
  /** Value to text, for URLs. @returns undefined when the value does not fit */
  format(value: T): string | undefined;
  /**
   * Lower is tried earlier. Built-in filters have 10 to 90; yours 60 by default. A filter that spans
   * segments is tried after all that do not.
   */
  readonly weight?: number;
  /** Whether a value may contain slashes and so span several segments. */
  readonly spans?: boolean;
}

/** What a user gives to register a filter; what is left out is text in, text out. */
export interface PathFilterOptions<T> {
  readonly pattern: RegExp | string;
  /**
   * Makes a value of the text. The text does not fit, so that the path is not matched, where that is undefined, NaN, infinite
   * or a date that is none, and where it throws. Default: the text itself.
   */
  readonly convert?: (text: string) => T | undefined;
  /** Text of a value for `urlFor`; undefined where there is none. Default: `String(value)`. */
  readonly format?: (value: T) => string | undefined;
  /** Lower is tried earlier; built-in filters have 10 to 90. Default 60. */
  readonly weight?: number;
  /** Whether a value may contain slashes and so span several segments. Default false. */
  readonly spans?: boolean;
}

/** A filter as listings show it. */
export interface FilterInfo {
  readonly name: string;
  /** The form of the text, as a regular expression without anchors. */
  readonly pattern: string;
  readonly flags: string;
  readonly weight: number;
  readonly spans: boolean;
  /** Whether it is one of Obol's own. */
  readonly isBuiltIn: boolean;
}

const FILTER_RULES: Rules<PathFilterOptions<never>> = {
  pattern: rule.needed(
    rule.that(
      'a regular expression or the source of one',
      (value) => typeof value === 'string' || types.isRegExp(value),
    ),
  ),
  convert: rule.callable('(text) => value'),
  format: rule.callable('(value) => text'),
  weight: rule.that('a number', Number.isFinite),
  spans: rule.flag,
};

const INLINE_WEIGHT = 100;
const USER_WEIGHT = 60;

/** The filters of one application: the built-in ones and those it registers. */
export class FilterRegistry {
  readonly #inline = new Map<string, CompiledFilter>();
  readonly #filters = new Map(BUILT_IN.map((filter) => [filter.name, filter]));

  /** Names of all filters, `re` included. */
  get names(): string[] {
    return [...this.#filters.keys(), 're'].sort();
  }

  /** Adds a filter, or replaces a built-in one. @throws ObolError E_FILTER for a bad name or pattern, E_PATTERN_COST, E_SETTING */
  add<T>(name: string, options: PathFilterOptions<T>): void {
    if (!/^\w+$/.test(name) || name === 're') {
      throw new ObolError(
        'E_FILTER',
        `"${name}" cannot name a path filter. Use letters, digits and "_", not "re".`,
      );
    }
    checkOptions(`filters.${name}`, options, FILTER_RULES as Rules<PathFilterOptions<T>>);
    this.#filters.set(name, compileFilter(name, options));
  }

  /** Whether there is a filter of this name, `re` included. */
  has(name: string): boolean {
    return name === 're' || this.#filters.has(name);
  }

  /** Removes a filter that was added; a built-in one that it replaced is back. @returns whether there was one */
  remove(name: string): boolean {
    const builtIn = BUILT_IN.find((filter) => filter.name === name);
    if (!this.has(name) || this.#filters.get(name) === builtIn) return false;
    if (builtIn) this.#filters.set(name, builtIn);
    else this.#filters.delete(name);
    return true;
  }

  /** All of them but `re`, the built-in ones first. */
  list(): FilterInfo[] {
    return [...this.#filters.values()].map((filter) => {
      const { name, source: pattern, flags, weight, spans } = filter;
      return { name, pattern, flags, weight, spans, isBuiltIn: BUILT_IN.includes(filter) };
    });
  }

  /**
   * The filter of a parameter: `int`, `re:[a-z]+` or `''`.
   * @throws ObolError E_ROUTE_FILTER when there is none, E_FILTER or E_PATTERN_COST for a bad pattern
   */
  get(definition: string): CompiledFilter {
    if (definition === '') return TEXT;
    if (definition.startsWith('re:')) return this.#getInline(definition);
    const filter = this.#filters.get(definition);
    if (filter) return filter;
    const names = this.names;
    throw new ObolError(
      'E_ROUTE_FILTER',
      `unknown filter "${definition}". Known filters: ${names.join(', ')}.${didYouMean(definition, names)}`,
    );
  }

  #getInline(definition: string): CompiledFilter {
    const pattern = definition.slice('re:'.length);
    const filter =
      this.#inline.get(definition) ?? compileFilter('re', { pattern, weight: INLINE_WEIGHT, spans: true });
    this.#inline.set(definition, filter);
    return filter;
  }
}

function compileFilter<T>(name: string, options: PathFilterOptions<T>): CompiledFilter {
  const { source, flags } = readPattern(name, options.pattern);
  assertLinear(`the pattern of the path filter "${name}"`, source, flags);
  const test = new RegExp(`^(?:${source})$`, flags);
  const { convert, format = convert ? String : undefined } = options;
  const read = (text: string): unknown =>
    text.length <= MAX_TEXT && test.test(text) ? (convert ? converted(text, convert) : text) : undefined;
  return {
    name,
    source,
    flags,
    weight: options.weight ?? USER_WEIGHT,
    spans: options.spans ?? false,
    isOwn: true,
    read,
    format: (value) => {
      const text = format ? format(value as T) : typeof value === 'string' ? value : undefined;
      return text !== undefined && read(text) !== undefined ? text : undefined;
    },
  };
}

/** What a text becomes; undefined for what stands for no value, such as the date of `new Date('2026-99-99')`. */
function converted(text: string, convert: (text: string) => unknown): unknown {
  try {
    const value = convert(text);
    const isObject = typeof value === 'object' && value !== null && 'valueOf' in value;
    const plain: unknown = isObject ? value.valueOf() : value;
    return typeof plain === 'number' && !Number.isFinite(plain) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Checks a pattern: it must compile; it keeps no state, and its groups stop capturing. */
function readPattern(name: string, pattern: RegExp | string): { source: string; flags: string } {
  try {
    const regexp = typeof pattern === 'string' ? new RegExp(pattern) : pattern;
    return { source: embeddableSource(regexp.source), flags: regexp.flags.replace(/[gymd]/g, '') };
  } catch (error) {
    throw new ObolError(
      'E_FILTER',
      `the pattern of the path filter "${name}" is no regular expression: ${String(error)}`,
      { cause: error },
    );
  }
}
