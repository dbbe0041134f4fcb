/** What a schema is as JSON Schema: by Standard JSON Schema, by the application's own function, or by what Obol's schemas say. */
import { checkSchema, ObolError, type Schema } from '../../kit.js';
import { isJson, present, without, type Json } from './json.js';

/** Whether a schema is that of what it takes, or of what it gives. */
export type Direction = 'input' | 'output';

/** Gives the JSON Schema (draft 2020-12) of a schema; undefined for one that it does not know. */
export type ToJsonSchema = (schema: Schema, direction: Direction) => object | undefined;

/** A schema of a library that says itself what it is (https://standardschema.dev/json-schema). */
interface Speaking {
  readonly jsonSchema: Readonly<Record<Direction, (options: object) => unknown>>;
}

/** `fields()` and `file()` of obol/contract. */
interface Own {
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly file?: { readonly types?: readonly string[]; readonly size?: number };
}

/** What is no JSON, such as what a transformation gives, may be anything; dates are texts on their way. */
const OPTIONS = {
  target: 'draft-2020-12',
  libraryOptions: { unrepresentable: 'any', override: adaptZod },
};

/** @throws ObolError E_SETTING for a schema that does not say what it is */
export function jsonSchemaOf(schema: Schema, direction: Direction, convert?: ToJsonSchema): Json {
  const given: unknown = convert?.(schema, direction);
  if (isJson(given)) return given;
  if (given !== undefined && given !== null)
    throw new ObolError(
      'E_SETTING',
      'openapi.toJsonSchema gives JSON Schemas, or undefined for what it does not know.',
    );
  const standard = schema['~standard'] as Schema['~standard'] & Partial<Speaking>;
  if (standard.vendor === 'obol') return ownSchema(schema as Own, direction, convert);
  try {
    const said = standard.jsonSchema?.[direction](OPTIONS);
    if (isJson(said)) return said;
  } catch (cause) {
    throw new ObolError(
      'E_SETTING',
      `openapi: a schema of ${standard.vendor} has no JSON Schema: ${String(cause)}`,
      {
        cause,
      },
    );
  }
  throw new ObolError(
    'E_SETTING',
    `openapi: schemas of ${standard.vendor} do not say what they are as JSON Schema; give the option toJsonSchema ` +
      '(for valibot: toJsonSchema of @valibot/to-json-schema).',
  );
}

/** Whether nothing at all fits, too. */
export function takesNothing(schema: Schema): boolean {
  const checked = checkSchema(schema, undefined);
  if (!('catch' in checked)) return checked.mistakes === undefined;
  checked.catch(() => undefined);
  return false;
}

function ownSchema({ shape, file }: Own, direction: Direction, convert?: ToJsonSchema): Json {
  if (!shape) return present({ type: 'string', format: 'binary', description: sizeOf(file?.size) });
  const members = Object.entries(shape);
  const required = members.filter(([, member]) => !takesNothing(member)).map(([name]) => name);
  const schemas = members.map(([name, member]) => [name, jsonSchemaOf(member, direction, convert)] as const);
  return {
    type: 'object',
    properties: Object.fromEntries(
      schemas.map(([name, schema]) => [name, without(schema, '$schema', '$defs')]),
    ),
    ...(required.length > 0 && { required }),
    $defs: Object.assign({}, ...schemas.map(([, { $defs }]) => $defs)) as Json,
  };
}

function sizeOf(size: number | undefined): string | undefined {
  return size === undefined ? undefined : `At most ${String(size)} bytes.`;
}

/** The media types that a form's files may have, by the names of their fields. */
export function fileTypesOf(schema: Schema): Readonly<Record<string, string>> {
  const { shape = {} } = schema as Own;
  return Object.fromEntries(
    Object.entries(shape).flatMap(([name, member]) => {
      const types = (member as Own).file?.types;
      return types ? [[name, types.join(', ')]] : [];
    }),
  );
}

/** What is looked at of a schema of zod. */
interface ZodSchema {
  readonly _zod?: { readonly def?: { readonly type?: unknown; readonly defaultValue?: unknown } };
}

/**
 * For zod, whose dates have no JSON Schema, whose bounds may be infinite, and whose defaults may be another each time: these say
 * nothing of an application.
 */
function adaptZod({
  zodSchema,
  jsonSchema,
}: {
  zodSchema?: unknown;
  jsonSchema?: Record<string, unknown>;
}): void {
  const def = (zodSchema as ZodSchema | undefined)?._zod?.def;
  if (!def || !jsonSchema) return;
  if (def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
  if ('default' in jsonSchema && isOfTheMoment(def)) delete jsonSchema['default'];
  for (const [name, value] of Object.entries(jsonSchema))
    if (value === Infinity || value === -Infinity) jsonSchema[name] = undefined;
}

/** Of a function: a moment, or what differs from what it gave before. */
function isOfTheMoment(def: { readonly defaultValue?: unknown }): boolean {
  const { defaultValue: first } = def;
  return first instanceof Date || JSON.stringify(first) !== JSON.stringify(def.defaultValue);
}
