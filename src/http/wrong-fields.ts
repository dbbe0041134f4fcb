/** Errors about header fields that no message can have. */
import { inspect } from 'node:util';
import { ObolError } from '../ground/errors.js';

/** Of a name that no header can have. */
export function wrongName(name: unknown): ObolError {
  return new ObolError('E_HEADER_NAME', `${shown(name)} is no header name; use letters, digits and "-".`);
}

/** Of a value that no header can have. */
export function wrongValue(name: string, value: unknown): ObolError {
  const why =
    typeof value === 'string'
      ? 'a header holds no control characters, line breaks or characters beyond Latin-1. Encode the value ' +
        '(encodeURIComponent) or leave the characters out.'
      : 'a header is text or a number. Leave it out when there is nothing to say.';
  return new ObolError('E_HEADER_VALUE', `The header ${name} cannot be ${shown(value)}: ${why}`);
}

/** Of what is no list of headers. @param orPairs whether a list of pairs would be one. Default true */
export function noHeaders(init: unknown, orPairs = true): ObolError {
  const isFlat = Array.isArray(init) && init.length === 2 && init.every((part) => typeof part === 'string');
  const [name = 'X-Name', value = 'value'] = isFlat ? init : [];
  const pairs = orPairs ? `, or a list of pairs, [[${shown(name)}, ${shown(value)}]]` : '';
  return new ObolError(
    'E_HEADERS',
    `${shown(init)} are no headers: write { ${shown(name)}: ${shown(value)} }${pairs}.`,
  );
}

/** A value, as it is shown in these messages. */
export function shown(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : inspect(value, { depth: 0, breakLength: Infinity });
}
