/** One transaction from its beginning to its end, and those who work in it. */
import { andThen, attempt, HttpError, ObolError, type Outage, type Request } from '../../kit.js';
import { patiently, within } from './patience.js';
import { AGAIN, busy, type IsolationLevel, type TransactionSource } from './source.js';

/** What a transaction is begun with. */
export interface Plan {
  readonly isolation?: IsolationLevel | undefined;
  readonly readOnly: boolean;
  /** Milliseconds; 0 for no limit. */
  readonly timeout: number;
}

/** For whom it is. */
export interface Client {
  /** Aborts when the request is over: then nothing is kept. */
  readonly signal: AbortSignal;
  readonly log: Pick<Request['log'], 'error' | 'warn'>;
  /** Of the database. */
  readonly outage: Pick<Outage, 'began' | 'ended'>;
}

/** Something that is done in a transaction. */
export interface Part<T> {
  readonly act: () => T | Promise<T>;
  /** Whether what it gave says that all went well. */
  readonly isGood: (value: T) => boolean;
  /** Called for a value that is not given to the caller, since it was not kept. */
  readonly drop: (value: T) => unknown;
}

type Callback = () => unknown;

/** Why nothing is kept, where an answer says so and nothing was thrown. */
const REFUSED = 'A part of it answered with an error.';

/** A transaction. Those who come while it is under way join it; it ends with the last of them. */
export class Work<C> {
  readonly committed: Callback[] = [];
  readonly rolledBack: Callback[] = [];
  readonly plan: Plan;
  readonly #source: TransactionSource<C>;
  readonly #client: Client;
  #connection: C | undefined;
  #phase: 'due' | 'open' | 'ending' | 'over' = 'due';
  #beginning: Promise<void> | undefined;
  /** How many work in it. */
  #parts = 0;
  /** Why it cannot be kept any more. */
  #doom: unknown;

  constructor(source: TransactionSource<C>, plan: Plan, client: Client) {
    this.#source = source;
    this.plan = plan;
    this.#client = client;
  }

  get isOpen(): boolean {
    return this.#phase === 'open';
  }

  get isOver(): boolean {
    return this.#phase === 'ending' || this.#phase === 'over';
  }

