/** Digest credentials out of an Authorization header (RFC 7616 3.4), within limits, with no word on whether they are right. */
import { type Headers, HttpError, parseParameters } from '../../../kit.js';
import type { Qop } from './proofs.js';

/** What a client sent, taken apart. */
export interface DigestCredentials {
  /** In NFC; a hash of it where `isHashed`. */
  readonly username: string;
  readonly isHashed: boolean;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly cnonce: string;
  /** The eight digits, as sent. */
  readonly nc: string;
  readonly qop: Qop;
  /** In lower case. */
  readonly algorithm: string;
  /** In lower-case hexadecimal. */
  readonly response: string;
  /** Whether the header has nothing else in it; what is hashed are its bytes. */
  readonly isAscii: boolean;
}

const MAX_LENGTH = 4096;
const MAX_PARAMETERS = 20;
const DIGEST = /^[ \t]*digest(?: |$)/i;
const BEYOND_ASCII = /[\x80-\xff]/;
/** RFC 8187 3.2.1. */
const EXTENDED = /^utf-8'[A-Za-z\d-]*'((?:[\w!#$&+\-.^`|~]|%[\da-f]{2})+)$/i;

/** Without qop it would be the digest of RFC 2069, which binds neither nc nor cnonce. */
const FORMS: readonly (readonly [name: string, form: RegExp])[] = [
  ['realm', /./],
  ['nonce', /./],
  ['uri', /./],
  ['cnonce', /./],
  ['nc', /^[\da-f]{8}$/i],
  ['qop', /^auth(?:-int)?$/],
  ['response', /^(?:[\da-f]{2})+$/i],
  ['userhash', /^(?:true|false)?$/i],
];

/**
 * @returns undefined when there are no digest credentials, or some that lack a part or could not be right
 * @throws HttpError 400 when they are malformed, too long, or name something twice
 */
export function readCredentials(headers: Headers): DigestCredentials | undefined {
  const header = headers.get('authorization') ?? '';
  const scheme = DIGEST.exec(header);
  if (!scheme) return undefined;
  const parameters = header.length > MAX_LENGTH ? null : parseParameters(header, scheme[0].length);
  if (!parameters || parameters.size > MAX_PARAMETERS)
    throw new HttpError(400, 'The Authorization header is malformed');
  return credentialsFrom(parameters, !BEYOND_ASCII.test(header));
}

function credentialsFrom(
  parameters: ReadonlyMap<string, string>,
  isAscii: boolean,
): DigestCredentials | undefined {
  for (const [name, form] of FORMS) if (!form.test(valueOf(parameters, name))) return undefined;
  const isHashed = valueOf(parameters, 'userhash').toLowerCase() === 'true';
  const isPlain = isAscii && !parameters.has('username*');
  const username = isPlain ? parameters.get('username') : usernameFrom(parameters);
  const realm = isAscii ? parameters.get('realm') : decodeUtf8(valueOf(parameters, 'realm'));
  if (!username || realm === undefined || (isHashed && parameters.has('username*'))) return undefined;
  return {
    username,
    isHashed,
    realm,
    isAscii,
    nonce: valueOf(parameters, 'nonce'),
    uri: valueOf(parameters, 'uri'),
    cnonce: valueOf(parameters, 'cnonce'),
    nc: valueOf(parameters, 'nc'),
    qop: valueOf(parameters, 'qop') as Qop,
    algorithm: valueOf(parameters, 'algorithm', 'md5').toLowerCase(),
    response: valueOf(parameters, 'response').toLowerCase(),
  };
}

function valueOf(parameters: ReadonlyMap<string, string>, name: string, otherwise = ''): string {
  return parameters.get(name) ?? otherwise;
}

/** Either form, never both. */
function usernameFrom(parameters: ReadonlyMap<string, string>): string | undefined {
  const plain = parameters.get('username');
  const extended = parameters.get('username*');
  if ((plain === undefined) === (extended === undefined)) return undefined;
  return (plain === undefined ? decodeExtended(extended) : decodeUtf8(plain))?.normalize('NFC');
}

function decodeExtended(value = ''): string | undefined {
  const [, encoded] = EXTENDED.exec(value) ?? [];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of bytes that came as characters; undefined when they are no UTF-8. */
function decodeUtf8(bytes: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}
