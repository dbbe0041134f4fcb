/** One name and one password before everything (RFC 7617). */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HttpError } from '../http/http-error.js';
import type { Middleware } from '../message/handler.js';

export interface Credentials {
  /** Without a colon. */
  readonly user: string;
  readonly password: string;
}

const CHALLENGE = 'Basic realm="obol serve", charset="UTF-8"';
/** Base64 of 1 KiB. */
const MAX_TOKEN = 1368;

/** Lets nobody through but who knows both; the user of the request is the name then. */
export function basicAuth({ user, password }: Credentials): Middleware {
  // Digests have one length, and how early two of them differ tells nothing about the password.
  const key = randomBytes(32);
  const digest = (bytes: Uint8Array): Buffer => createHmac('sha256', key).update(bytes).digest();
  const expected = digest(Buffer.from(`${user}:${password}`));
  return (request, next) => {
    const { scheme = '', token = '' } = request.authorization ?? {};
    const given = token.length <= MAX_TOKEN ? Buffer.from(token, 'base64') : Buffer.alloc(0);
    if (scheme !== 'basic' || !timingSafeEqual(digest(given), expected))
      throw new HttpError(401, 'A name and a password are needed here', {
        headers: { 'WWW-Authenticate': CHALLENGE },
      });
    request.user = user;
    return next(request);
  };
}
