/** A contract at work: what of a request it validates, and what it makes of the value of a handler. */
import { isInstance } from '../ground/brand.js';
import type { FormOptions } from '../body/form-options.js';
import { ObolError } from '../ground/errors.js';
import { formOptionsOf } from './file.js';
import { HttpError } from '../http/http-error.js';
import { andThen } from '../message/handler.js';
import { isAnswer } from '../message/make-response.js';
import { Reply, type ReplyOptions } from '../message/reply.js';
import type { Request } from '../message/request.js';
import { Response } from '../message/response.js';
import { JsonGeneratorResponse, JsonResponse } from '../message/responses.js';
import { checkSchema, type Checked } from '../schema/check-schema.js';
import { checkTexts, type Texts } from '../schema/check-texts.js';
import { assertContract } from './assert-contract.js';
import {
  isEach,
  PARTS,
  returnsOf,
  type Contract,
  type Entry,
  type Part,
  type ReturnsByStatus,
} from './contract.js';
import { pointerTo, type SchemaMistake } from '../schema/mistakes.js';
import { isSchema, type Schema } from '../schema/standard-schema.js';

/** The validated parts, by name. */
type Validated = Partial<Record<Part, unknown>>;

/** Reads one part of a request and judges it. */
type Judge = (request: Request) => Checked<unknown> | Promise<Checked<unknown>>;

/** A part, and how it is judged. */
type Step = readonly [part: Part, judge: Judge];

/** A contract, made ready for requests. */
export class RouteContract {
  readonly contract: Contract;
  /** How its form is read, where it says more than the route. */
  readonly form: FormOptions;
  /** What the handler gives, by status; undefined where the contract does not say. */
  readonly returns: ReturnsByStatus | undefined;
  readonly #steps: readonly Step[];
  /** The status of a value that comes without one. */
  readonly #plain: number;

  constructor(contract: Contract) {
    this.contract = contract;
    this.form = formOptionsOf(contract.form);
    this.#steps = PARTS.flatMap((part) => stepsOf(part, contract));
    this.returns = returnsOf(contract);
    this.#plain = plainStatus(this.returns);
  }

  /** Whether it judges anything of a request. */
  get isTaking(): boolean {
    return this.#steps.length > 0;
  }

  /**
   * The validated parts of a request whose body has been read.
   * @throws HttpError 422 for parts that do not fit, with a pointer to each mistake; 400 for an empty body, 415 for one of another type
   */
  validate(request: Request): Validated | Promise<Validated> {
    const valid: Validated = {};
    return andThen(judgeAll(this.#steps, request, valid), (refused) => {
      if (refused.length > 0) throw unprocessable(refused);
      return valid;
    });
  }

  /**
   * What a handler's value is answered with: with its status, and checked where the application does so.
   * @throws ObolError E_CONTRACT for a value that the contract does not have
   */
  answer(value: unknown, request: Request): unknown {
    const returns = this.returns;
    if (!returns || isReady(value)) return value;
    const reply = isInstance(value, Reply) ? value : undefined;
    const data: unknown = reply ? reply.data : value;
    if (isReady(data)) return value;
    const status = reply?.status ?? this.#statusOf(data, returns);
    const entry = returns.has(status) ? returns.get(status) : this.#entryOfSuccess(status);
    if (entry === undefined) {
      if (request.settings.checkReturns) throw undeclared(status, returns);
      return value;
    }
    const { contentType, headers } = reply ?? {};
    return andThen(answerOf(entry, data, request), (checked) =>
      sent(checked, entry, { status, contentType, headers }),
    );
  }

  toJSON(): { takes: string[]; returns: string[] } {
    const returns = [...(this.returns?.keys() ?? [])].map(String);
    return { takes: this.#steps.map(([part]) => part), returns };
  }

  /** A schema alone is that of every success. */
  #entryOfSuccess(status: number): Entry | undefined {
    const { returns } = this.contract;
    return status < 300 && (isSchema(returns) || isEach(returns)) ? returns : undefined;
  }

  #statusOf(data: unknown, returns: ReturnsByStatus): number {
    const isNothing = data === null || data === undefined;
    if (isNothing && returns.has(204)) return 204;
    return isNothing && returns.has(205) ? 205 : this.#plain;
  }
}

/** A contract, made ready; undefined for none. @throws ObolError E_CONTRACT for what is none */
export function routeContract(contract: unknown): RouteContract | undefined {
  if (contract === undefined) return undefined;
  assertContract(contract);
  return new RouteContract(contract);
}

/** The lowest 2xx that has content. */
function plainStatus(returns: ReturnsByStatus | undefined): number {
  const statuses = [...(returns ?? [])].flatMap(([status, entry]) =>
    entry !== null && status < 300 ? status : [],
  );
  return Math.min(...statuses, Infinity) === Infinity ? 200 : Math.min(...statuses);
}

/** What answers by itself is not looked at. */
function isReady(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isInstance(value, Response) || isAnswer(value) || value instanceof globalThis.Response;
}

function stepsOf(part: Part, contract: Contract): Step[] {
  const schema = contract[part];
  return schema === undefined ? [] : [[part, JUDGES[part](schema, contract)]];
}

const JUDGES: Readonly<Record<Part, (schema: Schema, contract: Contract) => Judge>> = {
  body:
    (schema, { bodyTypes }) =>
    (request) =>
      andThen(jsonOf(request, bodyTypes), (json) => checkBody(schema, json)),
  query: (schema) => (request) => checkTexts(schema, withoutEmpty(request.args.toJSON())),
  headers: (schema) => (request) => checkTexts(schema, headersOf(request)),
  cookies: (schema) => (request) => checkTexts(schema, recordOf(request.cookies)),
  form: (schema) => (request) => andThen(formOf(request), (form) => checkTexts(schema, form)),
};

