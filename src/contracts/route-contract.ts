/** A contract at work: what of a request it validates, and what it makes of the value of a handler. */
import { isInstance } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { formOptionsOf } from './file.js';
import { HttpError } from '../http/http-error.js';
import { andThen } from '../message/handler.js';
import { isAnswer } from '../message/make-response.js';
import { Reply, type ReplyOptions } from '../message/reply.js';
import type { BodyOptions } from '../message/request-body.js';
import type { Request } from '../message/request.js';
import { Response } from '../message/response.js';
import { JSON_TYPE, JsonGeneratorResponse, JsonResponse } from '../message/responses.js';
import { isWebResponse } from '../message/web-values.js';
import { checkSchema, isChecked, type Checked } from '../schema/check-schema.js';
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
  /** What the handler gives, by status; undefined where the contract does not say. */
  readonly returns: ReturnsByStatus | undefined;
  readonly #steps: readonly Step[];
  /** The status of a value that comes without one. */
  readonly #plain: number;

  constructor(contract: Contract) {
    this.contract = contract;
    this.#steps = PARTS.flatMap((part) => stepsOf(part, contract));
    this.returns = returnsOf(contract);
    this.#plain = plainStatus(this.returns);
  }

  /** How a body is read, of which the contract may say more than the route. */
  bodyOptions(own: BodyOptions | undefined): BodyOptions | undefined {
    const { form } = this.contract;
    return form
      ? { ...own, form: { ...formOptionsOf(form), ...(own?.form === false ? {} : own?.form) } }
      : own;
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
    const findings: Findings = { valid: {}, refused: [] };
    for (const [at, [part, judge]] of this.#steps.entries()) {
      const checked = judge(request);
      if (!isChecked(checked))
        return judgeLater([part, checked], this.#steps.slice(at + 1), request, findings);
      note(findings, part, checked);
    }
    return validOf(findings);
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
    if (reply && isReady(data)) return value;
    const status = reply?.status ?? this.#statusOf(data, returns);
    const entry = this.#entryOf(status, returns);
    const { checkReturns } = request.settings;
    if (entry !== undefined) return answerOf(data, entry, { ...optionsOf(reply), status }, checkReturns);
    if (checkReturns) throw undeclared(status, returns);
    return value;
  }

  toJSON(): { takes: string[]; returns: string[] } {
    const returns = [...(this.returns?.keys() ?? [])].map(String);
    return { takes: this.#steps.map(([part]) => part), returns };
  }

  /** A schema alone is that of every success. */
  #entryOf(status: number, byStatus: ReturnsByStatus): Entry | undefined {
    if (byStatus.has(status)) return byStatus.get(status);
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
  return isInstance(value, Response) || isAnswer(value) || isWebResponse(value);
}

function optionsOf(reply: Reply | undefined): ReplyOptions | undefined {
  return reply && { contentType: reply.contentType, headers: reply.headers, early: reply.early };
}

function stepsOf(part: Part, contract: Contract): Step[] {
  const schema = contract[part];
  return schema === undefined ? [] : [[part, JUDGES[part](schema, contract)]];
}

const JUDGES: Readonly<Record<Part, (schema: Schema, contract: Contract) => Judge>> = {
  body:
    (schema, { bodyTypes }) =>
    (request) =>
      andThen(jsonOf(request, bodyTypes), checkBody, schema),
  query: (schema) => (request) => checkTexts(schema, withoutEmpty(request.args.toJSON())),
  headers: (schema) => (request) => checkTexts(schema, headersOf(request)),
  cookies: (schema) => (request) => checkTexts(schema, recordOf(request.cookies)),
  form: (schema) => (request) => andThen(formOf(request), (form) => checkTexts(schema, form)),
};

/** What is known of a request so far. */
interface Findings {
  readonly valid: Validated;
  readonly refused: Refusal[];
}

/** Goes on where a part is judged later, with what is left. */
async function judgeLater(
  [part, judging]: readonly [Part, Promise<Checked<unknown>>],
  rest: readonly Step[],
  request: Request,
  findings: Findings,
): Promise<Validated> {
  note(findings, part, await judging);
  for (const [next, judge] of rest) note(findings, next, await judge(request));
  return validOf(findings);
}

function note({ valid, refused }: Findings, part: Part, checked: Checked<unknown>): void {
  if (checked.mistakes) refused.push(...checked.mistakes.map((mistake) => refusal(part, mistake)));
  else valid[part] = checked.value;
}

/** @throws HttpError 422 where anything was refused */
function validOf({ valid, refused }: Findings): Validated {
  if (refused.length > 0) throw unprocessable(refused);
  return valid;
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
function checkBody(json: unknown, schema: Schema): Checked<unknown> | Promise<Checked<unknown>> {
  const checked = checkSchema(schema, json);
  return json === undefined ? andThen(checked, refuseEmpty) : checked;
}

function refuseEmpty(checked: Checked<unknown>): Checked<unknown> {
  if (checked.mistakes) throw new HttpError(400, 'The body is empty; JSON is wanted here');
  return checked;
}

/** @throws HttpError 415 for a body that is no form */
function formOf(request: Request): Texts | Promise<Texts> {
  return andThen(request.form.size > 0 ? request.form : request.readForm(), (form) =>
    withoutEmpty(form.toJSON()),
  );
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

/** Entries of an answer, whatever is wrong with the parts. */
const MAX_ERRORS = 100;

function unprocessable(errors: readonly Refusal[]): HttpError {
  const [first] = errors;
  const what = errors.length === 1 ? 'One value does' : `${String(errors.length)} values do`;
  const where = first ? `: ${first.in} ${first.pointer}, ${first.detail}` : '';
  return new HttpError(422, `${what} not fit${where}`, { members: { errors: errors.slice(0, MAX_ERRORS) } });
}

/** What data is answered with, checked first where the application does so. */
function answerOf(data: unknown, entry: Entry, options: ReplyOptions, isToBeChecked: boolean): unknown {
  return isToBeChecked
    ? andThen(checkedBy(entry, data), (checked) => sent(checked, entry, options))
    : sent(data, entry, options);
}

/** The data as the contract has it: checked and stripped, items where there are several. */
function checkedBy(entry: Entry, data: unknown): unknown {
  if (isEach(entry)) return checkedItems(entry.each, data);
  if (entry !== null) return andThen(checkSchema(entry, data), accepted);
  if (data === null || data === undefined) return null;
  throw new ObolError('E_CONTRACT', 'There is content where the contract has none.');
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
  const { contentType = JSON_TYPE } = options;
  if (isEach(entry)) return new JsonGeneratorResponse(data, { ...options, contentType });
  if (entry === null) return new Reply(null, options);
  // Where the contract has content, nothing is the null of JSON.
  if (data === null || data === undefined) return new JsonResponse(null, { ...options, contentType });
  return new Reply(data, options);
}
