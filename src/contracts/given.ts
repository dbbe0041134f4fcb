/** What a handler gives, as its contract has it. */
import { isInstance } from '../ground/brand.js';
import { ObolError } from '../ground/errors.js';
import { andThen } from '../message/handler.js';
import { isAnswer } from '../message/make-response.js';
import { Reply, type ReplyOptions } from '../message/reply.js';
import { Response } from '../message/response.js';
import { JSON_TYPE, JsonGeneratorResponse, JsonResponse } from '../message/responses.js';
import { isWebResponse } from '../message/web-values.js';
import { checkSchema, type Checked } from '../schema/check-schema.js';
import { pointerTo } from '../schema/mistakes.js';
import type { Schema } from '../schema/standard-schema.js';
import { isEach, type Entry, type ReturnsByStatus } from './contract.js';

/** What answers by itself is not looked at. */
export function isReady(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isInstance(value, Response) || isAnswer(value) || isWebResponse(value);
}

/** How a plain value of the status 200 is sent. */
const PLAIN: ReplyOptions = { status: 200 };

/** How a value shall be sent. @param reply undefined for a plain value */
export function optionsOf(reply: Reply | undefined, status: number): ReplyOptions {
  if (!reply) return status === 200 ? PLAIN : { status };
  const { contentType, headers, early } = reply;
  return { contentType, headers, early, status };
}

/** What data is answered with, checked first where the application does so. */
export function answerOf(
  data: unknown,
  entry: Entry,
  options: ReplyOptions,
  isToBeChecked: boolean,
): unknown {
  return isToBeChecked
    ? andThen(checkedBy(entry, data), (checked) => sent(checked, entry, options))
    : sent(data, entry, options);
}

/** The data as the contract has it: checked and stripped, items where there are several. */
function checkedBy(entry: Entry, data: unknown): unknown {
  if (isEach(entry)) return checkedItems(entry.each, itemsOf(data));
  if (entry !== null) return andThen(checkSchema(entry, data), accepted);
  if (data === null || data === undefined) return null;
  throw new ObolError('E_CONTRACT', 'There is content where the contract has none.');
}

function itemsOf(data: unknown): AsyncIterable<unknown> {
  if (typeof data === 'object' && data !== null && (Symbol.asyncIterator in data || Symbol.iterator in data))
    return data as AsyncIterable<unknown>;
  const given = data === null ? 'null' : `a value of the type ${typeof data}`;
  throw new ObolError(
    'E_CONTRACT',
    `The handler gave ${given}, and its contract has each(), of a list or a generator.`,
  );
}

async function* checkedItems(schema: Schema, items: AsyncIterable<unknown>): AsyncGenerator {
  for await (const item of items) yield accepted(await checkSchema(schema, item));
}

/** @throws ObolError E_CONTRACT, which the log alone shows */
function accepted(checked: Checked<unknown>): unknown {
  if (!checked.mistakes) return checked.value;
  const lines = checked.mistakes.map(({ path, detail }) => `${pointerTo(path) || 'it'}: ${detail}`);
  throw new ObolError('E_CONTRACT', `What the handler gave does not fit its contract: ${lines.join('; ')}`);
}

/** For a status that a contract does not have. */
export function undeclared(status: number, returns: ReturnsByStatus): ObolError {
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
  return options === PLAIN ? data : new Reply(data, options);
}
