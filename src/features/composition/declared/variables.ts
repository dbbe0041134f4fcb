/** Variables of the environment in the texts of a configuration: those that the program allows, and no others. */
import { rule } from '../../../kit.js';
import { isPlain, type Entry, type Plain } from '../../config/layers.js';
import type { Mistakes } from './mistakes.js';

/** A text that is all of a variable, so that `8080` may be meant as a number. */
export class VariableText {
  readonly text: string;
  readonly name: string;

  constructor(text: string, name: string) {
    this.text = text;
    this.name = name;
  }
}

/** `${NAME}`, `${NAME:-value}` for where it is not set, and `$${` for what is no variable. */
const VARIABLE = /\$\$\{|\$\{([^{}]*)\}/g;
const ONE_VARIABLE = /^\$\{([^{}]*)\}$/;

/** Fills variables in, once. */
export class Variables {
  readonly #allowed: readonly string[];
  readonly #mistakes: Mistakes;

  constructor(allowed: readonly string[], mistakes: Mistakes) {
    this.#allowed = allowed;
    this.#mistakes = mistakes;
  }

  /** The same value with its variables filled in; a text that is nothing but one is a {@link VariableText}. */
  fill(value: unknown, place: string): unknown {
    if (typeof value === 'string') return this.#fillText(value, place);
    if (Array.isArray(value))
      return value.map((each: unknown, index) => this.fill(each, placeIn(place, index)));
    if (!isPlain(value)) return value;
    return mapped(value, (each, name) => this.fill(each, placeIn(place, name)));
  }

  #fillText(text: string, place: string): string | VariableText {
    const [, only] = ONE_VARIABLE.exec(text) ?? [];
    if (only !== undefined) return new VariableText(this.#valueOf(only, place), nameIn(only));
    return text.replace(VARIABLE, (_, inside?: string) =>
      inside === undefined ? '${' : this.#valueOf(inside, place),
    );
  }

  #valueOf(inside: string, place: string): string {
    const name = nameIn(inside);
    if (!this.#allowed.includes(name)) {
      this.#mistakes.add(`${place}: ${refusal(name, this.#allowed)}`);
      return '';
    }
    const value = process.env[name];
    if (value !== undefined && value !== '') return value;
    if (inside.length > name.length) return inside.slice(name.length + ':-'.length);
    this.#mistakes.add(
      `${place}: ${name} is not set in the environment; set it, or write \${${name}:-value}.`,
    );
    return '';
  }
}

function nameIn(inside: string): string {
  return inside.split(':-', 1)[0] ?? '';
}

function refusal(name: string, allowed: readonly string[]): string {
  const [first, ...rest] = allowed;
  if (first === undefined)
    return `the program allows no variables, so \${${name}} cannot stand here; name it in env.`;
  return rule.oneOf(first, ...rest)(name, 'the variable') ?? '';
}

/** The place of a member: `apps.main`, `apps.main["a b"]`, `list[0]`. */
export function placeIn(place: string, member: string | number): string {
  if (typeof member === 'number') return `${place}[${String(member)}]`;
  if (!/^[A-Za-z_$][\w$]*$/.test(member)) return `${place}[${JSON.stringify(member)}]`;
  return place === '' ? member : `${place}.${member}`;
}

/** The values without the names of variables. */
export function plainOf(value: unknown): unknown {
  if (value instanceof VariableText) return value.text;
  if (Array.isArray(value)) return value.map(plainOf);
  return isPlain(value) ? mapped(value, plainOf) : value;
}

/** Layers for a schema: the values, and above them those that are variables, outside of lists. */
export function entriesOf(value: unknown, origin: string, path: readonly string[] = []): Entry[] {
  const own = path.length === 0 ? [{ path, value: plainOf(value), origin, isText: false }] : [];
  if (value instanceof VariableText)
    return [...own, { path, value: value.text, origin: `${value.name} in the environment`, isText: true }];
  if (!isPlain(value)) return own;
  return [
    ...own,
    ...Object.entries(value).flatMap(([name, each]) => entriesOf(each, origin, [...path, name])),
  ];
}

function mapped(object: Plain, map: (value: unknown, name: string) => unknown): Plain {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));
}
