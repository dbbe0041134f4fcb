/** How each part of a request is read and judged. */
import { Args } from '../body/args.js';
import { parseQuery } from '../http/query.js';
import { cookiesOf } from '../message/cookies.js';
import { andThen } from '../message/handler.js';
import type { Request } from '../message/request.js';
import { checkSchema, type Checked } from '../schema/check-schema.js';
import { checkTexts, type Texts } from '../schema/check-texts.js';
import type { Schema } from '../schema/standard-schema.js';
import { PARTS, type Contract, type Part } from './contract.js';
import { note, validOf, wrongBody, type Findings, type Validated } from './refusals.js';

/** Reads one part of a request and judges it. */
type Judge = (request: Request) => Checked<unknown> | Promise<Checked<unknown>>;

/** A part, and how it is judged. */
export type Step = readonly [part: Part, judge: Judge];

/** The parts that a contract has schemas for. */
export function stepsOf(contract: Contract): Step[] {
  return PARTS.flatMap((part) => {
    const schema = contract[part];
    return schema === undefined ? [] : [[part, JUDGES[part](schema, contract)] as const];
  });
}

const JUDGES: Readonly<Record<Part, (schema: Schema, contract: Contract) => Judge>> = {
  body:
    (schema, { bodyTypes }) =>
    (request) =>
      andThen(jsonOf(request, bodyTypes), checkBody, schema),
  query: (schema) => (request) => checkTexts(schema, withoutEmpty(argsOf(request).toJSON())),
  headers: (schema) => (request) => checkTexts(schema, headersOf(request)),
  cookies: (schema) => (request) => checkTexts(schema, recordOf(cookiesOf(request))),
  form: (schema) => (request) => andThen(formOf(request), (form) => checkTexts(schema, form)),
};

/** Goes on where a part is judged later, with what is left. */
export async function judgeLater(
  [part, judging]: readonly [Part, Promise<Checked<unknown>>],
  rest: readonly Step[],
  request: Request,
  findings: Findings,
): Promise<Validated> {
  note(findings, part, await judging);
  for (const [next, judge] of rest) note(findings, next, await judge(request));
  return validOf(findings);
}

/** The body; undefined where there is none. @throws HttpError 415 for one of another type */
function jsonOf(request: Request, types: readonly string[] | undefined): unknown {
  if (!request.hasBody || request.contentLength === 0) return undefined;
  const { mimeType, settings } = request;
  const isRight = types
    ? types.includes(mimeType)
    : mimeType.endsWith('+json') || settings.jsonTypes.includes(mimeType);
  if (!isRight)
    throw wrongBody(415, `The body is JSON here; send it as ${(types ?? ['application/json']).join(' or ')}`);
  return request.json === undefined ? request.readJson() : request.json;
}

/** Nothing at all may fit, and is no mistake of the schema otherwise. @throws HttpError 400 for an empty body */
function checkBody(json: unknown, schema: Schema): Checked<unknown> | Promise<Checked<unknown>> {
  const checked = checkSchema(schema, json);
  return json === undefined ? andThen(checked, refuseEmpty) : checked;
}

function refuseEmpty(checked: Checked<unknown>): Checked<unknown> {
  if (checked.mistakes) throw wrongBody(400, 'The body is empty; JSON is wanted here');
  return checked;
}

/** @throws HttpError 415 for a body that is no form */
function formOf(request: Request): Texts | Promise<Texts> {
  return andThen(request.form.size > 0 ? request.form : request.readForm(), (form) =>
    withoutEmpty(form.toJSON()),
  );
}

/** What was sent, whether or not the application wants `request.args`. */
function argsOf({ args, query, settings }: Request): Args {
  return settings.autoArgs || args.size > 0 ? args : new Args(parseQuery(query, settings.query));
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
