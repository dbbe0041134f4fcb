/** The operations of a written document, made ready to judge requests and answers. */
import { HttpError, type Request, type Response } from '../../../kit.js';
import { isJson, memberOf, type Json } from '../json.js';
import { KNOWN_HEADERS } from '../parameters.js';
import { resolved } from './references.js';
import type { Judge, Validators } from './validators.js';

/** What `req.api` is: a request as the document has it, its parameters converted. */
export interface ValidatedRequest {
  readonly operationId: string | undefined;
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly cookies: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

const PLACES = { path: 'path', query: 'query', header: 'headers', cookie: 'cookies' } as const;
type Place = keyof typeof PLACES;
/** Each value by itself, a list as several of the same name. */
const READ_STYLES: ReadonlySet<unknown> = new Set(['form', 'simple']);
interface Parameter {
  readonly name: string;
  readonly in: Place;
  readonly isRequired: boolean;
  readonly judge: Judge;
}

/** What an operation is made of, besides itself. */
interface OperationParts {
  /** `GET /notes/{id}` */
  readonly place: string;
  /** What the operations of its path have in common. */
  readonly parameters: unknown;
  readonly document: Json;
  readonly validators: Validators;
}

/** Why a request is refused, for its client. */
export class Misfit extends Error {}

/** One operation. */
export class Operation {
  readonly #id: string | undefined;
  readonly #parameters: readonly Parameter[];
  readonly #bodies: ReadonlyMap<string, Judge>;
  readonly #needsBody: boolean;
  readonly #answers: ReadonlyMap<string, ReadonlyMap<string, Judge>>;

  /** @throws Error for parameters and references that are none */
  constructor(operation: Json, parts: OperationParts) {
    const { parameters: shared, document, validators } = parts;
    const { operationId, parameters, requestBody, responses } = operation;
    this.#id = typeof operationId === 'string' ? operationId : undefined;
    const byName = [shared, parameters]
      .flatMap((list): unknown[] => (Array.isArray(list) ? list : []))
      .map((each) => resolved(each, document))
      .map((each) => [keyOf(each), each] as const);
    // What an operation says of a parameter stands in place of what its path says.
    this.#parameters = [...new Map(byName).values()].flatMap((each) => parameterOf(each, parts));
    const body = resolved(requestBody, document);
    this.#needsBody = body['required'] === true;
    this.#bodies = judgesOf(body, validators);
    const entries = isJson(responses) ? Object.entries(responses) : [];
    this.#answers = new Map(
      entries.map(([status, each]) => [status.toUpperCase(), judgesOf(resolved(each, document), validators)]),
    );
  }

