/** Objects that an application hands over: whether they can do what is asked of them. */
import { inspect } from 'node:util';
import { ObolError } from './errors.js';

/**
 * @param like what has these methods, for the message
 * @throws ObolError E_SETTING for anything that lacks one of them
 */
export function assertMethods(
  setting: string,
  value: unknown,
  { methods, like }: { readonly methods: readonly string[]; readonly like: string },
): void {
  const given =
    typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const missing = methods.find((method) => typeof given[method] !== 'function');
  if (missing === undefined) return;
  const what =
    value === given ? `it has no method ${missing}()` : `${inspect(value, { depth: 0 })} has no methods`;
  throw new ObolError('E_SETTING', `${setting}: ${what}; give it ${like}.`);
}
