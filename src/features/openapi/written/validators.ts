/** Judges of values by the schemas of a document: ajv, which knows the JSON Schema of OpenAPI 3.1, and that of 3.0 but for `nullable`. */
import { isJson, sorted, type Json } from '../json.js';
import { load } from './document-file.js';

/** Judges a value, in which texts may become numbers and flags. @returns what is wrong with it; undefined for nothing */
export type Judge = (holder: { value: unknown }) => string | undefined;

interface Compiled {
  (value: unknown): boolean;
  errors?: readonly { instancePath: string; message?: string }[] | null;
}

interface Ajv {
  compile(schema: object): Compiled;
  addSchema(schema: object, key: string): void;
  validateSchema(schema: object, throws: boolean): unknown;
  removeKeyword(name: string): void;
  addKeyword(definition: object): void;
}

/** In the place of ajv's own, which compares each item with each, so that a body of 1 MiB would take a minute. */
const UNIQUE_ITEMS = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  validate: (isWanted: boolean, items: readonly unknown[]) =>
    !isWanted || new Set(items.map((item) => JSON.stringify(item, inOrder))).size === items.length,
  error: { message: 'must NOT have duplicate items' },
};

/** For JSON.stringify: the members by name, so that two objects with the same ones are the same text. */
function inOrder(_name: string, value: unknown): unknown {
  return isJson(value) ? sorted(Object.entries(value)) : value;
}

/** In 3.0, whether a bound itself is out. */
const BOUNDS = [
  ['exclusiveMinimum', 'minimum'],
  ['exclusiveMaximum', 'maximum'],
] as const;
const DECIMAL = /^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i;
/** Characters of a pointer that a refusal shows. */
const LONGEST_PLACE = 100;
/** Where the document is, for references within it. */
const ROOT = 'obol:document';

/** Makes judges for schemas of a document. */
export class Validators {
  readonly #ajv: Ajv;
  readonly #converting: Ajv;

  /** @throws ObolError E_PACKAGE when ajv or ajv-formats is not installed */
  constructor(document: Json) {
    const { Ajv2020 } = load('ajv/dist/2020.js') as { Ajv2020: new (options: object) => Ajv };
    const { default: addFormats } = load('ajv-formats') as { default: (ajv: Ajv) => void };
    const make = (options: object): Ajv => {
      const ajv = new Ajv2020({ strict: false, validateFormats: true, logger: false, ...options });
      addFormats(ajv);
      ajv.removeKeyword('uniqueItems');
      ajv.addKeyword(UNIQUE_ITEMS);
      ajv.addSchema(newer(document) as object, ROOT);
      return ajv;
    };
    this.#ajv = make({});
    // Whether a schema is one is found out by the other: that takes most of the time.
    this.#converting = make({ coerceTypes: 'array', validateSchema: false });
  }

  /** @param converts whether texts are meant as what the schema wants */
  judge(schema: Json | boolean, converts = false): Judge {
    const holder = { type: 'object', properties: { value: atRoot(newer(schema)) } };
    this.#ajv.validateSchema(holder, true);
    const validate = (converts ? this.#converting : this.#ajv).compile(holder);
    return (value) => {
      const given = [value.value].flat();
      if (!fits(validate, value)) return mistakeIn(validate.errors);
      if (converts && ![value.value].flat().every((each, at) => isAsWritten(each, given[at])))
        return 'must be a number in decimal digits';
      return undefined;
    };
  }
}

/** Where, and what; names of members are the client's, and may be long. */
function mistakeIn(errors: Compiled['errors']): string {
  const [error] = errors ?? [];
  if (!error) return 'does not fit';
  const { instancePath, message = 'does not fit' } = error;
  const place = instancePath.replace(/^\/value/, '').slice(0, LONGEST_PLACE);
  return `${place} ${message}`.trim();
}

/** Of a text, ajv makes whatever number JavaScript does, of `0x10` and `Infinity`, too. */
function isAsWritten(value: unknown, text: unknown): boolean {
  return typeof value !== 'number' || (Number.isFinite(value) && DECIMAL.test(String(text)));
}

/** Nothing fits a schema that never comes to an end, by references of other kinds than those that are looked for at first. */
function fits(validate: Compiled, value: unknown): boolean {
  try {
    return validate(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    validate.errors = null;
    return false;
  }
}

/** A schema of OpenAPI 3.0 as 3.1 writes it; one of 3.1 as it is. */
function newer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(newer);
  if (!isJson(value)) return value;
  const members = new Map(Object.entries(value).map(([name, member]) => [name, newer(member)]));
  const { nullable, type } = value;
  // A property may be called so, too.
  if (typeof nullable === 'boolean') members.delete('nullable');
  if (nullable === true && typeof type === 'string') members.set('type', [type, 'null']);
  for (const [exclusive, bound] of BOUNDS) {
    if (typeof value[exclusive] !== 'boolean') continue;
    members.delete(exclusive);
    if (value[exclusive] && members.has(bound)) members.set(exclusive, members.get(bound));
  }
  return Object.fromEntries(members);
}

/** The schema with references that lead into the document from anywhere. */
function atRoot(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(atRoot);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => [
      name,
      name === '$ref' && typeof member === 'string' && member.startsWith('#')
        ? ROOT + member
        : atRoot(member),
    ]),
  );
}
