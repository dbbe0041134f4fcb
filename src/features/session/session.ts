/** `Session`: what a controller takes to remember its client from one request to the next. */
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { branded, epochSeconds, ObolError, PROVIDED_BY } from '../../kit.js';
import { SessionState, type SessionSource } from './state.js';
import { textOf } from './values.js';

/** Where sessions come from that are not kept. It looks at no request. */
const NOWHERE: SessionSource = {
  find: () => ({}),
  newIdentity: () => ({ id: randomBytes(16).toString('base64url'), token: '' }),
  maxAge: 24 * 60 * 60,
};

/**
 * The session of a request. A controller takes it in its constructor; `T` says what it holds. It is read when it is first
 * touched, and written, before the head of the response goes out, when it has changed.
 *
 * @example
 * ```ts
 * class CartController {
 *   constructor(private readonly session: Session<{ items: string[] }>) {}
 *
 *   list() {
 *     return this.session.get('items') ?? [];
 *   }
 * }
 * ```
 */
export class Session<T extends object = Record<string, unknown>> {
  static readonly [PROVIDED_BY] = 'sessions({ ... })';

  static {
    branded(this, 'Session');
  }

  readonly #state: SessionState;

  /** For Obol; tests use {@link Session.of}. */
  constructor(state: SessionState) {
    this.#state = state;
  }

  /** A new session that is not kept, for tests of controllers: `new CartController(Session.of({ items: [] }))`. */
  static of<T extends object = Record<string, unknown>>(data?: T): Session<T> {
    const session = new Session<T>(new SessionState(NOWHERE, undefined as never));
    for (const [key, value] of Object.entries(data ?? {}))
      session.set(key as keyof T & string, value as never);
    return session;
  }

  /** Names the session and opens nothing: it may be logged. Another one after `regenerate` and `destroy`. */
  get id(): string {
    return this.#state.read().identity.id;
  }

  /** Whether it begins with this request. */
  get isNew(): boolean {
    return this.#state.read().base === undefined;
  }

  /**
   * What it holds, to read and to change: `session.data.user = 'smith'`. An object without a prototype, and plain JSON
   * throughout: anything else in it is an error, E_SESSION_DATA, when the session is written.
   */
  get data(): Partial<T> {
    return this.#state.read().data.all() as Partial<T>;
  }

  get<K extends keyof T & string>(key: K): T[K] | undefined {
    return this.#state.read().data.get(key) as T[K] | undefined;
  }

  has(key: keyof T & string): boolean {
    return this.get(key) !== undefined;
  }

  /** `undefined` deletes. @throws ObolError E_SESSION_DATA for a value that is no plain JSON */
  set<K extends keyof T & string>(key: K, value: T[K] | undefined): this {
    const { data } = this.#state.write();
    if (value !== undefined) textOf(key, value);
    data.set(key, value);
    return this;
  }

  delete(key: keyof T & string): boolean {
    const isThere = this.has(key);
    this.set(key, undefined);
    return isThere;
  }

  /** Empties it. An empty session is not kept. */
  clear(): void {
    const { data, flash } = this.#state.write();
    data.clear();
    flash.clear();
  }

  /** Takes what an earlier request left for the first that asks; undefined when there is nothing. */
  flash(name: string): unknown;
  /** Leaves a value for the next request: a notice that is shown once. @throws ObolError E_SESSION_DATA */
  flash(name: string, value: unknown): this;
  flash(name: string, ...rest: [] | [unknown]): unknown {
    if (rest.length > 0) {
      textOf(name, rest[0] ?? null);
      this.#state.write().flash.set(name, rest[0] ?? null);
      return this;
    }
    const value = this.#state.read().flash.get(name);
    if (value !== undefined) this.#state.write().flash.set(name, undefined);
    return value;
  }

  /** When it ends however much it is used. */
  get expiresAt(): Date {
    return new Date(this.#state.read().times.expiresAt * 1000);
  }

  /** @throws ObolError E_SESSION_EXPIRY for a moment that is past, or no moment */
  set expiresAt(moment: Date | number) {
    const time = Math.floor(Number(moment) / 1000);
    if (!Number.isSafeInteger(time) || time <= epochSeconds())
      throw new ObolError(
        'E_SESSION_EXPIRY',
        `A session cannot end at ${inspect(moment)}; to end it now, destroy() it.`,
      );
    const state = this.#state.write();
    state.times = { ...state.times, expiresAt: time };
    state.dueAt = 0;
  }

  /** Counts this request as a use at once; without it that is done once a minute. */
  touch(): void {
    this.#state.write().dueAt = 0;
  }

  /** Keeps what it holds under another id, and ends the old one: call it where a user logs in. */
  regenerate(): this {
    this.#state.write().regenerate();
    return this;
  }

  /** Ends it and forgets what it holds; what is set afterwards begins a new one. */
  destroy(): void {
    this.#state.write().destroy();
  }

  /** Reads it from its store. Only guards and middleware need it: controllers are called when it is done. */
  async load(): Promise<this> {
    await this.#state.load();
    return this;
  }

  /** Names of what it holds, never the values. */
  [inspect.custom](): string {
    const { isOpen, data } = this.#state;
    return isOpen ? `Session { ${Object.keys(data.all()).join(', ')} }` : 'Session { not read yet }';
  }
}
