/** Values that cannot be changed, and whose secrets no print shows. */
import { inspect } from 'node:util';
import { isPlain, type Plain } from './layers.js';
import type { Path } from './names.js';

/** In the place of a secret. */
export const REDACTED = '[redacted]';
/** Names of what is mostly a secret. */
const SECRET_NAME = /password|passwd|passphrase|secret|token|credential|(?:^|[a-z_])keys?$/i;
/** An address with a password in it, as databases have them. */
const SECRET_VALUE = /^[a-z][a-z\d+.-]*:\/\/[^/?#@\s]*:[^/?#@\s]+@/i;

/** Says of a value whether no print may show it. */
export type IsSecret = (path: Path, value: unknown) => boolean;

/** @param secrets paths with dots, besides those that are known by their names, and addresses with a password */
export function secretsAmong(secrets: readonly string[]): IsSecret {
  const listed = new Set(secrets);
  return (path, value) =>
    listed.has(path.join('.')) ||
    SECRET_NAME.test(path.at(-1) ?? '') ||
    (typeof value === 'string' && SECRET_VALUE.test(value));
}

/** Freezes an object and all that is in it; printed, as JSON too, it shows no secret. @returns the same object */
export function sealed<T extends object>(object: T, isSecret: IsSecret, path: Path = []): T {
  if (Object.isFrozen(object)) return object;
  const hidden = new Set<string>();
  for (const [name, value] of Object.entries(object) as [string, unknown][]) {
    const at = [...path, name];
    if (isSecret(at, value)) hidden.add(name);
    if (Array.isArray(value) || isPlain(value)) sealed(value, isSecret, at);
  }
  if (hidden.size > 0 && !Array.isArray(object)) hide(object, hidden);
  return Object.freeze(object);
}

function hide(object: object, hidden: ReadonlySet<string>): void {
  const shown = (): Plain =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => [name, hidden.has(name) ? REDACTED : (value as unknown)]),
    );
  Object.defineProperty(object, 'toJSON', { value: shown });
  Object.defineProperty(object, inspect.custom, { value: shown });
}
