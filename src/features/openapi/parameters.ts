/** The parameters of an operation: those of its path, and those that its contract wants. */
import type { Schema } from '../../kit.js';
import type { Description } from './describe.js';
import { isJson, memberOf, present, type Json } from './json.js';
import { pathParameter, type DocumentPath } from './paths.js';
import type { Contract } from './route.js';
import type { SchemaStore } from './schema-store.js';

/** Where texts by name come from, as contracts and as documents call it. */
const SOURCES = [
  ['query', 'query'],
  ['headers', 'header'],
  ['cookies', 'cookie'],
] as const;
/** Documents say these in other places (OpenAPI 3.1.1, 4.8.12.1). */
export const KNOWN_HEADERS: ReadonlySet<string> = new Set(['accept', 'authorization', 'content-type']);

/** What parameters are made of. */
export interface ParameterParts {
  readonly path: DocumentPath;
  /** Names of the parameters of the path, which it may share with other operations. */
  readonly names: readonly string[];
  readonly contract: Contract | undefined;
  readonly description: Description;
  readonly store: SchemaStore;
  readonly hint: string;
}

/** All of them, those of the path first. */
export function parametersOf(parts: ParameterParts): readonly Json[] {
  const { path, names, contract, description } = parts;
  const texts = description.parameters;
  const inPath = path.parameters.map((parameter, index) =>
    pathParameter(parameter, names[index] ?? parameter.name, memberOf(texts, parameter.name)),
  );
  const others = SOURCES.flatMap(([part, place]) => {
    const schema = contract?.[part];
    return schema ? membersOf(schema, place, parts) : [];
  });
  return [...inPath, ...others];
}

function membersOf(schema: Schema, place: string, { store, hint, description }: ParameterParts): Json[] {
  const whole = store.inline(schema, { direction: 'input', hint: `${hint}_${place}` });
  const { properties, required } = membersIn(whole);
  return [...properties]
    .filter(([name]) => place !== 'header' || !KNOWN_HEADERS.has(name.toLowerCase()))
    .map(([name, member]) => {
      const { description: own, deprecated, ...rest } = member;
      const text = memberOf(description.parameters, name) ?? own;
      const isRequired = required.has(name) || undefined;
      return present({ name, in: place, required: isRequired, description: text, deprecated, schema: rest });
    });
}

/** The members of an object. */
interface Members {
  readonly properties: ReadonlyMap<string, Json>;
  readonly required: ReadonlySet<string>;
}

/** The members of an object, or of one that is put together of several, or is one of several. */
function membersIn(schema: Json): Members {
  const { properties = {}, required = [], allOf, anyOf, oneOf } = schema;
  const own: Members = {
    properties: new Map(Object.entries(properties as Record<string, Json>)),
    required: new Set(required as string[]),
  };
  const choices = [anyOf, oneOf].map(partsOf).filter((parts) => parts.length > 0);
  return joined([own, ...partsOf(allOf), ...choices.map(eitherOf)]);
}

function partsOf(schemas: unknown): Members[] {
  return Array.isArray(schemas) ? schemas.filter(isJson).map(membersIn) : [];
}

function joined(all: readonly Members[]): Members {
  return {
    properties: new Map(all.flatMap(({ properties }) => [...properties])),
    required: new Set(all.flatMap(({ required }) => [...required])),
  };
}

/** What all of them want is wanted. */
function eitherOf(choices: readonly Members[]): Members {
  const { properties, required } = joined(choices);
  const always = [...required].filter((name) => choices.every((each) => each.required.has(name)));
  return { properties, required: new Set(always) };
}
