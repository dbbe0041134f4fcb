/** Basic authentication (RFC 7617) as a guard: a name and a password with every request. */
import type { InjectionToken } from 'tsyringe';
import { ObolError } from '../errors.js';
import { createGuard } from '../decorators/wrapping.js';
import type { Guard, GuardSetup } from '../message/guard.js';
import { isPromise } from '../message/handler.js';
import type { Request } from '../message/request.js';
import { basicCredentials, basicToken } from './basic-credentials.js';
import { VerifiedLogins, type PasswordUsers } from './basic-memory.js';
import { challengeLine, Unauthorized } from './challenge.js';
import { assertPrivate } from './login-transport.js';
import { assertNotThrottled, failureLimit, type Throttle } from './throttle.js';

export interface BasicOptions {
  /** Whether passwords may come over plain HTTP from other machines, where everybody on the way can read them. Default false. */
  readonly allowHttp?: boolean | undefined;
  /** Seconds for which a password that was right is not checked again, 0 to 60. Default 60. */
  readonly remember?: number | undefined;
  /** How often somebody may be wrong; `false` for any number of times. Default `failureLimit()`, one for all guards of these users. */
  readonly throttle?: Throttle | false | undefined;
}

/** What all guards of the same users have in common. */
interface Common {
  readonly logins: VerifiedLogins;
  readonly throttle: Throttle;
}

const MAX_REMEMBER = 60;
const commons = new WeakMap<PasswordUsers, Common>();

/**
 * Lets through who can log in, before a body is read; `request.user` is the name then. Everyone else gets 401, and
 * whoever comes over plain HTTP from another machine 403.
 * @param users names and passwords, or the token under which they are injected
 *
 * @example
 * const users = new PasswordHashMap('users.txt');
 *
 * @Get('/admin') @CheckBasic('Admin Zone', users)
 * admin(req: Request) { return `Hello, ${req.user}`; }
 */
export const CheckBasic = createGuard(
  'CheckBasic',
  (setup, realm: string, users: PasswordUsers | InjectionToken<PasswordUsers>, options: BasicOptions = {}) =>
    basicGuard(realm, usersFrom(setup, users), options),
);

/** The check of {@link CheckBasic} by itself. @throws ObolError E_SETTING for a realm or an option that cannot be */
export function basicGuard(realm: string, users: PasswordUsers, options: BasicOptions = {}): Guard {
  const { remember = MAX_REMEMBER } = options;
  if (!(remember >= 0 && remember <= MAX_REMEMBER))
    throw new ObolError('E_SETTING', `remember: ${String(remember)} is no number of seconds from 0 to 60.`);
  const check = new BasicCheck(challengeFor(realm), users, options);
  return (request) => check.check(request);
}

/** Users who were given as they are, or by a token. */
export function usersFrom(
  setup: GuardSetup,
  users: PasswordUsers | InjectionToken<PasswordUsers>,
): PasswordUsers {
  const isToken = typeof users !== 'object' || !('verify' in users);
  const found: Partial<PasswordUsers> = isToken ? setup.resolve(users) : users;
  if (typeof found.verify === 'function') return found as PasswordUsers;
  throw new ObolError(
    'E_SETTING',
    'users: there is no method verify(user, password), as a PasswordHashMap has.',
  );
}

/** What guards of the same users share: who was right a moment ago, and who was wrong how often. */
function commonOf(users: PasswordUsers): Common {
  let common = commons.get(users);
  if (!common) commons.set(users, (common = { logins: new VerifiedLogins(users), throttle: failureLimit() }));
  return common;
}

class BasicCheck {
  readonly #challenge: string;
  readonly #logins: VerifiedLogins;
  readonly #throttle: Throttle | undefined;
  readonly #allowsHttp: boolean;
  /** Milliseconds. */
  readonly #remember: number;

  constructor(challenge: string, users: PasswordUsers, options: BasicOptions) {
    const { logins, throttle } = commonOf(users);
    this.#challenge = challenge;
    this.#logins = logins;
    this.#throttle = options.throttle === false ? undefined : (options.throttle ?? throttle);
    this.#allowsHttp = options.allowHttp ?? false;
    this.#remember = (options.remember ?? MAX_REMEMBER) * 1000;
  }

  check(request: Request): void | Promise<void> {
    if (!this.#allowsHttp) assertPrivate(request, 'Basic authentication');
    const token = basicToken(request.headers.get('authorization')) ?? this.#refuse();
    const known = this.#logins.find(token, this.#remember);
    if (known === undefined) return this.#verify(request, token);
    assertNotThrottled(this.#throttle, { user: known, address: request.peer.address });
    request.user = known;
  }

  #verify(request: Request, token: string): void | Promise<void> {
    const { user, password } = basicCredentials(token) ?? this.#refuse();
    const attempt = { user, address: request.peer.address };
    assertNotThrottled(this.#throttle, attempt);
    const finish = (isRight: boolean): void => {
      // Of guesses that come all at once, those after too many wrong ones must not be told either.
      assertNotThrottled(this.#throttle, attempt);
      if (!isRight) {
        this.#throttle?.failed(attempt);
        this.#refuse();
      }
      this.#throttle?.passed(attempt);
      request.user = user;
    };
    const answer = this.#logins.verify(token, user, password);
    if (isPromise(answer)) return answer.then(finish);
    finish(answer);
  }

  #refuse(): never {
    throw new Unauthorized([this.#challenge]);
  }
}

function challengeFor(realm: string): string {
  if (realm === '' || /\p{Cc}/u.test(realm))
    throw new ObolError(
      'E_SETTING',
      `${JSON.stringify(realm)} is no realm: it needs text without control characters.`,
    );
  return challengeLine('Basic', [
    ['realm', realm],
    ['charset', 'UTF-8'],
  ]);
}
