/** Whether what was written as a contract is one. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { BODYLESS } from '../http/status.js';
import { isSchema } from '../schema/standard-schema.js';
import { isEach, PARTS, type Contract, type Entry, type Part } from './contract.js';

/**
 * Checks what JavaScript, or a type that was lost, lets pass.
 * @throws ObolError E_CONTRACT
 */
export function assertContract(contract: unknown): asserts contract is Contract {
  if (typeof contract !== 'object' || contract === null || Array.isArray(contract) || isSchema(contract))
    throw wrong(`${inspect(contract, { depth: 0 })} is no contract; write { body: Schema, returns: Schema }`);
  for (const [name, value] of Object.entries(contract) as [string, unknown][]) {
    if (name === 'returns') assertReturns(value);
    else if (name === 'bodyTypes') assertTypes(value);
    else if (!PARTS.includes(name as Part))
      throw wrong(
        `A contract has no member "${name}"; the members are ${PARTS.join(', ')}, bodyTypes and returns`,
      );
    else if (value !== undefined && !isSchema(value))
      throw wrong(
        `Its ${name} is no schema, but ${inspect(value, { depth: 0 })}; give one of zod, valibot or arktype`,
      );
  }
  assertOneBody(contract);
  assertFields(contract);
}

/** A request has one body, which is JSON or a form. */
function assertOneBody({ body, form, bodyTypes }: Contract): void {
  if (body && form) throw wrong('It has a body and a form, and no request fits both; write two routes');
  if (bodyTypes && !body) throw wrong('It has bodyTypes and no body that is of them; add body: Schema');
}

/** Objects of zod and valibot take schemas of their own library alone, which they say with the first request only. */
function assertFields({ form }: Contract): void {
  if (!form || form['~standard'].vendor === 'obol') return;
  const { shape, entries } = form as { readonly shape?: unknown; readonly entries?: unknown };
  const [file] = Object.entries(shape ?? entries ?? {}).filter(([, schema]) => isFile(schema));
  if (file)
    throw wrong(
      `Its form has file() as ${JSON.stringify(file[0])} in an object of ${form['~standard'].vendor}, which takes schemas of its own alone; write fields({ ... }) of obol/contract in place of that object`,
    );
}

function isFile(schema: unknown): boolean {
  return isSchema(schema) && schema['~standard'].vendor === 'obol';
}

function assertTypes(types: unknown): void {
  const isList =
    Array.isArray(types) &&
    types.length > 0 &&
    types.every((type) => typeof type === 'string' && /^[a-z]+\/[\w.+-]+$/.test(type));
  if (types !== undefined && !isList)
    throw wrong(
      `Its bodyTypes are no list of media types in lower case, such as ["application/merge-patch+json"]`,
    );
}

function assertReturns(returns: unknown): void {
  if (returns === undefined || isEntry(returns)) return;
  const entries = typeof returns === 'object' ? Object.entries(returns) : [];
  if (entries.length === 0)
    throw wrong('Its returns is neither a schema, each(schema), null nor an object with one for each status');
  for (const [status, entry] of entries as [string, unknown][]) {
    if (status === 'each') throw wrong('Its returns is each() of what is no schema');
    if (!/^[2-5]\d\d$/.test(status))
      throw wrong(`Its returns has ${JSON.stringify(status)} in place of a status, such as 201`);
    if (!isEntry(entry)) throw wrong(`Its returns has neither a schema, each(schema) nor null for ${status}`);
    if (entry !== null && BODYLESS.has(Number(status)))
      throw wrong(
        `Its returns has a schema for ${status}, whose answers have no content; write ${status}: null`,
      );
  }
}

function isEntry(value: unknown): value is Entry {
  return value === null || isSchema(value) || isEach(value);
}

function wrong(message: string): ObolError {
  return new ObolError('E_CONTRACT', `${message}.`);
}
