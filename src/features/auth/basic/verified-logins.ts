/** Who has shown the right password a moment ago: so that a slow hash is made once, and not with every request. */
import { createHmac, randomBytes } from 'node:crypto';
import { andThen, type Request } from '../../../kit.js';
import type { Throttle } from '../../throttle/throttle.js';
import type { PasswordUsers } from '../passwords/password-users.js';
import type { BasicCredentials } from './credentials.js';

interface Verified {
  readonly user: string;
  /** What was kept of the password at that time. */
  readonly kept: string | undefined;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
}

const MAX_ENTRIES = 1000;

/** Remembers credentials by an HMAC of them, for users and their throttle. Nothing of the password stays in memory. */
export class VerifiedLogins {
  readonly #users: PasswordUsers;
  readonly #throttle: Throttle | undefined;
  readonly #key = randomBytes(32);
  readonly #verified = new Map<string, Verified>();
  readonly #pending = new Map<string, Promise<boolean>>();

  constructor(users: PasswordUsers, throttle?: Throttle) {
    this.#users = users;
    this.#throttle = throttle;
  }

  /** How many logins it remembers. */
  get size(): number {
    return this.#verified.size;
  }

  /**
   * The user who has shown these very credentials within so many milliseconds.
   * @throws HttpError 429 for a user who has to wait; also as a rejection
   */
  find(request: Request, token: string, within: number): string | undefined | Promise<string | undefined> {
    const user = this.#find(token, within);
    if (user === undefined || !this.#throttle) return user;
    return andThen(this.#throttle.check({ account: user, address: request.peer.address }), () => user);
  }

  /**
   * Asks the users, once for all who show the same from the same address at the same time: it is one guess.
   * @throws HttpError 429 after too many wrong ones; also as a rejection
   */
  verify(request: Request, token: string, { user, password }: BasicCredentials): boolean | Promise<boolean> {
    const key = this.#keyOf(token);
    const guess = `${request.peer.address} ${key}`;
    const pending = this.#pending.get(guess);
    if (pending) return pending;
    const verify = (): boolean | Promise<boolean> => this.#users.verify(user, password);
    const answer = this.#throttle ? this.#throttle.attempt(request, user, verify) : verify();
    if (typeof answer === 'boolean') return answer && this.#remember(key, user);
    const verified = Promise.resolve(answer)
      .then((isRight) => isRight && this.#remember(key, user))
      .finally(() => this.#pending.delete(guess));
    this.#pending.set(guess, verified);
    return verified;
  }

  #find(token: string, within: number): string | undefined {
    if (this.#verified.size === 0) return undefined;
    const known = this.#verified.get(this.#keyOf(token));
    if (!known) return undefined;
    const age = performance.now() - known.at;
    return age < within && known.kept === this.#users.find?.(known.user) ? known.user : undefined;
  }

  #remember(key: string, user: string): true {
    this.#verified.delete(key);
    this.#verified.set(key, { user, kept: this.#users.find?.(user), at: performance.now() });
    const [oldest] = this.#verified.keys();
    if (this.#verified.size > MAX_ENTRIES && oldest !== undefined) this.#verified.delete(oldest);
    return true;
  }

  #keyOf(token: string): string {
    return createHmac('sha256', this.#key).update(token).digest('base64');
  }
}
