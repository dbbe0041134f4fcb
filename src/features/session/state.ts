/** What a request knows of its session: how it was found, what it holds now, and what that means for the answer. */
import { epochSeconds, isPromise, ObolError, type Request } from '../../kit.js';
import type { Draft, Found, Identity } from './keeper.js';
import { DATA, FLASH, type SessionRecord, type SessionTimes } from './record.js';
import { LiveValues, type TextChanges } from './values.js';

/** Where sessions come from. */
export interface SessionSource {
  /** Looks for the session of a request. */
  find(request: Request): Found | Promise<Found>;
  /** Names a new session. */
  newIdentity(): Identity;
  /** Seconds that a new session lives. */
  readonly maxAge: number;
  /** Looks at a session before it is used. @returns why it is refused */
  readonly examine?: ((record: SessionRecord, values: LiveValues) => string | undefined) | undefined;
  /** Called with the reason why a cookie was refused. */
  report?(request: Request, problem: string): void;
}

/** What is to be done about a session when its request ends. */
export interface Ending {
  /** Is written. */
  readonly draft?: Draft;
  /** Ends, and none takes its place. */
  readonly dropped?: SessionRecord | undefined;
  /** Whether the cookie that the client has is removed. */
  readonly clears?: boolean;
}

/** After this many seconds the time of last use is written again. */
const SEEN_EVERY = 60;
const NO_TEXTS: ReadonlyMap<string, string> = new Map();
const UNREAD = new LiveValues(DATA, NO_TEXTS);
const NO_TIMES: SessionTimes = { issuedAt: 0, expiresAt: 0, seenAt: 0 };

export class SessionState {
  times = NO_TIMES;
  /** As it was found; undefined for a new one. */
  base: SessionRecord | undefined;
  /** Whether the answer depends on the session. */
  isAccessed = false;
  /** When it is written even if nothing changed, in seconds since the epoch. */
  dueAt = 0;
  /** Whether the cookie that came will never be any good. */
  clears = false;
  /** Whether it has been read. */
  isOpen = false;
  data = UNREAD;
  readonly #source: SessionSource;
  readonly #request: Request;
  /** What was found and has been given up. */
  #replaced: SessionRecord | undefined;
  #flash: LiveValues | undefined;
  #identity: Identity | undefined;
  #isSent = false;
  #loading: Promise<void> | undefined;

  constructor(source: SessionSource, request: Request) {
    this.#source = source;
    this.#request = request;
  }

  get flash(): LiveValues {
    return (this.#flash ??= new LiveValues(FLASH, this.data.texts));
  }

  /** A new session gets its own when asked for it. */
  get identity(): Identity {
    return (this.#identity ??= this.#source.newIdentity());
  }

  /** Reads the session unless that was done. @returns undefined when there is nothing to wait for */
  load(): Promise<void> | undefined {
    if (this.isOpen || this.#loading) return this.#loading;
    const found = this.#source.find(this.#request);
    if (isPromise(found)) return this.#loadLater(found);
    this.#take(found);
    return undefined;
  }

  /** For everything that reads. @throws ObolError E_SESSION_LOAD when the store has not answered yet */
  read(): this {
    this.isAccessed = true;
    if (!this.isOpen && this.load()) throw tooEarly();
    return this;
  }

  /** For everything that writes. @throws ObolError E_SESSION_SENT when it is too late, or as `read` */
  write(): this {
    if (this.#isSent) throw tooLate();
    return this.read();
  }

  /** Another name for the same content, which begins to live anew. */
  regenerate(): void {
    this.#replaced ??= this.base;
    this.base = undefined;
    this.#identity = undefined;
    this.#begin();
  }

  /** Forgets everything. */
  destroy(): void {
    this.#fill(NO_TEXTS);
    this.clears = true;
    this.regenerate();
  }

  /**
   * The head of the response goes out: nothing can change any more.
   * @returns undefined when there is nothing to do
   * @throws ObolError E_SESSION_DATA for a value that is no JSON
   */
  end(): Ending | undefined {
    const ending = this.isOpen && this.isAccessed ? this.#decide() : undefined;
    this.#isSent = true;
    if (this.isOpen) this.data.close();
    return ending;
  }

  /** Reports why what came, or became of it, is no good. */
  report(problem: string): void {
    this.#source.report?.(this.#request, problem);
  }

  #loadLater(found: PromiseLike<Found>): Promise<void> {
    this.#loading = Promise.resolve(found).then((settled) => {
      this.#take(settled);
      this.#loading = undefined;
    });
    // Those who wait for it get a failure; where none does, it must not end the process.
    this.#loading.catch(() => undefined);
    return this.#loading;
  }

  #take(found: Found): void {
    const { record, token = '' } = found;
    if (record) this.#fill(record.values);
    const refusal = record && this.#source.examine?.(record, this.data);
    if (record && refusal === undefined) {
      this.base = this.times = record;
      this.#identity = { id: record.id, token };
      this.dueAt = found.isOld ? 0 : record.seenAt + SEEN_EVERY;
    } else this.#beginAnew(found, refusal);
    this.isOpen = true;
  }

  #beginAnew({ problem, clears }: Found, refusal = problem): void {
    this.#fill(NO_TEXTS);
    this.#begin();
    this.clears = clears === true;
    if (refusal !== undefined) this.report(refusal);
  }

  /** After the end nothing changes; but a stream may be the first to read. */
  #fill(texts: ReadonlyMap<string, string>): void {
    this.data = new LiveValues(DATA, texts);
    this.#flash = undefined;
    if (this.#isSent) this.data.close();
  }

  #begin(): void {
    const now = epochSeconds();
    this.times = { issuedAt: now, expiresAt: now + this.#source.maxAge, seenAt: now };
  }

  #decide(): Ending | undefined {
    const { base, data } = this;
    const changes: TextChanges = { set: new Map(), deleted: [] };
    data.collect(changes);
    this.#flash?.collect(changes);
    const isSame = changes.set.size + changes.deleted.length === 0;
    const values = isSame ? data.texts : withChanges(data.texts, changes);
    const former = base ?? this.#replaced;
    if (values.size === 0) return { dropped: former, clears: this.clears || former !== undefined };
    const seenAt = epochSeconds();
    if (isSame && base && seenAt < this.dueAt) return undefined;
    const { issuedAt, expiresAt } = this.times;
    const { id, token } = this.identity;
    const record = { id, issuedAt, expiresAt, seenAt, values };
    return { draft: base ? { record, token, changes } : { record, token, replaced: former } };
  }
}

function withChanges(texts: ReadonlyMap<string, string>, { set, deleted }: TextChanges): Map<string, string> {
  const values = new Map(texts);
  for (const [key, text] of set) values.set(key, text);
  for (const key of deleted) values.delete(key);
  return values;
}

function tooEarly(): ObolError {
  return new ObolError(
    'E_SESSION_LOAD',
    'The session is still being read from its store. Use it in a method of a controller that takes it in its ' +
      'constructor, not in the constructor itself; in guards and middleware, await session.load() first.',
  );
}

function tooLate(): ObolError {
  return new ObolError(
    'E_SESSION_SENT',
    'The session cannot change any more: the head of the response is on its way. Change it before the handler ' +
      'returns, not in a generator or stream that it returns.',
  );
}
