/** How an application asks for digest authentication: the feature, and the decorator. */
import { createGuard, type Feature, type Guard, PROVIDED_BY } from '../../../kit.js';
import { needsOf } from '../../throttle/throttle.js';
import { featureOf } from '../login/feature-of.js';
import { authenticationInfo, digestGuard } from './digest.js';
import { PasswordMap } from '../passwords/password-map.js';
import { planOf, type DigestOptions, type DigestPlan, type DigestUsers } from './settings.js';

/** The feature, and its check by itself. */
export interface Digest extends Feature {
  /**
   * A check that lets through any user of the realm, or the one named; `request.user` is the name then.
   * It throws 401 with challenges, 400 for a malformed header and 429 after too many failures.
   * @throws ObolError E_SETTING for a realm that cannot be, or one that no user can log in to
   */
  guard(realm: string, user?: string): Guard;
}

/**
 * Digest authentication for an application: what `@CheckDigest` checks with, and Authentication-Info in the answers.
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, features: [digest({ secretKey, authMap: new PasswordMap('users.digest') })] });
 * ```
 * @throws ObolError E_SETTING for a wrong option
 */
export function digest(options: DigestOptions): Digest {
  const guards = new DigestGuards(options);
  return {
    guard: (realm, user) => guards.make(realm, user),
    providers: [{ provide: DigestGuards, useValue: guards }, ...usersOf(options.authMap)],
    middleware: [authenticationInfo],
    needs: [...(options.nonceStore?.needs ?? []), ...needsOf(options.throttle)],
    start: () => options.nonceStore?.start?.(),
    close: () => options.nonceStore?.close?.(),
  };
}

/**
 * `@CheckDigest('Admin Zone')` lets through who can log in to the realm, or only the one user named, before a body is
 * read; `request.user` is the name then. All others get 401.
 */
export const CheckDigest = createGuard(
  'CheckDigest',
  (setup, realm: string, user?: string) =>
    featureOf(setup, DigestGuards, 'digest authentication').make(realm, user),
  (_setup, [realm]) => ({ name: 'digest', scheme: { type: 'http', scheme: 'digest', description: realm } }),
);

/** The users, for controllers that take them: under their class, and as a `PasswordMap` where they are one. */
function usersOf(authMap: DigestUsers): NonNullable<Feature['providers']> {
  const { constructor: own } = authMap;
  const classes = new Set<unknown>([authMap instanceof PasswordMap && PasswordMap, own !== Object && own]);
  return [...classes]
    .filter((provide) => typeof provide === 'function')
    .map((provide) => ({ provide: provide as typeof PasswordMap, useValue: authMap }));
}

/** What the decorator finds in the container. Printing it shows no secret. */
class DigestGuards {
  static readonly [PROVIDED_BY] = 'digest({ secretKey, authMap })';
  readonly #plan: DigestPlan;

  constructor(options: DigestOptions) {
    this.#plan = planOf(options);
  }

  make(realm: string, user?: string): Guard {
    return digestGuard(this.#plan, realm, user);
  }
}
