/** Logins and form tokens kept in sessions, whoever keeps those: the session is given as a function of the request. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { isPromise } from '../message/handler.js';
import type { Request } from '../message/request.js';
import type { FoundLogin, Login, LoginKeeper } from './login-keeper.js';

/** What is needed of a session; `Session` of obol/session is one. */
export interface LoginSession {
  load(): unknown;
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
  regenerate(): unknown;
  destroy(): void;
}

/** The session of a request, such as `(request) => sessions.of(request)`. */
export type SessionOf = (request: Request) => LoginSession;

const LOGIN_KEY = 'login';
const TOKEN_KEY = 'formToken';
const TOKEN_BYTES = 32;

/**
 * Keeps logins in sessions. Whoever logs in goes on with what the session holds under another id, so that nobody who knew the
 * old one is logged in, too; whoever logs out loses the session.
 *
 * @example
 * const store = sessions({ keys: [process.env.SESSION_KEY] });
 * const features = [store, logins(sessionLogin((request) => store.of(request)))];
 */
export function sessionLogin(sessionOf: SessionOf): LoginKeeper {
  return {
    find(request) {
      const session = sessionOf(request);
      const find = (): FoundLogin => ({ login: loginFrom(session.get(LOGIN_KEY)) });
      const loading = session.load();
      return isPromise(loading) ? Promise.resolve(loading).then(find) : find();
    },
    keep(request, { user, groups }) {
      const session = sessionOf(request);
      session.regenerate();
      session.set(TOKEN_KEY, undefined);
      session.set(LOGIN_KEY, { user, ...(groups && { groups: [...groups] }) });
      return undefined;
    },
    drop(request) {
      sessionOf(request).destroy();
      return undefined;
    },
  };
}

/** Tells forms of this server from those of others (CSRF). */
export interface FormTokens {
  /** For a hidden field of a form; another one each time. */
  issue(request: Request): string;
  isGood(request: Request, token: string): boolean;
}

/** One secret for each session; each token hides it behind random bits, so that compression cannot find it out (BREACH). */
export function sessionTokens(sessionOf: SessionOf): FormTokens {
  return {
    issue(request) {
      const session = sessionOf(request);
      const known = secretFrom(session.get(TOKEN_KEY));
      const secret = known ?? randomBytes(TOKEN_BYTES);
      if (!known) session.set(TOKEN_KEY, secret.toString('base64url'));
      const pad = randomBytes(TOKEN_BYTES);
      return Buffer.concat([pad, mixed(pad, secret)]).toString('base64url');
    },
    isGood(request, token) {
      const secret = secretFrom(sessionOf(request).get(TOKEN_KEY));
      const bytes = Buffer.from(token.slice(0, 4 * TOKEN_BYTES), 'base64url');
      if (!secret || bytes.length !== 2 * TOKEN_BYTES) return false;
      return timingSafeEqual(mixed(bytes.subarray(0, TOKEN_BYTES), bytes.subarray(TOKEN_BYTES)), secret);
    },
  };
}

function mixed(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}

function secretFrom(value: unknown): Buffer | undefined {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64url') : undefined;
  return bytes?.length === TOKEN_BYTES ? bytes : undefined;
}

function loginFrom(value: unknown): Login | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { user, groups } = value as { readonly user?: unknown; readonly groups?: unknown };
  if (typeof user !== 'string') return undefined;
  return { user, ...(Array.isArray(groups) && { groups: groups.map(String) }) };
}
