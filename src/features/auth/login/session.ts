/** Logins kept in sessions, wherever those are kept: the session is given as a function of the request. */
import { andThen, assertSetting, type Request, rule } from '../../../kit.js';
import type { FoundLogin, Login, LoginKeeper } from './keeper.js';

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

const SESSION_OF_RULE = rule.callable('(request) => store.of(request), where store is sessions({ ... })');
const LOGIN_KEY = 'login';

/**
 * Keeps logins in sessions. Logging in gives the session another id, so that no client that knew the old one is logged in, too;
 * logging out ends it.
 *
 * @throws ObolError E_SETTING for what is no function
 *
 * @example
 * ```ts
 * const store = sessions({ keys: [process.env.SESSION_KEY] });
 * const features = [store, logins(sessionLogin((request) => store.of(request)))];
 * ```
 */
export function sessionLogin(sessionOf: SessionOf): LoginKeeper {
  assertSetting('sessionLogin', sessionOf, SESSION_OF_RULE);
  return {
    find(request) {
      const session = sessionOf(request);
      const find = (): FoundLogin => ({ login: loginFrom(session.get(LOGIN_KEY)) });
      return andThen(session.load(), find);
    },
    keep(request, { user, groups }) {
      const session = sessionOf(request);
      session.regenerate();
      session.set(LOGIN_KEY, { user, ...(groups && { groups: [...groups] }) });
      return undefined;
    },
    drop(request) {
      sessionOf(request).destroy();
      return undefined;
    },
  };
}

function loginFrom(value: unknown): Login | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { user, groups } = value as { readonly user?: unknown; readonly groups?: unknown };
  if (typeof user !== 'string') return undefined;
  return { user, ...(Array.isArray(groups) && { groups: groups.map(String) }) };
}
