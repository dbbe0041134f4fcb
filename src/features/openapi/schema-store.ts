/** The schemas of a document: each that has a name, contains itself or stands in several places is there once. */
import type { Schema } from '../../kit.js';
import { isJson, nameInPointer, sorted, without, type Json } from './json.js';
import { jsonSchemaOf, type Direction, type ToJsonSchema } from './json-schema.js';

/** A schema that may be referred to. */
interface Stored {
  readonly name: string;
  readonly schema: Json;
  /** Whether it stands in place of a reference that is the only one. */
  readonly isWeak: boolean;
  readonly directions: Set<Direction>;
  uses: number;
}

/** How a schema gets into the document. */
export interface StoreOptions {
  readonly direction: Direction;
  /** What it is called where it has no name of its own and needs one. */
  readonly hint: string;
}

/** What has one of these is worth a name where it stands in several places. */
const COMPOUND = ['properties', 'anyOf', 'oneOf', 'allOf'];
const DEFINITIONS = '#/$defs/';
/** What has no name libraries number, by all that there is: zod `__schema0`, arktype `intersection12`. */
const NUMBERED = /^(?:__.*|\d.*|(?:alias|intersection|morph|union)\d*|)$/;
/** Marks references while names are not decided yet. */
const MARK = 'obol:';

export class SchemaStore {
  readonly #stored = new Map<string, Stored>();
  readonly #convert: ToJsonSchema | undefined;
  readonly #names: ReadonlyMap<unknown, string>;

  /** @param names of schemas that have none of their own */
  constructor(names: Readonly<Record<string, Schema>> = {}, convert?: ToJsonSchema) {
    this.#convert = convert;
    this.#names = new Map(Object.entries(names).map(([name, schema]) => [schema, name]));
  }

