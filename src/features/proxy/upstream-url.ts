/** URLs of servers that requests are passed to. */

/**
 * The URL of a server: http or https, and a path at most, which has no slash at its end.
 * @returns undefined for any other: with a user, a query or a fragment it would say what is not done
 */
export function upstreamUrl(value: unknown): URL | undefined {
  const text = value instanceof URL ? value.href : value;
  if (typeof text !== 'string' || !/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || /[?#]/.test(text)) return undefined;
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

/** The path that is put before those of requests; `''` for none. */
export function prefixOf({ pathname }: URL): string {
  return pathname === '/' ? '' : pathname;
}
