/** Requests as a document has them, made up; and what a document says of an answer. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import type { TestRequestInit } from 'obol/testing';

export type Schema = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Media {
  readonly schema?: Schema;
}

export interface WrittenOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: Readonly<Record<string, Media>> }>
  >;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

/** A request, its parts as values that schemas know. */
export interface MadeRequest {
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly header: Readonly<Record<string, unknown>>;
  readonly cookie: Readonly<Record<string, unknown>>;
  /** The media type of the body; undefined for none. */
  readonly type: string | undefined;
  readonly body: unknown;
}

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');
const FORMATS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  date: fc.constantFrom('2024-02-29', '1999-12-31', '2026-01-01'),
  'date-time': fc.constantFrom('2024-02-29T12:00:00Z', '1999-12-31T23:59:59.999Z'),
  uuid: fc.uuid(),
  email: fc.constantFrom('a@example.com', 'b.c+d@example.org'),
  uri: fc.webUrl(),
  binary: fc.constant(PNG),
};

/** Judges of values by the schemas of a document, each made once. */
class Judges {
  readonly #ajv: Ajv2020;
  readonly #made = new Map<Schema, ValidateFunction>();

  /** @param coerceTypes whether texts may stand for numbers, and single values for lists */
  constructor(root: object, coerceTypes: false | 'array') {
    this.#ajv = new Ajv2020({ strict: false, coerceTypes, logger: false });
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(atRoot(root) as object, 'document');
  }

  /** What is wrong with a value; undefined for nothing. */
  misfit(schema: Schema, value: unknown): string | undefined {
    let judge = this.#made.get(schema);
    if (!judge) {
      judge = this.#ajv.compile({ type: 'object', properties: { value: atRoot(schema) } });
      this.#made.set(schema, judge);
    }
    return judge({ value }) ? undefined : this.#ajv.errorsText(judge.errors);
  }
}

/** A document that can be asked. */
export class WrittenDocument {
  readonly #root: Schema;
  readonly #judges: Judges;
  readonly #coercing: Judges;

  constructor(root: object) {
    this.#root = root as Schema;
    this.#judges = new Judges(root, false);
    this.#coercing = new Judges(root, 'array');
  }

  /** Every operation, with its path and method; what 3.1 has as `x-query` too. */
  get operations(): { path: string; method: string; operation: WrittenOperation }[] {
    const paths = this.#root['paths'] as Readonly<Record<string, Readonly<Record<string, WrittenOperation>>>>;
    return Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([name, operation]) => {
        return { path, method: name.replace('x-', '').toUpperCase(), operation };
      }),
    );
  }

  /** Requests that the document lets pass. */
  requests({ parameters = [], requestBody }: WrittenOperation): fc.Arbitrary<MadeRequest> {
    const part = (place: Parameter['in']): fc.Arbitrary<Record<string, unknown>> => {
      const here = parameters.filter((each) => each.in === place);
      const values = here.map(({ name, schema }) => [name, this.values(schema)] as const);
      const required = here.filter((each) => each.required).map(({ name }) => name);
      return fc.record(Object.fromEntries(values), { requiredKeys: required });
    };
    const bodies = Object.entries(requestBody?.content ?? {}).map(([type, { schema = {} }]) =>
      this.values(schema).map((body): { type: string | undefined; body: unknown } => ({ type, body })),
    );
    const none = fc.constant({ type: undefined, body: undefined });
    const parts = {
      path: part('path'),
      query: part('query'),
      header: part('header'),
      cookie: part('cookie'),
    };
    const withBody = fc.oneof(...bodies, ...(requestBody?.required ? [] : [none]));
    return fc.tuple(fc.record(parts), withBody).map(([rest, body]) => ({ ...rest, ...body }));
  }

  /** Values that fit a schema. */
  values(schema: Schema): fc.Arbitrary<unknown> {
    const whole = this.#resolved(schema);
    const { enum: choices, anyOf, oneOf, allOf, type } = whole;
    if ('const' in whole) return fc.constant(whole['const']);
    if (Array.isArray(choices)) return fc.constantFrom(...(choices as unknown[]));
    const either = anyOf ?? oneOf;
    if (Array.isArray(either)) return fc.oneof(...(either as Schema[]).map((each) => this.values(each)));
    if (Array.isArray(allOf))
      return fc.tuple(...(allOf as Schema[]).map((each) => this.values(each))).map(merged);
    if (Array.isArray(type)) return fc.oneof(...type.map((each) => this.values({ ...whole, type: each })));
    return this.#ofType(whole);
  }

  /** Whether a value fits; texts may stand for numbers where `coerces`. */
  fits(schema: Schema, value: unknown, coerces = false): boolean {
    return (coerces ? this.#coercing : this.#judges).misfit(schema, value) === undefined;
  }

  /** What is wrong with an answer; undefined for nothing. */
  mistakeIn({ responses }: WrittenOperation, answer: Answer): string | undefined {
    const { status } = answer;
    const known =
      responses[status] ?? responses[`${String(Math.floor(status / 100))}XX`] ?? responses['default'];
    if (!known) return `the status ${String(status)} is not in the document`;
    const { content } = this.#resolved(known) as (typeof responses)[string];
    if (!content || answer.type === undefined) return undefined;
    const media = content[answer.type];
    if (!media) return `the type ${answer.type || 'none'} of ${String(status)} is not in the document`;
    if (!media.schema || answer.json === undefined) return undefined;
    return this.#judges.misfit(media.schema, answer.json);
  }

  #resolved(part: unknown): Schema {
    const { $ref } = part as { $ref?: string };
    if ($ref === undefined) return part as Schema;
    const names = $ref.slice(2).split('/');
    return this.#resolved(
      names.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], this.#root),
    );
  }

  #ofType(schema: Schema): fc.Arbitrary<unknown> {
    switch (schema['type']) {
      case 'array':
        return this.#lists(schema);
      case 'object':
        return this.#objects(schema);
      default:
        return singleValues(schema);
    }
  }

  #lists({ items = {}, minItems = 0, maxItems = 10 }: Schema): fc.Arbitrary<unknown> {
    const maxLength = Math.min(maxItems as number, 10);
    return fc.array(this.values(items as Schema), { minLength: minItems as number, maxLength });
  }

  #objects({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
    const members = Object.entries(properties as Record<string, Schema>);
    const values = members.map(([name, each]) => [name, this.values(each)] as const);
    return fc.record(Object.fromEntries(values), {
      requiredKeys: required as string[],
      noNullPrototype: true,
    });
  }
}

