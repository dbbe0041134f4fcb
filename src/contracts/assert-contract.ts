/** Whether what was written as a contract is one. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';
import { isSchema } from '../schema/standard-schema.js';
import { isEach, PARTS, type Contract, type Entry, type Part } from './contract.js';

/**
 * Checks what JavaScript, or a type that was lost, lets pass.
 * @throws ObolError E_CONTRACT
 */
export function assertContract(contract: unknown): asserts contract is Contract {
  if (typeof contract !== 'object' || contract === null || isSchema(contract))
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
}

function assertTypes(types: unknown): void {
  const isList =
    Array.isArray(types) &&
    types.every((type) => typeof type === 'string' && /^[a-z]+\/[\w.+-]+$/.test(type));
  if (types !== undefined && !isList)
    throw wrong(
      `Its bodyTypes are no list of media types in lower case, such as ["application/merge-patch+json"]`,
    );
}

function assertReturns(returns: unknown): void {
  if (returns === undefined || isEntry(returns)) return;
  const entries = typeof returns === 'object' ? Object.entries(returns) : [['', returns] as const];
  for (const [status, entry] of entries) {
    if (!/^[2-5]\d\d$/.test(status))
      throw wrong(`Its returns has ${JSON.stringify(status)} in place of a status, such as 201`);
    if (!isEntry(entry)) throw wrong(`Its returns has neither a schema, each(schema) nor null for ${status}`);
  }
}

function isEntry(value: unknown): value is Entry {
  return value === null || isSchema(value) || isEach(value);
}

function wrong(message: string): ObolError {
  return new ObolError('E_CONTRACT', `${message}.`);
}
