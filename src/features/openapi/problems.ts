/** Problems (RFC 9457) in a document: that of Obol, whose only type is its status, and the types of the application. */
import { present, type Json } from './json.js';
import type { SchemaStore } from './schema-store.js';

/** What a document says of a kind of problem: what `problemType()` of `obol/errors` makes has it. */
export interface ProblemKind {
  readonly name: string;
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly description?: string | undefined;
}

const PROBLEM_TYPE = 'application/problem+json';

/** What every refusal of Obol is, that of a body or a parameter with a list of mistakes. */
const PROBLEM: Json = {
  type: 'object',
  description: 'A problem (RFC 9457).',
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      description: 'Each value that does not fit.',
      items: {
        type: 'object',
        properties: {
          in: { type: 'string', enum: ['body', 'cookies', 'form', 'headers', 'query'] },
          pointer: { type: 'string', description: 'A JSON pointer (RFC 6901) as a fragment.' },
          detail: { type: 'string' },
        },
        required: ['in', 'pointer', 'detail'],
      },
    },
  },
  required: ['type', 'title', 'status'],
};

/** Whether a value was made by `problemType()`, of any copy of Obol. */
export function isProblemKind(value: unknown): boolean {
  if (typeof value !== 'function') return false;
  const { type, title, status } = value as Partial<ProblemKind>;
  return typeof type === 'string' && typeof title === 'string' && typeof status === 'number';
}

/** The content of an answer that is a problem: of one of the kinds, and of no kind too where it may be one of Obol's own. */
export function problemContent(store: SchemaStore, kinds: readonly ProblemKind[], isOwn = true): Json {
  const any = store.add('Problem', PROBLEM);
  const choices = [...new Set(kinds)].map((kind) => store.add(kind.name, schemaOf(kind, any)));
  if (isOwn) choices.push(any);
  return { [PROBLEM_TYPE]: { schema: choices.length === 1 ? choices[0] : { anyOf: choices } } };
}

function schemaOf({ type, title, status, description }: ProblemKind, any: Json): Json {
  const own = { type: 'object', properties: { type: { const: type }, status: { const: status } } };
  return present({
    title,
    description,
    externalDocs: /^https?:\/\//.test(type) ? { url: type } : undefined,
    allOf: [any, own],
  });
}