/** What came, its body where it is JSON. */
export interface Answer {
  readonly status: number;
  /** Its media type; undefined where that does not matter. */
  readonly type: string | undefined;
  readonly json: unknown;
}

function singleValues(schema: Schema): fc.Arbitrary<unknown> {
  const { type, minimum = 1, maximum = 9 } = schema as { type?: string; minimum?: number; maximum?: number };
  const [min, max] = [Math.max(minimum, -(2 ** 31)), Math.min(maximum, 2 ** 31 - 1)];
  if (type === 'string') return textsOf(schema);
  if (type === 'integer') return fc.integer({ min, max });
  if (type === 'number') return fc.double({ min, max, noNaN: true });
  if (type === 'boolean') return fc.boolean();
  return type === 'null' ? fc.constant(null) : fc.jsonValue();
}

function textsOf({ format, pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<unknown> {
  const known = FORMATS[format as string];
  if (known) return known;
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern, 'u'));
  const most = Math.min(maxLength as number, (minLength as number) + 300);
  return fc.string({ minLength: minLength as number, maxLength: most, unit: 'binary' });
}

function merged(parts: readonly unknown[]): unknown {
  return Object.assign({}, ...(parts as object[]));
}

/** Where references lead into the document, from wherever they stand. */
function atRoot(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(atRoot);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]: [string, unknown]) => [
    name,
    name === '$ref' ? String(member).replace(/^#/, 'document#') : atRoot(member),
  ]);
  return Object.fromEntries(members) as object;
}

/** A request as a client sends it. */
export function sent(path: string, method: string, request: MadeRequest): [string, TestRequestInit] {
  const { query, header, cookie, type, body } = request;
  const target = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(request.path[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const each of [value].flat()) search.append(name, String(each));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) headers[name] = String(value);
  const cookies = Object.entries(cookie).map(([name, value]) => `${name}=${String(value)}`);
  if (cookies.length > 0) headers['Cookie'] = cookies.join('; ');
  const url = String(search) === '' ? target : `${target}?${String(search)}`;
  if (type?.startsWith('multipart/')) return [url, { method, headers, form: formOf(body as object) }];
  if (type !== undefined) headers['Content-Type'] = type;
  const text = type?.includes('json') ? JSON.stringify(body) : new URLSearchParams(body as never).toString();
  return [url, { method, headers, ...(type !== undefined && { body: text }) }];
}

function formOf(body: object): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(body) as [string, unknown][])
    if (Buffer.isBuffer(value)) form.append(name, new Blob([value]), 'a.png');
    else form.append(name, String(value));
  return form;
}
