/** One name and one password before everything (RFC 7617). */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { basicCredentials, basicToken, type BasicCredentials } from '../features/auth/basic/credentials.js';
import { challengeLine } from '../features/auth/challenge.js';
import { ContextKey, HttpError, type Middleware } from '../kit.js';

export interface Credentials {
  /** Without a colon. */
  readonly user: string;
  readonly password: string;
}

const CHALLENGE = challengeLine('Basic', [
  ['realm', 'obol serve'],
  ['charset', 'UTF-8'],
]);

/** Lets through only clients that know both; the user of the request is the name then. */
export function basicAuth({ user, password }: Credentials): Middleware {
  // Digests have one length, and how early two of them differ reveals nothing about the password.
  const key = randomBytes(32);
  const digest = (credentials: BasicCredentials): Buffer =>
    createHmac('sha256', key).update(`${credentials.user}:${credentials.password}`.normalize('NFC')).digest();
  const expected = digest({ user, password });
  return (request, next) => {
    const token = basicToken(request.headers.get('authorization'));
    const given = token === undefined ? undefined : basicCredentials(token);
    if (!given || !timingSafeEqual(digest(given), expected))
      throw new HttpError(401, 'A name and a password are needed here', {
        headers: { 'WWW-Authenticate': CHALLENGE },
      });
    request.user = user;
    request.set(ContextKey.AUTH_SCHEME, 'Basic');
    return next(request);
  };
}
