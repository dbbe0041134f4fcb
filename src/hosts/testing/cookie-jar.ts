/** The cookies of a test client: of one host, so that names alone distinguish them. */

/** Keeps cookies between requests. Domain and path are not looked at. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  get(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  set(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  delete(name: string): boolean {
    return this.#cookies.delete(name);
  }

  clear(): void {
    this.#cookies.clear();
  }

  /** The cookies by name; an object without a prototype. */
  toObject(): Record<string, string> {
    return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(this.#cookies));
  }

  /** Takes over what Set-Cookie headers say; one that has expired is removed. */
  store(headers: readonly string[]): void {
    for (const header of headers) {
      const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
      const equals = pair.indexOf('=');
      if (equals < 1) continue;
      const name = pair.slice(0, equals);
      if (isExpired(attributes)) this.#cookies.delete(name);
      else this.#cookies.set(name, pair.slice(equals + 1));
    }
  }
}

/** Max-Age wins over Expires (RFC 6265bis 5.5). */
function isExpired(attributes: readonly string[]): boolean {
  const value = (name: string): string | undefined =>
    attributes.find((attribute) => attribute.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
  const maxAge = value('max-age');
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  const expires = value('expires');
  return expires !== undefined && Date.parse(expires) <= Date.now();
}
