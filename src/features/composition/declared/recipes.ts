/** What apps and filters are made by, and of: their descriptions, followed by name. */
import { inspect } from 'node:util';
import { rule } from '../../../kit.js';
import { isPlain, wholeOf, type Entry, type Plain } from '../../config/layers.js';
import { BUILT_IN } from './built-in.js';
import type { Mistakes } from './mistakes.js';
import type { Factory } from './part.js';
import { placeIn, plainOf } from './variables.js';

/** What one is made by, and its options in layers, the last of which wins. */
export interface Recipe<T> {
  readonly factory: Factory<T>;
  /** The name of the factory. */
  readonly use: string;
  readonly layers: readonly Entry[];
}

/** Where a description stands. */
export interface Describing {
  readonly place: string;
  /** The name of what is described, and of those that are described by it. */
  readonly names: readonly string[];
}

interface RecipesInit<T> {
  readonly name: 'apps' | 'filters';
  /** What the configuration describes, by name. */
  readonly described: Plain;
  readonly factories: Readonly<Record<string, Factory<T>>>;
  readonly defaults: Plain;
  readonly mistakes: Mistakes;
}

/** Those of apps, or of filters. */
export class Recipes<T> {
  readonly #init: RecipesInit<T>;
  readonly #defaults: Entry;

  constructor(init: RecipesInit<T>) {
    this.#init = init;
    this.#defaults = wholeOf(init.defaults, 'defaults');
  }

  /** Looks at all that are described, whether they are made or not. */
  lookAtAll(): void {
    const { name: kind, described } = this.#init;
    for (const [name, given] of Object.entries(described))
      this.find(given, { place: placeIn(kind, name), names: [name] });
  }

  /** @param given a description, or the name of one or of a factory @returns undefined where there is a mistake */
  find(given: unknown, at: Describing): Recipe<T> | undefined {
    const { described, factories, mistakes } = this.#init;
    const { place, names } = at;
    const name = plainOf(given);
    const description = typeof name === 'string' ? { use: name } : given;
    const use = isPlain(description) ? plainOf(description['use']) : undefined;
    if (!isPlain(description) || typeof use !== 'string') {
      // What is in it may be a secret.
      mistakes.add(`${place}: ${inspect(name, { depth: -1 })} is neither a name nor { "use": ... }.`);
      return undefined;
    }
    const own = wholeOf(without(description, 'use'), place);
    const isItself = use === names.at(-1) && Object.hasOwn(factories, use);
    if (Object.hasOwn(described, use) && !isItself) return this.#inherit(use, { ...at, own });
    const factory = Object.hasOwn(factories, use) ? factories[use] : undefined;
    if (factory) return { factory, use, layers: isBuiltIn(use, factory) ? [own] : [this.#defaults, own] };
    mistakes.add(this.#unknown(use, description === given ? placeIn(place, 'use') : place));
    return undefined;
  }

  /** What is described by another one, and by more or other options. */
  #inherit(use: string, { place, names, own }: Describing & { readonly own: Entry }): Recipe<T> | undefined {
    const { name: kind, described, mistakes } = this.#init;
    if (mistakes.isCircle(names, use, place)) return undefined;
    const recipe = this.find(described[use], { place: placeIn(kind, use), names: [...names, use] });
    return recipe && { ...recipe, layers: [...recipe.layers, own] };
  }

  #unknown(name: string, place: string): string {
    const { name: kind, described, factories } = this.#init;
    const [first, ...rest] = new Set([...Object.keys(described), ...Object.keys(factories)]);
    if (first === undefined)
      return `${place}: ${JSON.stringify(name)} is unknown: the program gives no ${kind}.`;
    return rule.oneOf(first, ...rest)(name, place) ?? '';
  }
}

/** The defaults are for those of the program alone. */
function isBuiltIn(use: string, factory: unknown): boolean {
  return Object.hasOwn(BUILT_IN, use) && factory === BUILT_IN[use];
}

/** The same recipe without an option, and what that was. */
export function takeOut<T>(recipe: Recipe<T>, option: string): readonly [Recipe<T>, unknown] {
  const value = recipe.layers
    .map((layer) => (layer.value as Plain)[option])
    .findLast((each) => each !== undefined);
  const layers = recipe.layers.map((layer) => ({ ...layer, value: without(layer.value as Plain, option) }));
  return [{ ...recipe, layers }, value];
}

function without(object: Plain, name: string): Plain {
  return Object.fromEntries(Object.entries(object).filter(([each]) => each !== name));
}
