/** Settings that count something: whole numbers, 1 or more. */
import { inspect } from 'node:util';
import { ObolError } from './errors.js';

/**
 * @param unit of the number, in the plural, such as `seconds`
 * @throws ObolError E_SETTING for anything but a whole number of at least 1
 */
export function assertCount(setting: string, value: unknown, unit: string): void {
  if (Number.isSafeInteger(value) && (value as number) > 0) return;
  throw new ObolError(
    'E_SETTING',
    `${setting}: ${inspect(value)} is not a whole number of ${unit}, 1 or more.`,
  );
}
