/** Makes the apps of a configuration, each with its filters. */
import { inspect } from 'node:util';
import { type Handler, type Middleware, ObolError, Response, rule } from '../../../kit.js';
import type { HandlerLike } from '../nested-table.js';
import { type Plain } from '../../config/layers.js';
import { checkedHandler } from '../handlers.js';
import { BUILT_IN } from './built-in.js';
import type { Mistakes } from './mistakes.js';
import { Part, type Factory } from './part.js';
import { Recipes, takeOut, type Recipe } from './recipes.js';
import { placeIn, plainOf } from './variables.js';

export interface BuilderInit {
  /** What the configuration describes, by name. */
  readonly apps: Plain;
  readonly filters: Plain;
  readonly defaults: Plain;
  readonly factories: {
    readonly apps?: Readonly<Record<string, Factory<HandlerLike>>> | undefined;
    readonly filters?: Readonly<Record<string, Factory<Middleware>>> | undefined;
  };
  /** The file; `''` for none. */
  readonly file: string;
  readonly mistakes: Mistakes;
}

/** What is made, and what for. */
interface Making {
  readonly place: string;
  /** Its name, where it has one. */
  readonly names: readonly string[];
  /** The names of the apps that are being made, each for the one before. */
  readonly chain: readonly string[];
}

/** Stands for what could not be made, so that the rest can be looked at. */
const MISSING: Handler = () => new Response('');

export class Builder {
  /** The apps, in the order in which they were made. */
  readonly made = new Set<HandlerLike>();
  readonly #init: BuilderInit;
  readonly #apps: Recipes<HandlerLike>;
  readonly #filters: Recipes<Middleware>;
  readonly #named = new Map<string, HandlerLike>();

  constructor(init: BuilderInit) {
    const { apps, filters, defaults, factories, mistakes } = init;
    const common = { defaults, mistakes };
    const appFactories = { ...BUILT_IN, ...factories.apps };
    this.#init = init;
    this.#apps = new Recipes({ ...common, name: 'apps', described: apps, factories: appFactories });
    this.#filters = new Recipes({
      ...common,
      ...{ name: 'filters', described: filters, factories: factories.filters ?? {} },
    });
  }

  /** The app `main`, and all that it needs. What nothing needs is looked at as well, but not made. */
  async build(): Promise<HandlerLike> {
    const isThere = Object.hasOwn(this.#init.apps, 'main');
    if (!isThere) this.#init.mistakes.add('apps: there is no "main", which is the whole.');
    const main = isThere ? await this.#app('main', 'apps', []) : MISSING;
    this.#apps.lookAtAll();
    this.#filters.lookAtAll();
    return main;
  }

  /** @param reference a name, or a description in its place */
  async #app(reference: unknown, place: string, chain: readonly string[]): Promise<HandlerLike> {
    const { apps, mistakes } = this.#init;
    const name = plainOf(reference);
    if (typeof name !== 'string' || !Object.hasOwn(apps, name))
      return this.#make(reference, { place, names: [], chain });
    if (mistakes.isCircle(chain, name, place)) return MISSING;
    const made = this.#named.get(name) ?? (await this.#makeNamed(name, [...chain, name]));
    this.#named.set(name, made);
    return made;
  }

  /** One that is only another name is not made again. */
  #makeNamed(name: string, chain: readonly string[]): Promise<HandlerLike> {
    const described = this.#init.apps[name];
    const place = placeIn('apps', name);
    return typeof plainOf(described) === 'string' && plainOf(described) !== name
      ? this.#app(described, place, chain)
      : this.#make(described, { place, names: [name], chain });
  }

  async #make(description: unknown, { place, names, chain }: Making): Promise<HandlerLike> {
    const found = this.#apps.find(description, { place, names });
    if (!found) return MISSING;
    const [recipe, list] = takeOut(found, 'filters');
    const made = await this.#attempt(place, async () => {
      const handler = await recipe.factory(this.#partOf(recipe, place, chain));
      checkedHandler(place, handler);
      return handler;
    });
    if (made) this.made.add(made);
    return filtered(made ?? MISSING, await this.#filtersOf(list, placeIn(place, 'filters')));
  }

  async #filtersOf(list: unknown, place: string): Promise<Middleware[]> {
    const wrong = list === undefined ? undefined : rule.list('a list of filters', rule.any)(list, place);
    if (wrong !== undefined) this.#init.mistakes.add(wrong);
    const filters: Middleware[] = [];
    for (const [index, reference] of Array.isArray(list) ? list.entries() : []) {
      const filter = await this.#filter(reference, placeIn(place, index));
      if (filter) filters.push(filter);
    }
    return filters;
  }

  async #filter(reference: unknown, place: string): Promise<Middleware | undefined> {
    const recipe = this.#filters.find(reference, { place, names: [] });
    if (!recipe) return undefined;
    return this.#attempt(place, async () => {
      const filter: unknown = await recipe.factory(this.#partOf(recipe, place, []));
      if (typeof filter !== 'function') throw noMiddleware(recipe.use, filter);
      return filter as Middleware;
    });
  }

  #partOf({ layers }: Recipe<unknown>, place: string, chain: readonly string[]): Part {
    const refer = async (reference: unknown, at: string): Promise<Handler> =>
      checkedHandler(at, await this.#app(reference, at, chain));
    return new Part({ place, file: this.#init.file, layers, refer });
  }

  async #attempt<T>(place: string, make: () => Promise<T>): Promise<T | undefined> {
    try {
      return await make();
    } catch (error) {
      this.#init.mistakes.addThrown(place, error);
      return undefined;
    }
  }
}

/** The handler behind its filters, of which the first is the outermost. */
function filtered(handler: HandlerLike, filters: readonly Middleware[]): HandlerLike {
  if (filters.length === 0) return handler;
  const chain = filters.reduceRight<Handler>(
    (next, filter) => (request) => filter(request, next),
    checkedHandler('compose', handler),
  );
  return Object.assign(chain, handler.table && { table: handler.table });
}

function noMiddleware(use: string, filter: unknown): ObolError {
  return new ObolError(
    'E_MIDDLEWARE',
    `${use} gave ${inspect(filter, { depth: 0 })}, which is no middleware.`,
  );
}
