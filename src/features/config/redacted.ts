/** Values that cannot be changed, and whose secrets no print shows. */
import { inspect } from 'node:util';
import { isPlain, type Plain } from './layers.js';
import type { Path } from './names.js';

/** In the place of a secret. */
export const REDACTED = '[redacted]';
/** Names of what is mostly a secret. */
const SECRET_NAME = /password|passwd|passphrase|pwd|secret|token|credential|keys?$|(?:^|_)pass(?:code)?$/i;
/** The same as the last word of a name without underscores: no `compass` is one. */
const SECRET_WORD = /[a-z\d]Pass(?:code)?$/;
/** An address with a password in it, as databases have them; one that is not encoded may have any character in it. */
const SECRET_VALUE = /^[a-z][a-z\d+.-]*:\/\/[^/\s]*:\S+@|(?:^|[?&;\s])(?:password|passwd|pwd)\s*=\s*[^&;\s]/i;

/** Says of a value whether no print may show it. */
export type IsSecret = (path: Path, value: unknown) => boolean;

/** @param secrets paths with dots, besides those that are known by their names, and addresses with a password */
export function secretsAmong(secrets: readonly string[]): IsSecret {
  const listed = new Set(secrets);
  return (path, value) =>
    listed.has(path.join('.')) || isSecretName(path.at(-1) ?? '') || SECRET_VALUE.test(addressOf(value));
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_WORD.test(name);
}

function addressOf(value: unknown): string {
  if (value instanceof URL) return value.href;
  return typeof value === 'string' ? value : '';
}

/**
 * Freezes an object, which holds copies of all objects and lists from then on, frozen, too; printed, as JSON too, they show no secret.
 * @returns the same object
 */
export function sealed<T extends object>(object: T, isSecret: IsSecret, path: Path = []): T {
  const hidden = new Set<string>();
  for (const [name, value] of Object.entries(object) as [string, unknown][]) {
    const at = [...path, name];
    const isHidden = isSecret(at, value);
    if (isHidden) hidden.add(name);
    if (!Array.isArray(value) && !isPlain(value)) continue;
    const copy: object = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
    // What is in a secret is one, when it is printed by itself.
    const inner = sealed(copy, isHidden ? () => true : isSecret, at);
    Object.defineProperty(object, name, { value: inner });
  }
  if (hidden.size > 0) hide(object, hidden);
  return Object.freeze(object);
}

function hide(object: object, hidden: ReadonlySet<string>): void {
  const shown = (): Plain | unknown[] => {
    const members = Object.entries(object).map(([name, value]): [string, unknown] => [
      name,
      hidden.has(name) ? REDACTED : value,
    ]);
    return Array.isArray(object) ? members.map(([, value]) => value) : Object.fromEntries(members);
  };
  Object.defineProperty(object, 'toJSON', { value: shown });
  Object.defineProperty(object, inspect.custom, { value: shown });
}
