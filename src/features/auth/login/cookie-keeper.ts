/** Logins kept by the client, in a cookie that only the server can write, prolonged while they are used. */
import {
  COOKIE_RULES,
  cookieNameOf,
  type CookieOptions,
  cookiesOf,
  epochSeconds,
  expiredCookie,
  prefixedName,
  type Request,
  rule,
  serializeCookie,
} from '../../../kit.js';
import type { FoundLogin, Login, LoginKeeper } from './keeper.js';

/** The cookie; what is not said is decided by how the client came. */
export interface LoginCookieOptions {
  /** Default that of the keeper. Over HTTPS it gets the prefix `__Host-` where path and domain allow that, else `__Secure-`. */
  readonly name?: string | undefined;
  /** Default `/`. */
  readonly path?: string | undefined;
  /** Default this host only. */
  readonly domain?: string | undefined;
  /** Default `Lax`. */
  readonly sameSite?: 'Strict' | 'Lax' | undefined;
  /** Whether browsers send it over HTTPS only. Default when the client came over HTTPS. */
  readonly secure?: boolean | undefined;
  /** Whether browsers keep it when they are closed. Default false. */
  readonly persistent?: boolean | undefined;
}

/** Of the options of that cookie. */
export const LOGIN_COOKIE_RULE = rule.options<LoginCookieOptions>({
  ...rule.each(['name', 'path', 'domain', 'sameSite'], COOKIE_RULES.name),
  ...rule.each(['secure', 'persistent'], rule.flag),
});

/** A login as it is written. Times are seconds since the epoch. */
export interface TimedLogin extends Login {
  /** When the user logged in. */
  readonly since: number;
  /** When this was written. */
  readonly at: number;
}

/** How a login becomes text that no client can write. */
export interface LoginCodec {
  /** @param name of the cookie, to which the text may be bound */
  encode(login: TimedLogin, name: string): string;
  decode(text: string, name: string): { readonly login: TimedLogin; readonly isOldKey: boolean } | undefined;
}

/** How many seconds a login lives. */
export interface LoginLifetimes {
  /** Unused. */
  readonly timeout: number;
  /** However much it is used; undefined for no such limit. */
  readonly maxAge: number | undefined;
}

interface KeeperParts {
  readonly codec: LoginCodec;
  readonly lifetimes: LoginLifetimes;
  readonly cookie: LoginCookieOptions & { readonly name: string };
  /** Whether the name stays as it is, because other programs read the cookie. */
  readonly isFixedName?: boolean;
}

/** Seconds by which the clocks of servers may differ. */
const SKEW = 60;

export class CookieLoginKeeper implements LoginKeeper {
  readonly #parts: KeeperParts;

  /** @throws ObolError E_COOKIE for a cookie that browsers would refuse */
  constructor(parts: KeeperParts) {
    this.#parts = parts;
    for (const secure of [true, false]) {
      const { name, attributes } = this.#cookie(parts.cookie.secure ?? secure);
      serializeCookie(name, '', attributes);
    }
  }

  get cookie(): string {
    return this.#parts.cookie.name;
  }

  find(request: Request): FoundLogin {
    const { name, attributes } = this.#cookieOf(request);
    const text = cookiesOf(request).get(name);
    if (text === undefined) return {};
    const read = this.#parts.codec.decode(text, name);
    const now = epochSeconds();
    if (!read || !this.#isAlive(read.login, now)) return { setCookie: expiredCookie(name, attributes) };
    const { login } = read;
    const known: Login = { user: login.user, ...(login.groups && { groups: login.groups }) };
    // Only past the middle of its time, so that few answers differ from each other by a cookie.
    const isDue = read.isOldKey || (now - login.at) * 2 >= this.#parts.lifetimes.timeout;
    return isDue
      ? { login: known, setCookie: this.#write(request, { ...login, at: now }) }
      : { login: known };
  }

  keep(request: Request, login: Login): string {
    const now = epochSeconds();
    return this.#write(request, { ...login, since: now, at: now });
  }

  drop(request: Request): string {
    const { name, attributes } = this.#cookieOf(request);
    return expiredCookie(name, attributes);
  }

  #isAlive({ at, since }: TimedLogin, now: number): boolean {
    const { timeout, maxAge = Infinity } = this.#parts.lifetimes;
    return at <= now + SKEW && now - at < timeout && now - since < maxAge;
  }

  #write(request: Request, login: TimedLogin): string {
    const { codec, cookie, lifetimes } = this.#parts;
    const { name, attributes } = this.#cookieOf(request);
    const maxAge = Math.min(lifetimes.timeout, login.since + (lifetimes.maxAge ?? Infinity) - login.at);
    return serializeCookie(
      name,
      codec.encode(login, name),
      cookie.persistent ? { ...attributes, maxAge } : attributes,
    );
  }

  #cookieOf(request: Request): NamedCookie {
    const cookie = this.#cookie(this.#parts.cookie.secure ?? request.peer.scheme === 'https');
    return this.#parts.isFixedName ? cookie : { ...cookie, name: cookieNameOf(request, cookie.name) };
  }

  #cookie(secure: boolean): NamedCookie {
    const { cookie, isFixedName } = this.#parts;
    const { name, path = '/', domain, sameSite = 'Lax' } = cookie;
    const attributes = { path, sameSite, secure, ...(domain !== undefined && { domain }) };
    return { name: secure && !isFixedName ? prefixedName(name, attributes) : name, attributes };
  }
}

interface NamedCookie {
  readonly name: string;
  readonly attributes: Omit<CookieOptions, 'maxAge' | 'expires'>;
}
