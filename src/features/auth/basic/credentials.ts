/** Basic credentials out of an Authorization header (RFC 7617), within limits, with no word on whether they are right. */
import { trimWhitespace } from '../../../kit.js';

/** A name and a password, as the client claims. */
export interface BasicCredentials {
  /** In NFC. */
  readonly user: string;
  readonly password: string;
}

/** The characters of 1 KiB in base64. */
const MAX_TOKEN = 1368;
const MAX_BYTES = 1024;
const BASIC = /^basic +(\S+)$/i;
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The part of the header behind `Basic`; undefined for another scheme, and for what is too long to be looked at. */
export function basicToken(header: string | undefined): string | undefined {
  if (header === undefined || header.length > MAX_TOKEN + 64) return undefined;
  const [, token] = BASIC.exec(trimWhitespace(header)) ?? [];
  return token !== undefined && token.length <= MAX_TOKEN && BASE64.test(token) ? token : undefined;
}

/** The name ends at the first colon. @returns undefined when it is no UTF-8, has no name, or holds control characters */
export function basicCredentials(token: string): BasicCredentials | undefined {
  const bytes = Buffer.from(token, 'base64');
  const text = bytes.length > MAX_BYTES ? undefined : decode(bytes);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1 || /\p{Cc}/u.test(text)) return undefined;
  return { user: text.slice(0, colon).normalize('NFC'), password: text.slice(colon + 1) };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
