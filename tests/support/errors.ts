/** What an error must be, for `toThrow`, which by itself compares messages alone. */
import { expect } from '@jest/globals';
import type { ErrorCode } from '../../src/ground/errors.js';

/** An error that answers with this status and message. */
export function httpError(status: number, message: string): Error {
  return expect.objectContaining({ status, message }) as unknown as Error;
}

/** An error of the developer with this code and message. */
export function developerError(code: ErrorCode, message: string): Error {
  return expect.objectContaining({ code, message }) as unknown as Error;
}
