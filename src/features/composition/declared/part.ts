/** One app or filter of a composition, as its factory gets it. */
import { ObolError, type Handler, type Output, type Schema } from '../../../kit.js';
import { isPlain, Layers, type Entry, type Plain } from '../../config/layers.js';
import { settle } from '../../config/settle.js';
import { entriesOf, placeIn, plainOf } from './variables.js';

/** Makes an app or a filter of what its configuration says. */
export type Factory<T> = (part: Part) => T | Promise<T>;

/** What a part is made of. */
export interface PartInit {
  readonly place: string;
  /** The file; `''` for none. */
  readonly file: string;
  /** Its options, and those below them, last. */
  readonly layers: readonly Entry[];
  /** Gives the app that a reference is for. */
  readonly refer: (reference: unknown, place: string) => Promise<Handler>;
}

export class Part {
  /** Where it stands in the configuration, such as `apps.files`. */
  readonly place: string;
  /** Its options as they stand there, unchecked; variables are texts. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly #init: PartInit;
  readonly #filled: Plain;

  constructor(init: PartInit) {
    this.#init = init;
    this.place = init.place;
    this.#filled = new Layers(init.layers).values;
    this.values = plainOf(this.#filled) as Plain;
  }

  /**
   * Its options, checked. A variable that is all of a text may be a number or a flag, where the schema wants that.
   * @param schema of zod, valibot, arktype or any other library of Standard Schema; it must be synchronous
   * @throws ObolError E_CONFIG with all mistakes, each with its place
   */
  options<S extends Schema<unknown, unknown>>(schema: S): Output<S> {
    const { place, file, layers } = this.#init;
    const expanded = layers.flatMap(({ value, origin }) => entriesOf(value, origin));
    const places = { name: place, files: file === '' ? [] : [file], prefix: undefined, hasArguments: false };
    return settle(schema, new Layers(expanded), places);
  }

  /**
   * The app that an option names, or describes.
   * @param path of the option, such as `'app'`, or `'apps', 0` in a list
   * @throws ObolError E_CONFIG where there is none
   */
  app(...path: (string | number)[]): Promise<Handler> {
    const place = path.reduce(placeIn, this.place);
    const reference = path.reduce(memberOf, this.#filled);
    if (reference === undefined)
      throw new ObolError('E_CONFIG', `${place}: it names no app; write the name of one.`);
    return this.#init.refer(reference, place);
  }
}

function memberOf(value: unknown, name: string | number): unknown {
  const isHolder = Array.isArray(value) || isPlain(value);
  return isHolder && Object.hasOwn(value, name) ? (value as Plain)[name] : undefined;
}
