/** The answers of an operation: those of its contract, and those that Obol gives itself. */
import { HttpError } from '../../kit.js';
import { exampleOf, type Description } from './describe.js';
import type { Json } from './json.js';
import { takesBody } from './request-body.js';
import type { Entry, Route } from './route.js';
import type { SchemaStore } from './schema-store.js';

const PROBLEM_TYPE = 'application/problem+json';

/** What every refusal of Obol is (RFC 9457), that of a body or a parameter with a list of mistakes. */
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

/** The refusals of Obol that the operations of a document have in common. */
export class Refusals {
  readonly #store: SchemaStore;
  readonly #used = new Map<string, Json>();

  constructor(store: SchemaStore) {
    this.#store = store;
  }

  /** Those that any operation has, by name. */
  get used(): ReadonlyMap<string, Json> {
    return this.#used;
  }

  /** The content of any of them. */
  get content(): Json {
    return { [PROBLEM_TYPE]: { schema: this.#store.add('Problem', PROBLEM) } };
  }

  /** A reference to that of a status. */
  refer(status: number): Json {
    const description = phraseOf(status);
    const name = description.replace(/\W+/g, '');
    this.#used.set(name, { description, content: this.content });
    return { $ref: `#/components/responses/${name}` };
  }
}

/** What answers are made of. */
export interface ResponseParts {
  readonly route: Route;
  readonly description: Description;
  readonly store: SchemaStore;
  readonly refusals: Refusals;
  readonly hint: string;
}

/** The answers by status. */
export function responsesOf(parts: ResponseParts): Json {
  const { route, description, refusals } = parts;
  const declared = route.contract?.returns;
  const all: Record<string, Json> = {};
  for (const [status, entry] of declared ?? []) all[status] = response(status, entry, parts);
  if (!declared) all['default'] = { description: description.responses?.[200] ?? 'Any answer.' };
  for (const status of refusalsOf(route)) {
    const own = all[status];
    all[status] = own
      ? { ...own, content: { ...(own['content'] as Json | undefined), ...refusals.content } }
      : refusals.refer(status);
  }
  return all;
}

function response(status: number, entry: Entry, { description, store, hint }: ResponseParts): Json {
  const text = description.responses?.[status] ?? phraseOf(status);
  if (entry === null) return { description: text };
  const isList = 'each' in entry;
  const item = store.refer(isList ? entry.each : entry, {
    direction: 'output',
    hint: `${hint}_${String(status)}`,
  });
  const schema = isList ? { type: 'array', items: item } : item;
  const type =
    (status < 300 ? description.produces : undefined) ??
    (schema['type'] === 'string' ? 'text/html' : 'application/json');
  return { description: text, content: { [type]: { schema, ...exampleOf(description, status) } } };
}

/** What Obol answers in place of the handler. */
function refusalsOf({ contract, credentials = [], guards, parameters }: Route): number[] {
  const known = contract?.contract;
  const hasBody = takesBody(known);
  const isValidated = contract?.isTaking === true;
  return [
    ...(hasBody ? [400] : []),
    ...(credentials.length > 0 ? [401] : []),
    ...(guards.length > 0 ? [403] : []),
    ...(parameters.length > 0 ? [404] : []),
    ...(hasBody ? [413, 415] : []),
    ...(isValidated ? [422] : []),
  ];
}

function phraseOf(status: number): string {
  return new HttpError(status).message;
}
