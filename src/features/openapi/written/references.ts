/** References within a written document. */
import { isJson, nameInPointer, type Json } from '../json.js';

/** Where a schema has schemas for the same value. */
const IN_PLACE = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'];

/** What a part is, where it may be a reference. @throws Error for one that leads nowhere, in a circle, or out of the document */
export function resolved(part: unknown, document: Json): Json {
  const passed = new Set<unknown>();
  let at = part;
  while (isJson(at) && typeof at['$ref'] === 'string') {
    const { $ref: reference } = at;
    if (passed.has(at)) throw new Error(`the reference ${reference} leads in a circle.`);
    passed.add(at);
    at = found(reference, document);
    if (at === undefined)
      throw new Error(
        `the reference ${reference} leads ${reference.startsWith('#') ? 'nowhere' : 'out of it'}.`,
      );
  }
  return isJson(at) ? at : {};
}

/** @throws Error for a schema that consists of itself, so that judging a value by it would never end */
export function assertEnds(document: Json): void {
  const open = new Set<Json>();
  const ended = new Set<Json>();
  const visit = (schema: Json): void => {
    if (ended.has(schema)) return;
    if (open.has(schema))
      throw new Error(`a schema consists of itself: ${JSON.stringify(schema).slice(0, 100)}`);
    open.add(schema);
    inPlace(schema, document).forEach(visit);
    open.delete(schema);
    ended.add(schema);
  };
  objectsIn(document).forEach(visit);
}

/** The schemas by which a value is judged as well. */
function inPlace(schema: Json, document: Json): Json[] {
  const { $ref: reference, dependentSchemas } = schema;
  const others = IN_PLACE.flatMap((name) => schema[name]);
  const target = typeof reference === 'string' ? found(reference, document) : undefined;
  return [target, ...others, ...(isJson(dependentSchemas) ? Object.values(dependentSchemas) : [])].filter(
    isJson,
  );
}

function objectsIn(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return isJson(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
}

/** What a reference within the document leads to; undefined for nothing. */
function found(reference: string, document: Json): unknown {
  if (reference === '#') return document;
  if (!reference.startsWith('#/')) return undefined;
  const names = reference.slice(2).split('/').map(nameInPointer);
  return names.reduce<unknown>((at, name) => memberAt(at, name), document);
}

function memberAt(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Json)[name];
}