/** Judges parts in turn. @returns what was refused, as the client reads it */
function judgeAll(
  steps: readonly Step[],
  request: Request,
  valid: Validated,
  refused: readonly Refusal[] = [],
): readonly Refusal[] | Promise<readonly Refusal[]> {
  const [first, ...rest] = steps;
  if (!first) return refused;
  const [part, judge] = first;
  return andThen(judge(request), (checked) => {
    if (checked.mistakes)
      return judgeAll(rest, request, valid, [
        ...refused,
        ...checked.mistakes.map((mistake) => refusal(part, mistake)),
      ]);
    valid[part] = checked.value;
    return judgeAll(rest, request, valid, refused);
  });
}

/** The body; undefined where there is none. @throws HttpError 415 for one of another type */
function jsonOf(request: Request, types: readonly string[] | undefined): unknown {
  if (!request.hasBody || request.contentLength === 0) return undefined;
  const { mimeType, settings } = request;
  const isRight = types
    ? types.includes(mimeType)
    : mimeType.endsWith('+json') || settings.jsonTypes.includes(mimeType);
  if (!isRight)
    throw new HttpError(
      415,
      `The body is JSON here; send it as ${(types ?? ['application/json']).join(' or ')}`,
    );
  return request.json === undefined ? request.readJson() : request.json;
}

/** Nothing at all may fit, and is no mistake of the schema otherwise. @throws HttpError 400 for an empty body */
function checkBody(schema: Schema, json: unknown): Checked<unknown> | Promise<Checked<unknown>> {
  return andThen(checkSchema(schema, json), (checked) => {
    if (checked.mistakes && json === undefined)
      throw new HttpError(400, 'The body is empty; JSON is wanted here');
    return checked;
  });
}

/** @throws HttpError 415 for a body that is no form */
async function formOf(request: Request): Promise<Texts> {
  const form = request.form.size > 0 ? request.form : await request.readForm();
  return withoutEmpty(form.toJSON());
}

/** A field that was left empty counts as left out. */
function withoutEmpty(texts: Record<string, unknown>): Texts {
  for (const [name, value] of Object.entries(texts)) if (value === '') Reflect.deleteProperty(texts, name);
  return texts;
}

function headersOf({ headers }: Request): Texts {
  return recordOf([...headers].map(([name]) => [name.toLowerCase(), headers.get(name)] as const));
}

/** Without a prototype: names are the client's. */
function recordOf(entries: Iterable<readonly [string, unknown]>): Texts {
  const record = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of entries) record[name] = value;
  return record;
}

/** One mistake, as a client reads it (RFC 9457 3.2). */
interface Refusal {
  readonly in: Part;
  /** A JSON pointer as a fragment (RFC 6901 6). */
  readonly pointer: string;
  readonly detail: string;
}

function refusal(part: Part, { path, detail }: SchemaMistake): Refusal {
  const pointer = encodeURI(pointerTo(path.map((name) => name.toWellFormed()))).replaceAll('#', '%23');
  return { in: part, pointer: `#${pointer}`, detail };
}

function unprocessable(errors: readonly Refusal[]): HttpError {
  const [first] = errors;
  const what = errors.length === 1 ? 'One value does' : `${String(errors.length)} values do`;
  const where = first ? `: ${first.in} ${first.pointer}, ${first.detail}` : '';
  return new HttpError(422, `${what} not fit${where}`, { members: { errors } });
}

/** The data as the contract has it: checked and stripped where the application does so, items where there are several. */
function answerOf(entry: Entry, data: unknown, request: Request): unknown {
  const { checkReturns } = request.settings;
  if (entry === null) {
    if (checkReturns && data !== null && data !== undefined)
      throw new ObolError('E_CONTRACT', 'There is content where the contract has none.');
    return null;
  }
  if (isEach(entry)) return checkReturns ? checkedItems(entry.each, data) : data;
  return checkReturns ? andThen(checkSchema(entry, data), accepted) : data;
}

async function* checkedItems(schema: Schema, data: unknown): AsyncGenerator {
  for await (const item of data as AsyncIterable<unknown>) yield accepted(await checkSchema(schema, item));
}

/** @throws ObolError E_CONTRACT, which the log alone shows */
function accepted(checked: Checked<unknown>): unknown {
  if (!checked.mistakes) return checked.value;
  const lines = checked.mistakes.map(({ path, detail }) => `${pointerTo(path) || 'it'}: ${detail}`);
  throw new ObolError('E_CONTRACT', `What the handler gave does not fit its contract: ${lines.join('; ')}`);
}

function undeclared(status: number, returns: ReturnsByStatus): ObolError {
  const known = [...returns.keys()].join(', ');
  return new ObolError(
    'E_CONTRACT',
    `The handler gave the status ${String(status)}, and its contract has ${known}.`,
  );
}

/** A value of an entry, as it is answered with. */
function sent(data: unknown, entry: Entry, options: ReplyOptions): unknown {
  const { status, contentType, headers } = options;
  const type = contentType === undefined ? {} : { contentType };
  if (isEach(entry)) return new JsonGeneratorResponse(data, { status, headers, ...type });
  // Where the contract has content, nothing is the null of JSON.
  if (entry !== null && (data === null || data === undefined))
    return new JsonResponse(null, { status, headers });
  return new Reply(data, options);
}