  get #isBegun(): boolean {
    return this.#phase === 'open' || this.#phase === 'ending';
  }

  get connection(): C {
    return this.#connection as C;
  }

  /**
   * Does something in it, and keeps it where that is the last part, and all went well.
   * @throws what the part throws; HttpError 503 or 409, as the source says of its errors, and 503 where it takes too long
   */
  run<T>(part: Part<T>): T | Promise<T> {
    this.#parts++;
    const value = attempt(
      () => andThen(this.#begun(), () => this.#limited(part)),
      (error) => this.#failed(error),
    );
    return andThen(value, (given) => this.#answered(given, part));
  }

  /** Nothing where it has begun already, or at once. */
  #begun(): void | Promise<void> {
    if (this.#phase === 'open') return;
    if (this.#beginning) return this.#beginning;
    const { isolation, readOnly, timeout } = this.plan;
    this.#client.signal.throwIfAborted();
    const wait = { wanted: this.#client.signal, timeout, late: busy };
    const begun = andThen(
      attempt(
        () => patiently(wait, (signal) => this.#source.begin({ isolation, readOnly, signal })),
        (error) => this.#notBegun(error),
      ),
      (connection) => {
        this.#open(connection);
      },
    );
    if (begun) this.#beginning = begun;
    return begun;
  }

  #open(connection: C): void {
    this.#client.outage.ended();
    this.#connection = connection;
    this.#phase = 'open';
  }

  #notBegun(error: unknown): never {
    this.#phase = 'over';
    const shown = this.#shown(error, 'ours');
    if (shown !== error && isPassing(shown)) this.#client.outage.began((error as Error).message);
    throw shown;
  }

  /** What is there at once takes no time. */
  #limited<T>(part: Part<T>): T | Promise<T> {
    const value = part.act();
    const { timeout } = this.plan;
    return within(value, timeout, () => {
      this.#expire(value as Promise<T>, part);
      return new HttpError(503, 'The transaction took too long', AGAIN);
    });
  }

  /** What the part still does must not be done outside of the transaction: it fails at once, or is waited for. */
  #expire<T>(value: Promise<T>, { drop }: Part<T>): void {
    const late = value.then(drop).catch(() => undefined);
    if (this.#source.discard) this.#end('discard', this.rolledBack);
    else {
      this.#parts++;
      void late.then(() => {
        this.#parts--;
        return this.#rollBackWithLast();
      });
    }
  }

  #failed(error: unknown): Promise<never> {
    this.#parts--;
    this.#doom ??= error;
    const { signal } = this.#client;
    return this.#undone(signal.aborted && isAbort(error) ? signal.reason : this.#shown(error, 'handler'));
  }

  #answered<T>(value: T, part: Part<T>): T | Promise<T> {
    this.#parts--;
    const isGood = part.isGood(value);
    if (!isGood) this.#doom ??= REFUSED;
    if (this.#parts > 0) return value;
    const { signal } = this.#client;
    const failure = signal.aborted ? (signal.reason as Error) : this.#lost(isGood);
    if (failure !== undefined) return this.#fail(failure, value, part);
    if (this.#doom !== undefined) return andThen(this.#rollBackWithLast(), () => value);
    this.#phase = 'ending';
    const kept = attempt(
      () => this.#ended(this.#source.commit(this.connection)),
      (error) => this.#fail(this.#shown(error, 'ours'), value, part),
    );
    return andThen(kept, () => {
      this.#end('release', this.committed);
      return value;
    });
  }

  /** An answer must not say that all went well where a part that was in it has failed, and took its changes along. */
  #lost(isGood: boolean): Error | undefined {
    if (!isGood || this.#doom === undefined || this.plan.readOnly) return undefined;
    return new ObolError(
      'E_TRANSACTION',
      'The transaction was rolled back, since a part of it has failed, but the handler answers as if it had been kept. Answer ' +
        'with a status of at least 400, or let the error through.',
      { cause: this.#doom },
    );
  }

  /** The value may be a stream that still reads: first of all it ends. */
  #fail<T>(failure: unknown, value: T, { drop }: Part<T>): Promise<never> {
    this.#doom ??= failure;
    drop(value);
    return this.#undone(failure);
  }

  #undone(failure: unknown): Promise<never> {
    return andThen(this.#rollBackWithLast(), (): Promise<never> => {
      throw failure;
    });
  }

  #rollBackWithLast(): void | Promise<void> {
    if (this.#parts > 0 || !this.#isBegun) return;
    this.#phase = 'ending';
    const undone = attempt(
      () => andThen(this.#ended(this.#source.rollback(this.connection)), () => 'release' as const),
      (error) => {
        this.#report(error, 'A transaction could not be rolled back; its connection is discarded');
        return 'discard' as const;
      },
    );
    return andThen(undone, (how) => {
      this.#end(how, this.rolledBack);
    });
  }

  /** A database that says nothing any more must not keep the client waiting for ever. */
  #ended(ending: unknown): unknown {
    return within(ending, this.plan.timeout, () => new HttpError(503, 'The database does not answer', AGAIN));
  }

  #end(how: 'release' | 'discard', callbacks: readonly Callback[]): void {
    this.#phase = 'over';
    const source = this.#source;
    const name = how === 'discard' && source.discard ? 'discard' : 'release';
    this.#try(
      () => source[name]?.(this.connection),
      'The connection of a transaction could not be given back',
    );
    for (const callback of callbacks) this.#try(callback, 'A callback for the end of a transaction failed');
  }

  #try(act: Callback, message: string): void {
    void attempt(
      () => act() as undefined,
      (error) => {
        this.#report(error, message);
      },
    );
  }

  #report(error: unknown, message: string): void {
    this.#client.log.error({ err: error }, message);
  }

  /** What the client is answered. @param origin of the error: beginning and committing, or a handler, which may expect it */
  #shown(error: unknown, origin: 'ours' | 'handler'): unknown {
    if (error instanceof HttpError) return error;
    const status = this.#source.statusOf?.(error);
    if (status === 409 && origin === 'ours')
      return new HttpError(409, 'The change conflicts with what is stored', { cause: error });
    if (status !== 503) return error;
    if (this.#isBegun) this.#client.log.warn({ err: error }, 'A transaction could not be kept; 503 sent');
    return new HttpError(503, 'The database cannot do it now; come again', { ...AGAIN, cause: error });
  }
}

/** Whether it is of what waits with a signal; that the client has left is no crash of the handler. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function isPassing(error: unknown): boolean {
  return error instanceof HttpError && error.status === 503;
}
