/** The passwords of Basic authentication and of forms: `user:PHC string`, from which no reader of the file gets the password. */
import { createHmac, randomBytes } from 'node:crypto';
import { checkOptions, LateLogger, ObolError } from '../../../kit.js';
import { FILE_RULES, PasswordFile, type PasswordFileOptions } from './password-file.js';
import {
  ALGORITHM_RULE,
  standInHash,
  standInHashLike,
  hashPassword,
  isCheckable,
  isOutdated,
  verifyPassword,
  type PasswordHashOptions,
} from './password-hash.js';
import type { LineFormat } from './password-lines.js';

const FORMAT: LineFormat = {
  shape: 'user:hash with a PHC string that this Node can check, such as $scrypt$...',
  isName: (name) => /^[^:]+$/.test(name),
  kindOf: (secret) => (isCheckable(secret) ? 'phc' : undefined),
};

export interface PasswordHashMapOptions extends PasswordFileOptions, PasswordHashOptions {}

/**
 * Users and slow hashes of their passwords: in memory, or in a file that is read when it is first needed and again when it
 * has changed. Printing it shows no users.
 */
export class PasswordHashMap {
  readonly #file: PasswordFile;
  readonly #hashing: PasswordHashOptions;
  readonly #logger: LateLogger;
  readonly #hasFile: boolean;
  /** Which hash a user who is not there gets the like of. */
  readonly #key = randomBytes(32);
  /** Every hash there is. */
  #models: { readonly version: number; readonly hashes: readonly string[] } = { version: -1, hashes: [] };

  /**
   * @param path of the file; without one, users are in memory only
   * @throws ObolError E_SETTING for a wrong option, such as an algorithm that this Node has not
   */
  constructor(path?: string | URL, options: PasswordHashMapOptions = {}) {
    checkOptions('PasswordHashMap', options, { ...FILE_RULES, algorithm: ALGORITHM_RULE });
    this.#file = new PasswordFile(path, FORMAT, options);
    this.#hasFile = path !== undefined;
    this.#hashing = { algorithm: options.algorithm };
    this.#logger = new LateLogger(options.logger);
  }

  /**
   * Adds a user, or gives one another password. It stays in memory until `write()`.
   * @throws ObolError E_PASSWORD for a name with a colon or control characters, and for a password that cannot be
   */
  async set(user: string, password: string): Promise<void> {
    const name = checkName(user);
    this.#file.set(name, [await hashPassword(password, this.#hashing)]);
  }

  /** As `set`, with a hash that was made already. @throws ObolError E_PASSWORD for one that this Node cannot check */
  setHash(user: string, phc: string): this {
    const name = checkName(user);
    if (!isCheckable(phc))
      throw new ObolError(
        'E_PASSWORD',
        `What user ${JSON.stringify(user)} shall get is no hash; use hashPassword().`,
      );
    this.#file.set(name, [phc]);
    return this;
  }

  /** Takes a user away; it stays in the file until `write()`. @returns whether there was one */
  delete(user: string): boolean {
    return this.#file.set(user.normalize('NFC'), []);
  }

  /** The PHC string of a user; undefined for a user who is not there. */
  find(user: string): string | undefined {
    return this.#file.get(user.normalize('NFC'))[0];
  }

  /**
   * Whether this is the user's password; it takes as long for a user who is not there. A hash that costs less than one of
   * today is replaced as soon as its password is seen.
   * @throws HttpError 503 when too many log in at once
   */
  async verify(user: string, password: string): Promise<boolean> {
    const known = this.find(user);
    const standIn = this.#standInFor(user);
    const isRight = await verifyPassword(password, known ?? standIn);
    if (!isRight || known === undefined) return false;
    if (isOutdated(known, this.#hashing)) await this.#renew(user, password, known);
    return true;
  }

  /** Reads the file now, in place of when it is next needed. @throws ObolError E_PASSWORD_FILE */
  load(): Promise<void> {
    return this.#file.load();
  }

  /** Puts what was changed here into the file, and nothing else. @throws ObolError E_PASSWORD_FILE */
  write(): Promise<void> {
    return this.#file.write();
  }

  /**
   * A hash for a user who is not there. It costs what that of some user costs, always of the same one for the same name:
   * where hashes of several ages are kept, how long it takes must not show who is there.
   */
  #standInFor(user: string): string {
    const { version } = this.#file;
    if (this.#models.version !== version)
      this.#models = { version, hashes: [...this.#file.names()].flatMap((name) => this.#file.get(name)) };
    const { hashes } = this.#models;
    const place = createHmac('sha256', this.#key).update(user.normalize('NFC')).digest().readUInt32BE();
    const model = hashes[place % hashes.length];
    return (model === undefined ? undefined : standInHashLike(model)) ?? standInHash(this.#hashing);
  }

  /** A failure is only logged: a client that knows the password is let in. */
  async #renew(user: string, password: string, before: string): Promise<void> {
    try {
      const phc = await hashPassword(password, this.#hashing);
      // Another password may have been set meanwhile.
      if (this.find(user) !== before) return;
      this.setHash(user, phc);
      if (this.#hasFile) await this.write();
    } catch (error) {
      this.#logger.warn({ err: error }, 'A better hash of a password could not be kept');
    }
  }
}

function checkName(user: string): string {
  if (user !== '' && !/[:\p{Cc}]/u.test(user)) return user.normalize('NFC');
  throw new ObolError(
    'E_PASSWORD',
    `The user name ${JSON.stringify(user)} may not be empty or hold colons or control characters.`,
  );
}
