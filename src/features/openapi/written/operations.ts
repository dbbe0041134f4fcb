/** The operations of a written document, made ready to judge requests and answers. */
import type { Request, Response } from '../../../kit.js';
import { isJson, type Json } from '../json.js';
import { resolved } from './document-file.js';
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

interface Parameter {
  readonly name: string;
  readonly in: Place;
  readonly isRequired: boolean;
  readonly judge: Judge;
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

  constructor(operation: Json, shared: unknown, document: Json, validators: Validators) {
    const { operationId, parameters, requestBody, responses } = operation;
    this.#id = typeof operationId === 'string' ? operationId : undefined;
    this.#parameters = [shared, parameters].flatMap((list) =>
      Array.isArray(list) ? list.map((each) => parameterOf(resolved(each, document), validators)) : [],
    );
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
    const values: Record<string, Record<string, unknown>> = { path: {}, query: {}, headers: {}, cookies: {} };
    for (const { name, in: place, isRequired, judge } of this.#parameters) {
      const given = place === 'path' ? path[name] : givenAt(place, name, request);
      if (given === undefined && !isRequired) continue;
      const holder = { value: given };
      const mistake = given === undefined ? 'is missing' : judge(holder);
      if (mistake !== undefined) throw new Misfit(`The ${place} parameter ${name}: it ${mistake}.`);
      (values[PLACES[place]] ??= {})[name] = holder.value;
    }
    const body = await this.#body(request);
    return { operationId: this.#id, ...(values as Omit<ValidatedRequest, 'operationId' | 'body'>), body };
  }

  /** What is wrong with an answer; undefined for nothing. Streams are not looked at. */
  refusal({ status, contentType, body }: Response): string | undefined {
    const range = `${String(Math.floor(status / 100))}XX`;
    const answers = [String(status), range, 'DEFAULT'].map((key) => this.#answers.get(key)).find(Boolean);
    if (!answers) return `The document has no answer ${String(status)}`;
    if (answers.size === 0 || typeof body !== 'string') return undefined;
    const judge = judgeFor(answers, contentType);
    if (!judge) return `The document has no answer ${String(status)} of the type ${contentType || 'none'}`;
    const mistake = judge({ value: contentType.includes('json') ? jsonOf(body) : body });
    return mistake && `The answer ${String(status)}: it ${mistake}`;
  }

  async #body(request: Request): Promise<unknown> {
    if (!request.hasBody || request.contentLength === 0) {
      if (this.#needsBody) throw new Misfit('The body is missing.');
      return undefined;
    }
    if (this.#bodies.size === 0) return undefined;
    const judge = judgeFor(this.#bodies, request.mimeType);
    if (!judge) throw new Misfit(`The body is none of ${[...this.#bodies.keys()].join(', ')}.`);
    if (!request.mimeType.includes('json')) return undefined;
    const value = await request.readJson();
    const mistake = judge({ value });
    if (mistake !== undefined) throw new Misfit(`The body: it ${mistake}.`);
    return value;
  }
}

/** What is no JSON fits nothing but a text. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function parameterOf({ name, in: place, required, schema }: Json, validators: Validators): Parameter {
  const judge = validators.judge(isJson(schema) ? schema : {}, true);
  return { name: String(name), in: place as Place, isRequired: required === true, judge };
}

function judgesOf({ content }: Json, validators: Validators): Map<string, Judge> {
  const types = isJson(content) ? Object.entries(content) : [];
  return new Map(
    types.map(([type, media]) => {
      const schema = isJson(media) && isJson(media['schema']) ? media['schema'] : {};
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
