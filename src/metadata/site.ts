/** What a decorator is applied to, read from what the compiler calls it with. */
import { ObolError } from '../ground/errors.js';
import type { Place } from './place.js';

/** A class, a member, or a parameter of a constructor. */
export interface Site {
  /** The class. */
  readonly owner: object;
  readonly property?: string | symbol;
  readonly isStatic?: boolean;
  readonly parameter?: number;
}

/** What a decorator may stand on. */
export type SiteKind = 'class' | 'method' | 'constructor parameter';

/** @returns undefined for arguments that no compiler with `experimentalDecorators` gives to a decorator that may be here */
export function siteOf(given: readonly unknown[]): Site | undefined {
  const [target, property, at] = given;
  if (typeof target === 'function' && property === undefined)
    return typeof at === 'number' ? { owner: target, parameter: at } : { owner: target };
  if (!isKey(property) || !isOwner(target) || typeof at === 'number') return undefined;
  const isStatic = typeof target === 'function';
  return { owner: isStatic ? target : target.constructor, property, isStatic };
}

/** @throws ObolError E_DECORATOR where a decorator would do nothing: no guard, no route */
export function assertSite(
  site: Site | undefined,
  kinds: readonly SiteKind[],
  { name, place }: { readonly name: string; readonly place: Place },
): asserts site {
  if (site && kinds.includes(kindOf(site))) return;
  throw new ObolError(
    'E_DECORATOR',
    `@${name} stands where it has no effect (${String(place)}): it is for ` +
      `${kinds.map((kind) => PLURALS[kind]).join(' and ')}, compiled with experimentalDecorators.`,
  );
}

const PLURALS: Readonly<Record<SiteKind, string>> = {
  class: 'classes',
  method: 'methods',
  'constructor parameter': 'parameters of constructors',
};

function kindOf({ property, parameter }: Site): SiteKind {
  if (property !== undefined) return 'method';
  return parameter === undefined ? 'class' : 'constructor parameter';
}

/** Whether these are what a decorator is given, and not what its factory is: `@Name` in place of `@Name()`. */
export function isBareUse(given: readonly unknown[]): boolean {
  const [target, property, descriptor] = given;
  return given.length === 3 && isKey(property) && isOwner(target) && isDescriptor(descriptor);
}

/** Loaders that do not check types would take it, and the decorator would do nothing. */
export function bareUse(name: string, given: readonly unknown[]): ObolError {
  const [target, property] = given as [object, string | symbol];
  const owner = typeof target === 'function' ? target : target.constructor;
  const where = `${owner.name}.${String(property)}`;
  return new ObolError(
    'E_DECORATOR',
    `@${name} on ${where} stands without parentheses; write @${name}(...).`,
  );
}

function isKey(value: unknown): value is string | symbol {
  return typeof value === 'string' || typeof value === 'symbol';
}

function isOwner(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

/** That of a method or an accessor; a field has none. */
function isDescriptor(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && 'configurable' in value);
}
