/** The cookies of a test client, kept as browsers keep them (RFC 6265bis 5). */
import {
  cookieFrom,
  domainMatches,
  pathMatches,
  type CookieTarget,
  type StoredCookie,
} from './stored-cookie.js';

/**
 * Keeps cookies between requests, each for its domain and path, until it ends. Every request counts as one of the same site,
 * and there is no list of public suffixes.
 */
export class CookieJar {
  /** By name, domain and path, oldest first. */
  readonly #cookies = new Map<string, StoredCookie>();
  readonly #here: CookieTarget;

  /** @param host that cookies are of where a test does not say from where. Default `localhost` */
  constructor(host = 'localhost') {
    this.#here = { host, path: '/', isSecure: true };
  }

  /** The value of a cookie, whatever its path and domain; undefined when there is none that lives. */
  get(name: string): string | undefined {
    return this.list().find((cookie) => cookie.name === name)?.value;
  }

  /** Keeps a cookie for every path of the client's own host. */
  set(name: string, value: string): void {
    const place = { domain: this.#here.host, hostOnly: true, path: '/' };
    this.#keep({ name, value, ...place, expires: Infinity, secure: false, httpOnly: false, sameSite: 'Lax' });
  }

  /** Removes every cookie of that name. @returns whether there was one */
  delete(name: string): boolean {
    const keys = [...this.#cookies].filter(([, cookie]) => cookie.name === name).map(([key]) => key);
    for (const key of keys) this.#cookies.delete(key);
    return keys.length > 0;
  }

  clear(): void {
    this.#cookies.clear();
  }

  /** Every cookie that lives, with its attributes. */
  list(): StoredCookie[] {
    const now = Date.now();
    return [...this.#cookies.values()].filter(({ expires }) => expires > now);
  }

  /** The values by name; an object without a prototype. */
  toObject(): Record<string, string> {
    const values = Object.create(null) as Record<string, string>;
    for (const { name, value } of this.list()) values[name] = value;
    return values;
  }

  /** The cookies that a request carries, longest path first (RFC 6265bis 5.8.3). */
  sentTo({ host, path, isSecure }: CookieTarget): [name: string, value: string][] {
    return this.list()
      .filter((cookie) => (cookie.hostOnly ? cookie.domain === host : domainMatches(host, cookie.domain)))
      .filter((cookie) => pathMatches(path, cookie.path) && (isSecure || !cookie.secure))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => [name, value]);
  }

  /** Takes over what Set-Cookie headers say, as far as browsers would; one that has expired is removed. */
  store(headers: readonly string[], target: CookieTarget = this.#here): void {
    for (const header of headers) {
      const cookie = cookieFrom(header, target);
      if (cookie && (target.isSecure || !this.#shadowsSecure(cookie))) this.#keep(cookie);
    }
  }

  #keep(cookie: StoredCookie): void {
    const { name, domain, path, hostOnly } = cookie;
    const key = JSON.stringify([name, domain, path, hostOnly]);
    // What replaces another stands in its place: it is as old as that.
    if (cookie.expires > Date.now()) this.#cookies.set(key, cookie);
    else this.#cookies.delete(key);
  }

  /** No plain request replaces a cookie that was set by a secure one (RFC 6265bis 5.7, "leave secure cookies alone"). */
  #shadowsSecure({ name, domain, path }: StoredCookie): boolean {
    return this.list().some(
      (kept) =>
        kept.secure &&
        kept.name === name &&
        (domainMatches(domain, kept.domain) || domainMatches(kept.domain, domain)) &&
        pathMatches(path, kept.path),
    );
  }
}
