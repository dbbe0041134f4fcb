/** Digest credentials out of an Authorization header (RFC 7616 3.4), within limits, with no word on whether they are right. */
import { parseAuthorization } from '../../../http/authorization.js';
import { HttpError } from '../../../http/http-error.js';
import type { Headers } from '../../../message/headers.js';
import type { Qop } from './response.js';

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
}

type Proof = Pick<DigestCredentials, 'nonce' | 'uri' | 'cnonce' | 'nc' | 'response'>;

const MAX_LENGTH = 4096;
const MAX_PARAMETERS = 20;
const DIGEST = /^[ \t]*digest(?:[ \t]|$)/i;
const NC = /^[\da-f]{8}$/i;
const BEYOND_ASCII = /[\x80-\xff]/;
const HEX = /^[\da-f]+$/i;
/** RFC 8187 3.2.1. */
const EXTENDED = /^utf-8'[A-Za-z\d-]*'((?:[\w!#$&+\-.^`|~]|%[\da-f]{2})+)$/i;

/**
 * @returns undefined when there are no digest credentials, or some that lack a part or could not be right
 * @throws HttpError 400 when they are malformed, too long, or name something twice
 */
export function readCredentials(headers: Headers): DigestCredentials | undefined {
  const header = headers.get('authorization');
  if (header === undefined || !DIGEST.test(header)) return undefined;
  const authorization = header.length > MAX_LENGTH ? null : parseAuthorization(header);
  if (!authorization || authorization.parameters.size > MAX_PARAMETERS)
    throw new HttpError(400, 'The Authorization header is malformed');
  return credentialsFrom(authorization.parameters);
}

function credentialsFrom(parameters: ReadonlyMap<string, string>): DigestCredentials | undefined {
  const username = usernameFrom(parameters);
  const realm = decodeUtf8(parameters.get('realm') ?? '');
  const isHashed = flag(parameters.get('userhash') ?? '');
  const qop = qopFrom(parameters.get('qop'));
  if (username === undefined || !realm || isHashed === undefined || !qop) return undefined;
  if (isHashed && parameters.has('username*')) return undefined;
  const proof = proofFrom(parameters);
  if (!proof) return undefined;
  const algorithm = (parameters.get('algorithm') ?? 'md5').toLowerCase();
  const { nonce, uri, cnonce, nc, response } = proof;
  return { username, isHashed, realm, nonce, uri, cnonce, nc, qop, algorithm, response };
}

function proofFrom(parameters: ReadonlyMap<string, string>): Proof | undefined {
  const nonce = parameters.get('nonce');
  const uri = parameters.get('uri');
  const cnonce = parameters.get('cnonce');
  const nc = parameters.get('nc') ?? '';
  const response = parameters.get('response') ?? '';
  if (!nonce || !uri || !cnonce || !NC.test(nc)) return undefined;
  if (response.length % 2 !== 0 || !HEX.test(response)) return undefined;
  return { nonce, uri, cnonce, nc, response: response.toLowerCase() };
}

/** Without one it would be the digest of RFC 2069, which binds neither nc nor cnonce. */
function qopFrom(text: string | undefined): Qop | undefined {
  return text === 'auth' || text === 'auth-int' ? text : undefined;
}

/** Either form, never both. */
function usernameFrom(parameters: ReadonlyMap<string, string>): string | undefined {
  const plain = parameters.get('username');
  const extended = parameters.get('username*');
  if ((plain === undefined) === (extended === undefined)) return undefined;
  const name = extended === undefined ? decodeUtf8(plain ?? '') : decodeExtended(extended);
  return name === '' ? undefined : name?.normalize('NFC');
}

function decodeExtended(value: string): string | undefined {
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
  if (!BEYOND_ASCII.test(bytes)) return bytes;
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}

function flag(value: string): boolean | undefined {
  const text = value.toLowerCase();
  return text === 'true' || (text === 'false' || text === '' ? false : undefined);
}
