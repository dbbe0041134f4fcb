/** How a class says where it comes from, when the container cannot make it: by a feature of the application. */

/**
 * The key of a static text: the feature that gives controllers objects of the class, as it is written into `features`. A function
 * gives the text for the class and for those that extend it.
 *
 * @example
 * ```ts
 * static readonly [PROVIDED_BY] = 'sessions({ ... })';
 * ```
 */
export const PROVIDED_BY: unique symbol = Symbol.for('obol.providedBy');

/** That text; undefined for a class that has none of its own. */
export function providerOf(target: object): string | undefined {
  const said = (target as { readonly [PROVIDED_BY]?: string | ((target: object) => string) })[PROVIDED_BY];
  if (typeof said === 'function') return said(target);
  return Object.hasOwn(target, PROVIDED_BY) ? said : undefined;
}
