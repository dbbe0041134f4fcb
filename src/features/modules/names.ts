/** Names that can stand in a URL and lead to a module or a method. */

/** No brackets, which would make a path template of it; no `_` in front, which says that a member is for its own class alone. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.~-]*$/u;

/** What every object has, and what has led from one object to another in too many programs. */
const REFUSED: ReadonlySet<string> = new Set(['constructor', 'prototype']);

/** Whether a module or an exposed method can have the name. */
export function isReachableName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name) && !REFUSED.has(name);
}
