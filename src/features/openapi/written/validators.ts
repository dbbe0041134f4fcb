/** Judges of values by the schemas of a document: ajv, which knows the JSON Schema of OpenAPI 3.1, and that of 3.0 but for `nullable`. */
import { isJson, type Json } from '../json.js';
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
}

/** In 3.0, whether a bound itself is out. */
const BOUNDS = [
  ['exclusiveMinimum', 'minimum'],
  ['exclusiveMaximum', 'maximum'],
] as const;
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
    const make = (coerceTypes: boolean | 'array'): Ajv => {
      const ajv = new Ajv2020({ strict: false, validateFormats: true, coerceTypes, logger: false });
      addFormats(ajv);
      ajv.addSchema(newer(document) as object, ROOT);
      return ajv;
    };
    this.#ajv = make(false);
    this.#converting = make('array');
  }

  /** @param converts whether texts are meant as what the schema wants */
  judge(schema: Json, converts = false): Judge {
    const holder = { type: 'object', properties: { value: atRoot(newer(schema)) } };
    const validate = (converts ? this.#converting : this.#ajv).compile(holder);
    return (value) => {
      if (validate(value)) return undefined;
      const [error] = validate.errors ?? [];
      return `${error?.instancePath.replace(/^\/value/, '') ?? ''} ${error?.message ?? 'does not fit'}`.trim();
    };
  }
}

/** A schema of OpenAPI 3.0 as 3.1 writes it; one of 3.1 as it is. */
function newer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(newer);
  if (!isJson(value)) return value;
  const schema: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) if (name !== 'nullable') schema[name] = newer(member);
  const { type } = schema;
  if (value['nullable'] === true && typeof type === 'string') schema['type'] = [type, 'null'];
  for (const [exclusive, bound] of BOUNDS) {
    if (typeof schema[exclusive] !== 'boolean') continue;
    if (schema[exclusive]) schema[exclusive] = schema[bound];
    else Reflect.deleteProperty(schema, exclusive);
  }
  return schema;
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
