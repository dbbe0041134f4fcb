/** Values as the text that they are in a URL. */
import { inspect } from 'node:util';
import { ObolError } from '../../kit.js';

/** What a URL can hold. */
export type Text = string | number | bigint | boolean;

/** @param what begins the message @throws ObolError E_URL_PARAMETER for what is no text, and none in one way only */
export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string' && value.isWellFormed()) return value;
  if (typeof value === 'bigint' || typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  throw new ObolError(
    'E_URL_PARAMETER',
    `${what} cannot be ${inspect(value, { depth: 0, maxStringLength: 100 })}; give a well-formed text or a finite number.`,
  );
}

/** Encoded, to stand between two slashes. @throws ObolError E_URL_PARAMETER as {@link textOf}, and for `.` and `..` */
export function segmentOf(value: unknown): string {
  const text = textOf(value, 'A segment of a path');
  if (text !== '.' && text !== '..') return encodeURIComponent(text);
  throw new ObolError(
    'E_URL_PARAMETER',
    `A segment of a path cannot be "${text}", which browsers take for a way up; resolve "${text}/" against the URL instead.`,
  );
}
