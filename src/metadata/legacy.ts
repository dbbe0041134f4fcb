/** The legacy protocol, `experimentalDecorators`: a class or its prototype, a key and a descriptor say what a decorator stands on. */
import { isClass } from './class.js';
import type { Site, SiteKind } from './site.js';

/** @returns undefined for arguments that no compiler gives */
export function legacySite([target, key, third]: readonly unknown[]): Site | undefined {
  if (key === undefined) return isClass(target) ? siteOfClass(target, third) : undefined;
  if (!isKey(key) || !isMemberHolder(target)) return undefined;
  const property = typeof key === 'number' ? String(key) : key;
  const isStatic = typeof target === 'function';
  const owner = isStatic ? target : target.constructor;
  if (typeof third === 'number') return { owner, kind: 'parameter', at: { property } };
  return { owner, kind: kindOf(target, property, third), at: { property, isStatic } };
}

/** Whether a value has members: a class those that are static, its prototype all others. */
export function isMemberHolder(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return isClass(value);
  const owner = Object.hasOwn(value, 'constructor') ? value.constructor : undefined;
  return isClass(owner) && owner.prototype === value;
}

/** Whether a value can name a member; esbuild leaves a number what it is. */
export function isKey(value: unknown): value is string | symbol | number {
  return ['string', 'symbol', 'number'].includes(typeof value);
}

function siteOfClass(owner: object, parameter: unknown): Site {
  return typeof parameter === 'number'
    ? { owner, kind: 'constructor parameter', at: { parameter } }
    : { owner, kind: 'class', at: {} };
}

/** A field has no descriptor, or one that its compiler made up. */
function kindOf(target: object, property: string | symbol, given: unknown): SiteKind {
  const descriptor: Partial<PropertyDescriptor> =
    Object.getOwnPropertyDescriptor(target, property) ?? (given as PropertyDescriptor | undefined) ?? {};
  if (descriptor.get ?? descriptor.set) return 'accessor';
  return typeof descriptor.value === 'function' ? 'method' : 'field';
}
