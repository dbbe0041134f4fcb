/** The charsets in which clients write text, read strictly (WHATWG Encoding). */
import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { HttpError } from './http-error.js';

/** A charset by which text is read. */
export interface Charset {
  /** In lower case, as the standard calls it: `utf-8` for `UTF8`. */
  readonly name: string;
  /** @returns undefined for bytes that are no text of this charset; in UTF-8, a byte order mark stays */
  readonly decode: (bytes: Buffer) => string | undefined;
}

const UTF_8: Charset = {
  name: 'utf-8',
  decode: (bytes) => (isUtf8(bytes) ? bytes.toString() : undefined),
};

/** What 80 to 9F are; many releases of Node read them as control characters (nodejs/node#60888). */
const UPPER_HALF = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

const WINDOWS_1252: Charset = {
  name: 'windows-1252',
  decode: (bytes) =>
    bytes
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (character) => UPPER_HALF.charAt(character.charCodeAt(0) - 0x80)),
};

/** Finds a charset by any of its names; undefined for one that is not known. */
export function charsetOf(label: string): Charset | undefined {
  if (label === UTF_8.name) return UTF_8;
  try {
    const decoder = new TextDecoder(label, { fatal: true });
    const name = decoder.encoding;
    if (name === UTF_8.name) return UTF_8;
    return name === WINDOWS_1252.name ? WINDOWS_1252 : { name, decode: strictly(decoder) };
  } catch {
    return undefined;
  }
}

/** Finds the charset of a form. @throws HttpError 415 for one that is not known, and for UTF-16, in which no form can be */
export function charsetOfForm(label: string): Charset {
  const charset = charsetOf(label);
  if (charset && !charset.name.startsWith('utf-16')) return charset;
  throw new HttpError(415, `No form is read in the charset ${JSON.stringify(label)}`);
}

function strictly(decoder: TextDecoder): Charset['decode'] {
  return (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined;
    }
  };
}
