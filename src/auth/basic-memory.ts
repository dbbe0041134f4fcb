/** Who has shown the right password a moment ago: so that a slow hash is made once, and not with every request. */
import { createHmac, randomBytes } from 'node:crypto';

/** Names and passwords: a `PasswordHashMap`, or anything else that can check them. */
export interface PasswordUsers {
  /** Whether this is the user's password. It takes as long for a user who is not there. */
  verify(user: string, password: string): boolean | Promise<boolean>;
  /** What is kept of the password: when that changes, the old password is not remembered any longer. */
  find?(user: string): string | undefined;
}

interface Verified {
  readonly user: string;
  readonly kept: string | undefined;
  readonly at: number;
}

const MAX_ENTRIES = 1000;

/** Remembers credentials by an HMAC of them, for one set of users. Nothing of the password stays in memory. */
export class VerifiedLogins {
  readonly #users: PasswordUsers;
  readonly #key = randomBytes(32);
  readonly #verified = new Map<string, Verified>();
  readonly #pending = new Map<string, Promise<boolean>>();

  constructor(users: PasswordUsers) {
    this.#users = users;
  }

  /** How many logins it remembers. */
  get size(): number {
    return this.#verified.size;
  }

  /** The user who has shown these very credentials within so many milliseconds. */
  find(token: string, within: number): string | undefined {
    if (this.#verified.size === 0) return undefined;
    const key = this.#keyOf(token);
    const known = this.#verified.get(key);
    if (!known) return undefined;
    const age = performance.now() - known.at;
    if (age < within && known.kept === this.#users.find?.(known.user)) return known.user;
    return undefined;
  }

  /** Asks the users, once for all who show the same at the same time. */
  verify(token: string, user: string, password: string): boolean | Promise<boolean> {
    const key = this.#keyOf(token);
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const answer = this.#users.verify(user, password);
    if (typeof answer === 'boolean') return answer && this.#remember(key, user);
    const verified = Promise.resolve(answer)
      .then((isRight) => isRight && this.#remember(key, user))
      .finally(() => this.#pending.delete(key));
    this.#pending.set(key, verified);
    return verified;
  }

  #remember(key: string, user: string): true {
    this.#verified.delete(key);
    this.#verified.set(key, { user, kept: this.#users.find?.(user), at: performance.now() });
    if (this.#verified.size > MAX_ENTRIES) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    for (const key of this.#verified.keys()) {
      this.#verified.delete(key);
      return;
    }
  }

  #keyOf(token: string): string {
    return createHmac('sha256', this.#key).update(token).digest('base64');
  }
}