  /** The request as the document has it. @throws Misfit */
  async validate(request: Request, path: Readonly<Record<string, string>>): Promise<ValidatedRequest> {
    const values = { path: new Map(), query: new Map(), headers: new Map(), cookies: new Map() } as const;
    for (const { name, in: place, isRequired, judge } of this.#parameters) {
      const given = place === 'path' ? memberOf(path, name) : givenAt(place, name, request);
      if (given === undefined && !isRequired) continue;
      const holder = { value: given };
      const mistake = given === undefined ? 'is missing' : judge(holder);
      if (mistake !== undefined) throw new Misfit(`The ${place} parameter ${name}: it ${mistake}.`);
      values[PLACES[place]].set(name, holder.value);
    }
    const body = await this.#body(request);
    const parts = Object.entries(values).map(
      ([part, members]) => [part, Object.fromEntries(members)] as const,
    );
    return { operationId: this.#id, ...Object.fromEntries(parts), body } as ValidatedRequest;
  }

  /** What is wrong with an answer; undefined for nothing. Streams are not looked at. */
  refusal({ status, contentType, body }: Response): string | undefined {
    const range = `${String(Math.floor(status / 100))}XX`;
    const answers = [String(status), range, 'DEFAULT'].map((key) => this.#answers.get(key)).find(Boolean);
    if (!answers) return `The document has no answer ${String(status)}`;
    if (answers.size === 0 || typeof body !== 'string') return undefined;
    const judge = judgeFor(answers, contentType);
    if (!judge) return `The document has no answer ${String(status)} of the type ${contentType || 'none'}`;
    const mistake = judge({ value: isJsonType(contentType) ? jsonOf(body) : body });
    return mistake && `The answer ${String(status)}: it ${mistake}`;
  }

  /** @throws Misfit where a body is needed */
  #assertOptional(): void {
    if (this.#needsBody) throw new Misfit('The body is missing.');
  }

  async #body(request: Request): Promise<unknown> {
    if (!request.hasBody || request.contentLength === 0) {
      this.#assertOptional();
      return undefined;
    }
    if (this.#bodies.size === 0) return undefined;
    const judge = judgeFor(this.#bodies, request.mimeType);
    if (!judge) throw new Misfit(`The body is none of ${[...this.#bodies.keys()].join(', ')}.`);
    if (!isJsonType(request.mimeType)) return undefined;
    const value = await jsonIn(request);
    // Of a body in chunks its end says that it is empty.
    if (value === undefined) {
      this.#assertOptional();
      return undefined;
    }
    const mistake = judge({ value });
    if (mistake !== undefined) throw new Misfit(`The body: it ${mistake}.`);
    return value;
  }
}

/** @throws Misfit for what is no JSON */
async function jsonIn(request: Request): Promise<unknown> {
  try {
    return await request.readJson();
  } catch (error) {
    if (error instanceof HttpError && error.status === 400)
      throw new Misfit(`${error.message}.`, { cause: error });
    throw error;
  }
}

/** Lines and sequences of JSON are none (`application/x-ndjson`, `application/json-seq`). */
function isJsonType(contentType: string): boolean {
  return /^[^;]*[/+]json\s*(?:;|$)/i.test(contentType);
}

/** What is no JSON fits nothing but a text. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function keyOf({ name, in: where }: Json): string {
  return JSON.stringify([where, name]);
}

/** None for what documents say elsewhere, and for what is written in ways that are not read. @throws Error for what is none */
function parameterOf(parameter: Json, { place, document, validators }: OperationParts): Parameter[] {
  const { name, in: where, required, schema, style = 'form' } = parameter;
  if (typeof name !== 'string') throw new Error(`a parameter of ${place} has no name.`);
  if (typeof where !== 'string' || !Object.hasOwn(PLACES, where))
    throw new Error(`the parameter ${name} of ${place} is in none of ${Object.keys(PLACES).join(', ')}.`);
  if (where === 'path' && !place.includes(`{${name}}`))
    throw new Error(`the parameter ${name} of ${place} is not in its path.`);
  const isObject = resolved(schema, document)['type'] === 'object';
  const isElsewhere = where === 'header' && KNOWN_HEADERS.has(name.toLowerCase());
  if (isObject || isElsewhere || !isSchema(schema) || !READ_STYLES.has(style)) return [];
  const judge = validators.judge(schema, true);
  return [{ name, in: where as Place, isRequired: required === true, judge }];
}

/** Since 3.1 it may be `true` or `false`. */
function isSchema(value: unknown): value is Json | boolean {
  return isJson(value) || typeof value === 'boolean';
}

function judgesOf({ content }: Json, validators: Validators): Map<string, Judge> {
  const types = isJson(content) ? Object.entries(content) : [];
  return new Map(
    types.map(([type, media]) => {
      const schema = isJson(media) && isSchema(media['schema']) ? media['schema'] : {};
      return [type.toLowerCase().replace(/;.*/s, ''), validators.judge(schema)];
    }),
  );
}

function judgeFor(judges: ReadonlyMap<string, Judge>, contentType: string): Judge | undefined {
  const type = contentType.toLowerCase().replace(/\s*;.*/s, '');
  return judges.get(type) ?? judges.get(type.replace(/\/.*/, '/*')) ?? judges.get('*/*');
}

/** One text, or a list where a name was given several times. */
function givenAt(place: Place, name: string, { args, headers, cookies }: Request): unknown {
  if (place === 'header') return headers.get(name);
  if (place === 'cookie') return cookies.get(name);
  const all = args.getList(name);
  return all.length > 1 ? all : all[0];
}
