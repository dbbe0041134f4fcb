/** The body that an operation wants: JSON, a form, or either. */
import type { Schema } from '../../kit.js';
import { exampleOf, type Description } from './describe.js';
import { isJson, type Json } from './json.js';
import { fileTypesOf, takesNothing } from './json-schema.js';
import type { Contract } from './route.js';
import type { SchemaStore } from './schema-store.js';

const JSON_TYPES = ['application/json'];
const MULTIPART = 'multipart/form-data';
const URLENCODED = 'application/x-www-form-urlencoded';

/** Whether a contract reads a body. */
export function takesBody(contract: Contract | undefined): boolean {
  return contract?.body !== undefined || contract?.form !== undefined;
}

interface BodyParts {
  readonly store: SchemaStore;
  readonly hint: string;
}

/** Undefined for an operation without one. */
export function requestBody(
  { body, bodyTypes = JSON_TYPES, form }: Contract,
  description: Description,
  { store, hint }: BodyParts,
): Json | undefined {
  if (!body && !form) return undefined;
  const content: Record<string, Json> = {};
  if (body) {
    const schema = store.refer(body, { direction: 'input', hint: `${hint}_body` });
    for (const type of bodyTypes) content[type] = { schema, ...exampleOf(description, 'body') };
  }
  if (form) Object.assign(content, formContent(form, { store, hint: `${hint}_form` }));
  const isOptional = [body, form].some((schema) => schema && takesNothing(schema));
  return { ...(!isOptional && { required: true }), content };
}

/** Files are sent in parts only; fields alone, either way. */
function formContent(form: Schema, { store, hint }: BodyParts): Json {
  const options = { direction: 'input', hint } as const;
  const schema = store.refer(form, options);
  const encoding = Object.entries(fileTypesOf(form)).map(([name, contentType]) => [name, { contentType }]);
  const multipart = {
    schema,
    ...(encoding.length > 0 && { encoding: Object.fromEntries(encoding) as Json }),
  };
  return hasFiles(store.inline(form, options))
    ? { [MULTIPART]: multipart }
    : { [URLENCODED]: { schema }, [MULTIPART]: { schema } };
}

function hasFiles({ properties }: Json): boolean {
  return isJson(properties) && Object.values(properties).some((member) => isJson(member) && isFile(member));
}

function isFile({ format, items }: Json): boolean {
  return format === 'binary' || (isJson(items) && isFile(items));
}
