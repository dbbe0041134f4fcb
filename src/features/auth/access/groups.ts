/** Authorisation: guards that ask what a user who is logged in may do. */
import {
  andThen,
  assertSetting,
  createGuard,
  HttpError,
  rule,
  type Feature,
  type Guard,
  type GuardSetup,
  type Request,
  Unauthorized,
} from '../../../kit.js';
import { cookieChallenge } from '../challenge.js';
import { loginOf } from '../login/keeper.js';
import { isLoggedIn } from '../login/login-required.js';

/** What a user may do. */
export interface Access {
  readonly groups?: readonly string[] | undefined;
  /** Higher is more. */
  readonly level?: number | undefined;
}

/** Finds what the user of a request may do; undefined for nothing. */
export type AccessOf = (user: unknown, request: Request) => Access | undefined | Promise<Access | undefined>;

/** Under which {@link access} leaves its function. */
export const ACCESS = Symbol.for('obol: features: [access((user) => ({ groups, level }))]');

/**
 * Gives an application the rights of its users, for each request anew. Without it, `groups` and `level` of `request.user` itself
 * count, and the groups that were kept with a login.
 *
 * @example
 * ```ts
 * features: [access((user) => people.find(user))]
 * ```
 */
export function access(accessOf: AccessOf): Feature {
  assertSetting('access', accessOf, rule.callable('(user, request) => ({ groups, level })'));
  return { providers: [{ provide: ACCESS, useValue: accessOf }] };
}

/**
 * `@Groups('admin', 'editor')` lets through who is in one of the groups; answers 403 to others, 401 to who is not
 * logged in. It goes below the guard that logs in, such as `@CheckBasic('Staff', users)`.
 */
export const Groups = createGuard('Groups', (setup, ...groups: string[]) => {
  assertSetting('Groups', groups, rule.list('one group or several', rule.text('the name of a group'), 1));
  return accessGuard(setup, (given) => given.groups?.some((group) => groups.includes(group)) ?? false);
});

/** Lets through whose level is this or higher; answers 403 to others, 401 to who is not logged in. */
export const MinimumAccess = createGuard('MinimumAccess', (setup, level: number) => {
  assertSetting('MinimumAccess', level, rule.that('a number', Number.isFinite));
  return accessGuard(setup, (given) => given.level !== undefined && given.level >= level);
});

function accessGuard(setup: GuardSetup, mayPass: (given: Access) => boolean): Guard {
  // Without access() the users speak for themselves; one that fails lets no user through.
  const accessOf = setup.tryResolve<AccessOf>(ACCESS) ?? ownAccess;
  const finish = (given: Access | undefined): undefined => {
    if (!given || !mayPass(given)) throw new HttpError(403);
    return undefined;
  };
  return (request): undefined | Promise<undefined> => {
    // The guards that log in have challenges of their own; this one only knows that none did.
    if (!isLoggedIn(request)) throw new Unauthorized({ challenges: [cookieChallenge()] });
    return andThen(accessOf(request.user, request), finish);
  };
}

/** What the user object says itself, or what was kept with the login. A member of another type counts as missing. */
function ownAccess(user: unknown, request: Request): Access {
  if (typeof user !== 'object' || user === null) {
    const login = loginOf(request);
    return login?.user === user ? { groups: login?.groups } : {};
  }
  const groups: unknown = Object.hasOwn(user, 'groups') ? (user as { groups: unknown }).groups : undefined;
  const level: unknown = Object.hasOwn(user, 'level') ? (user as { level: unknown }).level : undefined;
  return {
    groups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : undefined,
    level: typeof level === 'number' ? level : undefined,
  };
}
