/** The one place that knows how decorators are called: by compilers, in either protocol, or by hand as they do. */
import { ObolError } from '../ground/errors.js';
import { isKey, isMemberHolder, legacySite } from './legacy.js';
import { memberName, type Site } from './site.js';
import { isContext, standardSite } from './standard.js';

/** @returns undefined for arguments that neither protocol gives to a decorator */
export function siteOf(given: readonly unknown[]): Site | undefined {
  const [, context] = given;
  return isContext(context) ? standardSite(context) : legacySite(given);
}

/**
 * Loaders that do not check types take `@Name` in place of `@Name()`, and the decorator would do nothing.
 * @param given what the function was called with that makes the decorator. A class alone may be an option
 * @throws ObolError E_DECORATOR when these are what a decorator itself is called with
 */
export function assertParentheses(name: string, given: readonly unknown[]): void {
  const [target, second] = given;
  if (isContext(second)) throw withoutParentheses(name, memberName(undefined, second.name));
  if (!isMemberHolder(target)) return;
  const key = isKey(second) ? second : undefined;
  if (typeof target === 'object') throw withoutParentheses(name, memberName(target.constructor, key));
  if (key !== undefined && Object.hasOwn(target, key))
    throw withoutParentheses(name, memberName(target, key));
}

/** The same for a decorator whose first option is neither a function nor a class. @throws ObolError E_DECORATOR */
export function assertOption(name: string, option: unknown): void {
  if (typeof option === 'function') throw withoutParentheses(name, option.name);
  assertParentheses(name, [option]);
}

function withoutParentheses(name: string, member: string): ObolError {
  const where = member === '' ? '' : ` on ${member}`;
  return new ObolError('E_DECORATOR', `@${name}${where} stands without parentheses; write @${name}(...).`);
}
