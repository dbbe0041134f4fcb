/** Basic authentication (RFC 7617) as a guard: a name and a password with every request. */
import type { InjectionToken } from 'tsyringe';
import {
  andThen,
  assertSetting,
  checkOptions,
  ContextKey,
  createGuard,
  rule,
  type Guard,
  type GuardSetup,
  type Request,
  type Rules,
  Unauthorized,
} from '../../../kit.js';
import { THROTTLE_RULE } from '../../throttle/options.js';
import { Throttle } from '../../throttle/throttle.js';
import { basicCredentials, basicToken } from './credentials.js';
import { USERS_RULE, type PasswordUsers } from '../passwords/password-users.js';
import { VerifiedLogins } from './verified-logins.js';
import { challengeLine, REALM_RULE } from '../challenge.js';
import { assertPrivate } from '../transport.js';

export interface BasicOptions {
  /** Whether passwords may come over plain HTTP from other machines, where the network can read them. Default false. */
  readonly allowHttp?: boolean | undefined;
  /** Seconds for which a password that was right is not checked again, 0 to 60. Default 60. */
  readonly remember?: number | undefined;
  /**
   * How often a client may be wrong; `false` for any number of times. Default 100 times in five minutes, which are five
   * minutes to wait, in all guards of these users together.
   */
  readonly throttle?: Throttle | false | undefined;
}

/** What all guards of the same users have in common. */
interface Common {
  readonly throttle: Throttle;
  /** Who was right a moment ago, by the throttle that counts who was wrong. */
  readonly logins: Map<Throttle | undefined, VerifiedLogins>;
}

const MAX_REMEMBER = 60;
const RULES: Rules<BasicOptions> = {
  allowHttp: rule.flag,
  remember: rule.whole('seconds', { least: 0, most: MAX_REMEMBER }),
  throttle: THROTTLE_RULE,
};
/** Programs may well go on for a while with a password that was changed. */
const DEFAULT_LIMITS = { failures: 100, window: 300, block: 300 };
const commons = new WeakMap<PasswordUsers, Common>();

/**
 * `@CheckBasic('Admin Zone', users)` lets through who can log in, before a body is read; `request.user` is the name
 * then. All others get 401, and a client over plain HTTP from another machine 403.
 * @param users names and passwords, or the token under which they are injected
 *
 * @example
 * ```ts
 * const users = new PasswordHashMap('users.txt');
 * ```
 */
export const CheckBasic = createGuard(
  'CheckBasic',
  (setup, realm: string, users: PasswordUsers | InjectionToken<PasswordUsers>, options: BasicOptions = {}) =>
    basicGuard(realm, usersFrom(setup, users), options),
  (_setup, [realm]) => ({ name: 'basic', scheme: { type: 'http', scheme: 'basic', description: realm } }),
);

/** The check of {@link CheckBasic} by itself. @throws ObolError E_SETTING for a realm or an option that cannot be */
export function basicGuard(realm: string, users: PasswordUsers, options: BasicOptions = {}): Guard {
  assertSetting('CheckBasic.realm', realm, REALM_RULE);
  checkOptions('CheckBasic', options, RULES);
  const check = new BasicCheck(challengeFor(realm), users, options);
  return (request) => check.check(request);
}

/** The users, which were given as they are or by their token. */
function usersFrom(
  setup: GuardSetup,
  users: PasswordUsers | InjectionToken<PasswordUsers> | undefined,
): PasswordUsers {
  const isUsers = users === undefined || (typeof users === 'object' && 'verify' in users);
  const found: unknown = isUsers ? users : setup.resolve(users);
  assertSetting('CheckBasic.users', found, USERS_RULE);
  return found as PasswordUsers;
}

/** What guards share that have the same users and the same throttle. */
function loginsOf(users: PasswordUsers, given: Throttle | false | undefined): VerifiedLogins {
  let common = commons.get(users);
  if (!common) commons.set(users, (common = { throttle: new Throttle(DEFAULT_LIMITS), logins: new Map() }));
  const throttle = given === false ? undefined : (given ?? common.throttle);
  let logins = common.logins.get(throttle);
  if (!logins) common.logins.set(throttle, (logins = new VerifiedLogins(users, throttle)));
  return logins;
}

class BasicCheck {
  readonly #challenge: string;
  readonly #logins: VerifiedLogins;
  readonly #allowsHttp: boolean;
  /** Milliseconds. */
  readonly #remember: number;

  constructor(challenge: string, users: PasswordUsers, options: BasicOptions) {
    this.#challenge = challenge;
    this.#logins = loginsOf(users, options.throttle);
    this.#allowsHttp = options.allowHttp ?? false;
    this.#remember = (options.remember ?? MAX_REMEMBER) * 1000;
  }

  check(request: Request): void | Promise<void> {
    if (!this.#allowsHttp) assertPrivate(request, 'Basic authentication');
    const token = basicToken(request.headers.get('authorization')) ?? this.#refuse();
    const known = this.#logins.find(request, token, this.#remember);
    if (known === undefined) return this.#verify(request, token);
    return andThen(known, (user) => {
      admit(request, user);
    });
  }

  #verify(request: Request, token: string): void | Promise<void> {
    const credentials = basicCredentials(token) ?? this.#refuse();
    return andThen(this.#logins.verify(request, token, credentials), (isRight) => {
      if (!isRight) this.#refuse();
      admit(request, credentials.user);
    });
  }

  #refuse(): never {
    throw new Unauthorized({ challenges: [this.#challenge] });
  }
}

function admit(request: Request, user: string | undefined): void {
  request.user = user;
  request.set(ContextKey.AUTH_SCHEME, 'Basic');
}

function challengeFor(realm: string): string {
  return challengeLine('Basic', [
    ['realm', realm],
    ['charset', 'UTF-8'],
  ]);
}
