/** What guards want of clients, as security schemes and requirements. */
import { memberOf, sorted, type Json } from './json.js';
import type { Credentials } from './route.js';
import { freeName } from './schema-store.js';

type Credential = Extract<Credentials, { readonly scheme: unknown }>;
/** What is shown together. */
type Way = readonly Credential[];

/** The schemes of a document. */
export class SecuritySchemes {
  readonly #names = new Map<string, string>();
  readonly #schemes = new Map<string, Json>();
  readonly #given: Readonly<Record<string, Json>>;

  /** @param given in place of those that guards name so */
  constructor(given: Readonly<Record<string, Json>> = {}) {
    this.#given = given;
  }

  /** The schemes by name. */
  get all(): Json {
    return sorted(this.#schemes);
  }

  /** What an operation asks for: each member is one way; none for what every client may do. */
  requirements(credentials: readonly Credentials[]): readonly Json[] {
    const ways = waysOf({ allOf: credentials });
    if (ways.every((way) => way.length === 0)) return [];
    const written = ways.map((way) => this.#requirement(way));
    return written.filter((one, index) => written.findIndex((other) => isSame(one, other)) === index);
  }

  #requirement(way: Way): Json {
    const scopes = new Map<string, string[]>();
    for (const credential of way) {
      const name = this.#nameOf(credential);
      scopes.set(name, [...new Set([...(scopes.get(name) ?? []), ...(credential.scopes ?? [])])]);
    }
    return sorted(scopes);
  }

  /** Two schemes that differ have two names. */
  #nameOf({ name, scheme }: Credential): string {
    const key = JSON.stringify([name, scheme]);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const free = freeName(name.replace(/[^\w.-]+/g, '_'), new Set(this.#schemes.keys()));
    this.#names.set(key, free);
    this.#schemes.set(free, memberOf(this.#given, free) ?? scheme);
    return free;
  }
}

/** The ways to pass; one of nothing where nothing is known. */
function waysOf(credentials: Credentials | undefined): readonly Way[] {
  if (credentials === undefined) return [[]];
  if ('anyOf' in credentials) return credentials.anyOf.flatMap(waysOf);
  if (!('allOf' in credentials)) return [[credentials]];
  return credentials.allOf
    .map(waysOf)
    .reduce<readonly Way[]>((all, ways) => all.flatMap((way) => ways.map((next) => [...way, ...next])), [[]]);
}

function isSame(one: Json, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
