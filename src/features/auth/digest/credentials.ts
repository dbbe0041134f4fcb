/** Digest credentials out of an Authorization header (RFC 7616 3.4), within limits, with no word on whether they are right. */
import { type Headers, HttpError, parseParameters } from '../../../kit.js';
import type { ClientParts, Qop } from './proofs.js';

/** What a client sent, taken apart. */
export interface DigestCredentials extends ClientParts {
  /** In NFC; a hash of it where `userhash` is true. */
  readonly username: string;
  readonly realm: string;
  /** In any letter case, as the two that follow. */
  readonly algorithm: string;
  /** An even number of hexadecimal digits. */
  readonly response: string;
  /** `true` or `false`. */
  readonly userhash: string;
}

const MAX_LENGTH = 4096;
const MAX_PARAMETERS = 20;
const DIGEST = /^[ \t]*digest(?: |$)/i;
/** RFC 8187 3.2.1. */
const EXTENDED = /^utf-8'[A-Za-z\d-]*'((?:[\w!#$&+\-.^`|~]|%[\da-f]{2})+)$/i;

/**
 * What stands where a parameter is left out; the empty text has none of the forms below. All fields are here, since an object
 * that gets another one later is slow to read.
 */
const LEFT_OUT = {
  username: '',
  realm: '',
  nonce: '',
  uri: '',
  cnonce: '',
  nc: '',
  qop: '',
  algorithm: 'MD5',
  response: '',
  userhash: 'false',
  isAscii: true,
};

/** Without qop it would be the digest of RFC 2069, which binds neither nc nor cnonce. */
const FORMS: readonly (readonly [name: Exclude<keyof typeof LEFT_OUT, 'isAscii'>, form: RegExp])[] = [
  ['username', /./],
  ['realm', /./],
  ['nonce', /./],
  ['uri', /./],
  ['cnonce', /./],
  ['nc', /^[\da-f]{8}$/i],
  ['qop', /^auth(?:-int)?$/],
  ['algorithm', /./],
  ['response', /^(?:[\da-f]{2})+$/i],
  ['userhash', /^(?:true|false)$/i],
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
  const isAscii = Buffer.byteLength(header) === header.length;
  const isPlain = isAscii && !parameters.has('username*');
  const named = isPlain ? parameters : withNames(parameters);
  return named && credentialsFrom(named, isAscii);
}

function credentialsFrom(
  parameters: ReadonlyMap<string, string>,
  isAscii: boolean,
): DigestCredentials | undefined {
  const credentials = { ...LEFT_OUT, isAscii };
  for (const [name, form] of FORMS) {
    const value = parameters.get(name) ?? LEFT_OUT[name];
    if (!form.test(value)) return undefined;
    credentials[name] = value;
  }
  return credentials as typeof credentials & { readonly qop: Qop };
}

/** The same with user and realm in Unicode. The user has either form, never both, and hashed the plain one only. */
function withNames(parameters: ReadonlyMap<string, string>): ReadonlyMap<string, string> | undefined {
  const plain = parameters.get('username');
  const extended = parameters.get('username*');
  if ((plain === undefined) === (extended === undefined)) return undefined;
  if (extended !== undefined && /^true$/i.test(parameters.get('userhash') ?? '')) return undefined;
  const username = plain === undefined ? decodeExtended(extended) : decodeUtf8(plain);
  const realm = decodeUtf8(parameters.get('realm') ?? '');
  if (username === undefined || realm === undefined) return undefined;
  return new Map([...parameters, ['username', username.normalize('NFC')], ['realm', realm]]);
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
