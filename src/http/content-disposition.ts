/** Content-Disposition: the name a file is saved under (RFC 6266, RFC 8187). */
import { isToken } from './grammar.js';

const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** Some browsers undo percent signs even in the plain form, so a name with one is given in both. */
const PLAIN = /^[\x20\x21\x23\x24\x26-\x5b\x5d-\x7e]*$/;

/**
 * The value of Content-Disposition. A name in plain ASCII is given as it is; any other twice, the second time in UTF-8.
 * Folders before the name, control characters and those that turn the direction of writing are dropped.
 * @param filename none or an empty one leaves the name to the client
 */
export function contentDisposition(filename?: string, type: 'attachment' | 'inline' = 'attachment'): string {
  const name = (filename ?? '')
    .slice(0, 4096)
    .toWellFormed()
    .replace(CONTROL, '')
    .replace(/^.*[/\\]/s, '')
    .trim();
  if (name === '') return type;
  if (isToken(name) && PLAIN.test(name)) return `${type}; filename=${name}`;
  if (PLAIN.test(name)) return `${type}; filename="${name}"`;
  const plain = name.replace(/[^\x20-\x7e]|["%\\]/gu, '_');
  return `${type}; filename="${plain}"; filename*=UTF-8''${percentEncoded(name)}`;
}

/** As RFC 8187 wants it: a few characters more than encodeURIComponent encodes. */
export function percentEncoded(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
