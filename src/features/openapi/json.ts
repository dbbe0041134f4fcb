/** What documents are made of. */

/** An object of a document: of JSON values only. */
export type Json = Readonly<Record<string, unknown>>;

/** The members that are there. */
export function present(members: Json): Json {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** The members but for some. */
export function without(members: object, ...names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}

/** The members by name, so that documents do not depend on the order in which things were found. */
export function sorted<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  return Object.fromEntries([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Whether a value has members by name. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A name as a pointer in a URI writes it (RFC 6901 6), read; one that is not well-formed is taken as it is. */
export function nameInPointer(token: string): string {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return token;
  }
}

/** A member by a name that people chose, which may be one that every object has. */
export function memberOf<T>(
  members: Readonly<Record<string | number, T>> | undefined,
  name: string | number,
): T | undefined {
  return members && Object.hasOwn(members, name) ? members[name] : undefined;
}
