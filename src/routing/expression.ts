/** Regular expressions as whole paths: what they match, and what their groups give. */
import { inspect, types } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { decodeSegment } from '../http/target.js';
import { groupNames } from './pattern.js';
import { automatonOf, mayBeginWith } from './pattern-automaton.js';
import { assertLinear, MAX_TEXT } from './pattern-cost.js';
import { readPattern } from './pattern-tree.js';
import type { Prefix } from './prefix.js';
import { assertText } from './route-tree.js';
import type { Template, WholePath } from './template.js';

/** A regular expression that stands in place of a template. */
export class Expression implements WholePath {
  /** As it is written: `/\/people\/(\d+)/i`. */
  readonly text: string;
  /** Those of the prefix, and then the groups in order; `''` names those without a name. */
  readonly parameters: readonly { readonly name: string; readonly definition: string }[];
  readonly key: string;
  readonly #prefix: Prefix | undefined;
  readonly #pattern: RegExp;

  /**
   * @param pattern matched against the whole path, whether it is anchored or not
   * @param prefix below which it matches only
   * @throws ObolError E_PATH_TEMPLATE for what is no expression, or has a flag without a meaning here, E_PATTERN_COST
   */
  constructor(pattern: RegExp, prefix?: Prefix) {
    if (!types.isRegExp(pattern))
      throw new ObolError(
        'E_PATH_TEMPLATE',
        `The path ${inspect(pattern, { depth: 0 })} is neither a text such as "/people" nor a regular expression or path value.`,
      );
    this.text = String(pattern);
    const [flag] = /[gmy]/.exec(pattern.flags) ?? [];
    if (flag !== undefined) {
      const why = 'a path is matched once, as a whole and as one line';
      throw new ObolError(
        'E_PATH_TEMPLATE',
        `The path ${this.text} has the flag "${flag}": ${why}. Leave it out.`,
      );
    }
    assertLinear(`The path ${this.text}`, pattern.source, pattern.flags);
    const groups = groupNames(pattern.source).map((name) => ({ name, definition: '' }));
    this.parameters = [...(prefix?.parameters ?? []), ...groups];
    this.key = JSON.stringify([prefix?.text, this.text]);
    this.#pattern = new RegExp(`^(?:${pattern.source})$`, pattern.flags);
    this.#prefix = prefix;
  }

  get below(): Template | undefined {
    return this.#prefix?.template;
  }

  /**
   * What all paths begin with that it is held against, where it can match none of them: as when it is written as a template is,
   * without the prefix. Undefined where it may match.
   */
  get misses(): string | undefined {
    const [first] = this.#prefix?.template.parts ?? [];
    const beginning = typeof first === 'string' ? first : '/';
    const { source, flags } = this.#pattern;
    return mayBeginWith(automatonOf(readPattern(source, flags), flags), beginning) ? undefined : beginning;
  }

  /**
   * The values of a canonical path, those of the prefix first; undefined in place of a group that took no part.
   * @returns undefined when the path does not match
   * @throws HttpError 400 for a value that is no UTF-8
   */
  read(path: string): unknown[] | undefined {
    if (path.length > MAX_TEXT || !path.startsWith('/')) return undefined;
    const values: unknown[] = [];
    if (this.#prefix && this.#prefix.partOf(path, values) === undefined) return undefined;
    const found = this.#pattern.exec(path);
    if (!found) return undefined;
    const groups: (string | undefined)[] = found.slice(1);
    for (const value of values) if (typeof value === 'string') assertText(value);
    for (const group of groups) if (group !== undefined) assertText(decodeSegment(group));
    return [...values, ...groups];
  }
}
