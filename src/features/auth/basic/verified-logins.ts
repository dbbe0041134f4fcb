/** Who has shown the right password a moment ago: so that a slow hash is made once, and not with every request. */
import { createHmac, randomBytes } from 'node:crypto';
import { andThen, ContextKey, type Request } from '../../../kit.js';
import type { Throttle } from '../../throttle/throttle.js';
import type { PasswordUsers } from '../passwords/password-users.js';
import type { BasicCredentials } from './credentials.js';

/** What was wrong in the same request of a client, which is one guess however many guards look at it. */
const WRONG = new ContextKey<Set<string>>('basic-wrong');

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
    if (request.get(WRONG)?.has(key)) return false;
    const guess = `${request.peer.address} ${key}`;
    const pending = this.#pending.get(guess);
    if (pending) return pending;
    const verify = (): boolean | Promise<boolean> => this.#users.verify(user, password);
    const answer = this.#throttle ? this.#throttle.attempt(request, user, verify) : verify();
    const judge = (isRight: boolean): boolean =>
      isRight ? this.#remember(key, user) : rememberWrong(request, key);
    if (typeof answer === 'boolean') return judge(answer);
    const verified = Promise.resolve(answer)
      .then(judge)
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

/** @param key of the credentials for these users alone */
function rememberWrong(request: Request, key: string): false {
  request.set(WRONG, (request.get(WRONG) ?? new Set()).add(key));
  return false;
}
