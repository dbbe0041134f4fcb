/** The passwords of digest authentication: the file that htdigest writes, `user:realm:hash`. */
import { timingSafeEqual } from 'node:crypto';
import { checkOptions, ObolError, PROVIDED_BY } from '../../../kit.js';
import { HASHES, userhashOf, type DigestHash } from '../digest/algorithm.js';
import type { DigestUsers } from '../digest/settings.js';
import { FILE_RULES, PasswordFile, type PasswordFileOptions } from './password-file.js';
import type { LineFormat } from './password-lines.js';

const HASH = /^(?:[\da-f]{32}|[\da-f]{64})$/i;

const FORMAT: LineFormat = {
  shape: 'user:realm:hash',
  isName: (name) => /^[^:]+:[^:]+$/.test(name),
  kindOf: (secret) => (HASH.test(secret) ? String(secret.length) : undefined),
};

/**
 * Users and their hashes (see `hexdigest`), by realm: in memory, or in a file that is read when it is first needed and
 * again when it has changed. A user may have two hashes in a realm, of 32 digits (MD5) and of 64 (SHA-256).
 * Printing it shows no users.
 */
export class PasswordMap implements DigestUsers {
  static readonly [PROVIDED_BY] = 'digest({ secretKey, authMap: new PasswordMap(...) })';
  readonly #file: PasswordFile;
  /** Users by hash and userhash, of one realm each. */
  readonly #hashed = new Map<
    string,
    { readonly version: number; readonly users: ReadonlyMap<string, string> }
  >();

  /**
   * @param path of the file; without one, users are in memory only
   * @throws ObolError E_SETTING for a wrong option
   */
  constructor(path?: string | URL, options: PasswordFileOptions = {}) {
    checkOptions('PasswordMap', options, FILE_RULES);
    this.#file = new PasswordFile(path, FORMAT, options);
  }

  /**
   * Adds a user, or replaces all hashes of one. It stays in memory until `write()`.
   * @throws ObolError E_PASSWORD for a name with a colon or control characters, and for what is no hash
   */
  set(realm: string, user: string, hash: string | readonly string[]): this {
    const hashes = [hash].flat();
    const digits = hashes.map(({ length }) => length);
    if (!isField(realm) || !isField(user))
      throw new ObolError(
        'E_PASSWORD',
        `Neither ${JSON.stringify(user)} nor ${JSON.stringify(realm)} may be empty or hold colons or control characters.`,
      );
    if (
      hashes.length === 0 ||
      new Set(digits).size < digits.length ||
      !hashes.every((each) => HASH.test(each))
    )
      throw new ObolError(
        'E_PASSWORD',
        `What user ${JSON.stringify(user)} shall get is no hash of 32 or 64 digits; use hexdigest(user, realm, password).`,
      );
    this.#file.set(
      nameOf(realm, user),
      hashes.map((each) => each.toLowerCase()),
    );
    return this;
  }

  /** Takes a user away; it stays in the file until `write()`. @returns whether there was one */
  delete(realm: string, user: string): boolean {
    return isField(realm) && isField(user) && this.#file.set(nameOf(realm, user), []);
  }

  /**
   * The hash of a user made with that function, or the first that there is; undefined for a user who has none, and for names
   * with a colon, which together would be those of another user in another realm.
   */
  find(realm: string, user: string, hash?: DigestHash): string | undefined {
    if (user.includes(':') || realm.includes(':')) return undefined;
    const digits = hash && HASHES.get(hash)?.digits;
    for (const each of this.#file.get(nameOf(realm, user)))
      if (digits === undefined || each.length === digits) return each.toLowerCase();
    return undefined;
  }

  findHashed(realm: string, userhash: string, hash: DigestHash): string | undefined {
    const { version } = this.#file;
    const key = `${hash}:${realm}`;
    let known = this.#hashed.get(key);
    if (known?.version !== version) {
      const users = this.users(realm).map((user) => [userhashOf(user, realm, hash), user] as const);
      this.#hashed.set(key, (known = { version, users: new Map(users) }));
    }
    return known.users.get(userhash);
  }

  /** Whether a hash is one of the user's; the time that takes does not show how early it differs. */
  verify(realm: string, user: string, hash: string): boolean {
    if (!HASH.test(hash)) return false;
    const known = this.find(realm, user, hash.length === 32 ? 'MD5' : 'SHA-256');
    const given = Buffer.from(hash, 'hex');
    return (
      timingSafeEqual(given, Buffer.from(known ?? '0'.repeat(hash.length), 'hex')) && known !== undefined
    );
  }

  /** The users of a realm. */
  users(realm: string): string[] {
    const end = `:${realm.normalize('NFC')}`;
    const names = isField(realm) ? [...this.#file.names()] : [];
    return names.filter((name) => name.endsWith(end)).map((name) => name.slice(0, -end.length));
  }

  complaint(realm: string, hashes: readonly DigestHash[]): string | undefined {
    const users = this.users(realm);
    if (users.length === 0 || users.some((user) => hashes.some((hash) => this.find(realm, user, hash))))
      return undefined;
    return (
      `authMap has no user in the realm ${JSON.stringify(realm)} with a hash for ${hashes.join(' or ')}. Set authAlgorithm ` +
      'to what the hashes were made with (those of 32 digits with MD5), or make new ones: obol digest -s.'
    );
  }

  /** Reads the file now, in place of when it is next needed. @throws ObolError E_PASSWORD_FILE */
  load(): Promise<void> {
    return this.#file.load();
  }

  /** Puts what was changed here into the file, and nothing else. @throws ObolError E_PASSWORD_FILE */
  write(): Promise<void> {
    return this.#file.write();
  }
}

function nameOf(realm: string, user: string): string {
  return `${user}:${realm}`.normalize('NFC');
}

function isField(text: string): boolean {
  return text !== '' && !/[:\p{Cc}]/u.test(text);
}