  /** A schema as it stands in the document: a reference, unless it is a single value. */
  refer(schema: Schema, { direction, hint }: StoreOptions): Json {
    const { root, definitions } = this.#read(schema, direction);
    const given = this.#names.get(schema);
    const options = { direction, hint: given ?? hint };
    if (given === undefined && !COMPOUND.some((name) => Object.hasOwn(root, name)))
      return this.#rewrite(root, definitions, options) as Json;
    const isWeak = given === undefined && !referencesIn(root).has('#');
    return { $ref: this.#keep(options.hint, definitions, { ...options, isWeak }) };
  }

  /** A schema in place: what it consists of may be referred to, itself not. */
  inline(schema: Schema, options: StoreOptions): Json {
    const { root, definitions } = this.#read(schema, options.direction);
    const target = definitionOf(root['$ref'], definitions) ?? '';
    return this.#rewrite(definitions[target], definitions, options) as Json;
  }

  /** A reference to a schema of Obol's own. */
  add(name: string, schema: Json): Json {
    return { $ref: this.#keep(name, { '': schema }, { direction: 'output', hint: name, isWeak: false }) };
  }

  /** What a schema is, and its definitions, of which the one without a name is itself. */
  #read(schema: Schema, direction: Direction): { root: Json; definitions: Readonly<Record<string, Json>> } {
    const whole = jsonSchemaOf(schema, direction, this.#convert);
    const root = without(whole, '$schema', '$defs');
    const $defs = whole['$defs'] as Readonly<Record<string, Json>> | undefined;
    return { root, definitions: { ...$defs, '': root } };
  }

  /** What refers to the stored schemas, with the names that these have now, and the schemas by name. */
  finish(part: Json): { readonly part: Json; readonly schemas: Json } {
    this.#count(part);
    const names = this.#decideNames();
    const named = (value: unknown): unknown =>
      mapReferences(value, (reference) => {
        const stored = this.#stored.get(reference);
        if (!stored) return undefined;
        const name = names.get(stored);
        return name === undefined ? named(stored.schema) : { $ref: `#/components/schemas/${name}` };
      });
    const schemas = [...names].map(([{ schema }, name]) => [name, named(schema)] as const);
    return { part: named(part) as Json, schemas: sorted(schemas) };
  }

  /** Keeps one of several definitions, that of no name being the schema that they belong to. @returns the reference */
  #keep(
    name: string,
    definitions: Readonly<Record<string, Json>>,
    { direction, hint, isWeak }: StoreOptions & { readonly isWeak: boolean },
    own = '',
  ): string {
    const isNamed = own !== '' || !isWeak;
    const key = `${MARK}${isNamed ? name : ''} ${closureOf(own, definitions)}`;
    const known = this.#stored.get(key);
    if (known) {
      known.directions.add(direction);
      return key;
    }
    const stored = { name, schema: {}, isWeak, directions: new Set([direction]), uses: 0 };
    // It is there before what it consists of, which may be itself.
    this.#stored.set(key, stored);
    Object.assign(stored.schema, this.#rewrite(definitions[own], definitions, { direction, hint }));
    return key;
  }

  #rewrite(value: unknown, definitions: Readonly<Record<string, Json>>, options: StoreOptions): unknown {
    return mapReferences(value, (reference) => {
      const name = definitionOf(reference, definitions);
      if (name === undefined) return undefined;
      const shown = NUMBERED.test(name) ? options.hint : name;
      return { $ref: this.#keep(shown, definitions, { ...options, isWeak: false }, name) };
    });
  }

  #count(value: unknown): void {
    mapReferences(value, (reference) => {
      const stored = this.#stored.get(reference);
      if (stored && ++stored.uses === 1) this.#count(stored.schema);
      return undefined;
    });
  }

  /** What is taken and what is given differ often: the name is that of what is given then. */
  #decideNames(): Map<Stored, string> {
    const names = new Map<Stored, string>();
    const used = [...this.#stored.values()].filter(({ uses, isWeak }) => uses > (isWeak ? 1 : 0));
    const given = used.filter(({ directions }) => directions.has('output'));
    const taken = new Set<string>();
    for (const stored of [...given, ...used.filter((each) => !given.includes(each))]) {
      const name = stored.name.replace(/[^\w.-]+/g, '_');
      const isApart = !stored.directions.has('output') && taken.has(name);
      const free = freeName(isApart ? `${name}Input` : name, taken);
      taken.add(free);
      names.set(stored, free);
    }
    return names;
  }
}

/** The name itself, or with the first number that makes it another one. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const tried = number === 1 ? name : `${name}${String(number)}`;
    if (!taken.has(tried)) return tried;
  }
}

/** The same value, where references may have something in their place. */
function mapReferences(value: unknown, change: (reference: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapReferences(item, change));
  if (!isJson(value)) return value;
  const { $ref: reference, ...rest } = value;
  const others = Object.fromEntries(
    Object.entries(rest).map(([name, each]) => [name, mapReferences(each, change)]),
  );
  if (typeof reference !== 'string')
    return reference === undefined ? others : { $ref: mapReferences(reference, change), ...others };
  const changed = change(reference);
  return { ...(isJson(changed) ? changed : { $ref: reference }), ...others };
}

/** The name of the definition that a reference leads to, `''` for the whole; undefined for none. */
function definitionOf(reference: unknown, definitions: object): string | undefined {
  if (reference === '#') return '';
  if (typeof reference !== 'string' || !reference.startsWith(DEFINITIONS)) return undefined;
  const text = reference.slice(DEFINITIONS.length);
  // Not every library writes names as pointers have them.
  const names = [text, nameInPointer(text)];
  return names.find((name) => Object.hasOwn(definitions, name));
}

function referencesIn(value: unknown): Set<string> {
  const found = new Set<string>();
  mapReferences(value, (reference) => {
    found.add(reference);
    return undefined;
  });
  return found;
}

/** A definition as text, with all that it refers to: equal for two that are the same. */
function closureOf(own: string, definitions: Readonly<Record<string, Json>>): string {
  const names = new Set([own]);
  for (const name of names)
    for (const reference of referencesIn(definitions[name])) {
      const next = definitionOf(reference, definitions);
      if (next !== undefined) names.add(next);
    }
  return JSON.stringify([...names].map((name) => [name, definitions[name]]));
}
