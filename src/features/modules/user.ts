/** The user of a request, as modules know one. */
import { andThen, attempt, ContextKey, HttpError, type Request } from '../../kit.js';
import { acceptsToken, csrfToken } from '../csrf/csrf.js';
import type { AccessOf } from '../auth/access/groups.js';
import { dependsOnLogin, loginOf } from '../auth/login/keeper.js';
import { isLoggedIn } from '../auth/login/login-required.js';

/** A group by number, as WebScripts has them, or by name. */
export type Group = number | string;

/** What an application knows of a user. */
export interface KnownUser {
  readonly id: number;
  readonly name: string;
  /** Default none. */
  readonly groups?: readonly Group[] | undefined;
}

/** The user of a request. Of one who is not logged in, `id` is 0 and `groups` are `[0]`. */
export interface ModuleUser {
  readonly id: number;
  readonly name: string;
  readonly groups: readonly Group[];
  /** The address of the client, as far as proxies that are trusted report it. */
  readonly ip: string;
  /**
   * A token for a page, another one each time: a client sends it back as `csrf_token` or in `X-CSRF-Token`.
   * @throws ObolError E_CSRF in the page of a URL that no module has, unless `csrf()` protects the application
   */
  readonly csrf: string;
  /** Whether a token is one that a page of this client got. */
  checkCsrf(token: string | undefined): Promise<boolean>;
}

/** Finds what an application knows of who is logged in; undefined for a login that it does not know. */
export type UsersOf<U extends KnownUser = KnownUser> = (
  login: unknown,
  request: Request,
) => U | undefined | Promise<U | undefined>;

/** Who is not logged in. */
export const ANONYMOUS: KnownUser = { id: 0, name: 'Not Authenticated', groups: [0] };
const UNKNOWN: KnownUser = { id: 1, name: 'Unknown', groups: [0, 1] };

const USER = new ContextKey<KnownUser>('obol.module-user', { ofApplication: true });

/** The user that was found for a request, where one was looked for. */
export function foundUser(request: Request): KnownUser | undefined {
  return request.get(USER);
}

/** The users of an application. */
export class Users {
  readonly #find: UsersOf;
  readonly #acceptsUnknown: boolean;

  /** @param find default: who is logged in by the name of the login, with its groups */
  constructor(find: UsersOf = byLogin, acceptsUnknown = false) {
    this.#find = find;
    this.#acceptsUnknown = acceptsUnknown;
  }

  /** Finds the user, once for each request. @throws HttpError 403 for a login that is not known and not accepted */
  find(request: Request): KnownUser | Promise<KnownUser> {
    dependsOnLogin(request);
    if (!isLoggedIn(request)) return ANONYMOUS;
    const found = request.get(USER);
    if (found) return found;
    return andThen(this.#find(request.user, request), (user) => {
      if (!user && !this.#acceptsUnknown) throw new HttpError(403, 'The user is not known here');
      const known = user ?? UNKNOWN;
      request.set(USER, known);
      return known;
    });
  }

  /** The same for a page about an error, which no mistake about the user may prevent. */
  findAnyway(request: Request): KnownUser | Promise<KnownUser> {
    return attempt(
      () => this.find(request),
      () => ANONYMOUS,
    );
  }

  /** For `@Groups` and `@MinimumAccess`: groups by their names or numbers, and the highest of the numbers as the level. */
  readonly accessOf: AccessOf = (_, request) =>
    andThen(this.find(request), ({ groups = [] }) => {
      const numbers = groups.filter((group) => typeof group === 'number');
      return { groups: groups.map(String), ...(numbers.length > 0 && { level: Math.max(...numbers) }) };
    });
}

/** A user as a module gets one: what the application knows, with what the request says. */
export function moduleUser(known: KnownUser, request: Request): ModuleUser {
  const user = {
    ...known,
    // A copy: what a module makes of it must not count for other requests.
    groups: Object.freeze([...(known.groups ?? [])]),
    ip: request.peer.address,
    checkCsrf: (token: string | undefined) => acceptsToken(request, token),
  };
  // Asking for one sets a cookie, so that looking at all members must not.
  const token = { get: () => csrfToken(request), enumerable: false };
  return Object.defineProperty(user, 'csrf', token) as typeof user & ModuleUser;
}

/** Without a list of users every login is known by its name. */
function byLogin(login: unknown, request: Request): KnownUser {
  if (isKnownUser(login)) return login;
  return { ...UNKNOWN, name: String(login), groups: loginOf(request)?.groups ?? UNKNOWN.groups };
}

function isKnownUser(value: unknown): value is KnownUser {
  const { id, name } = (value ?? {}) as Partial<KnownUser>;
  return typeof id === 'number' && typeof name === 'string';
}
