/** PostgreSQL as a source of transactions, by a pool of the package pg. */
import { checkOptions, ObolError, rule, type Rules, withDefaults } from '../../kit.js';
import { busy, endedWithin, type BeginOptions, type TransactionSource } from './source.js';

/** What is needed of a client of pg. */
export interface PostgresClient {
  query(text: string): Promise<{ readonly command?: string }>;
  release(destroy?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is needed of a `Pool` of pg. */
export interface PostgresPool<C extends PostgresClient = PostgresClient> {
  connect(): Promise<C>;
  /** How many wait for a client. */
  readonly waitingCount?: number;
}

/** What a pool gives; that of pg takes a callback, too. */
export type PostgresClientOf<P> = P extends {
  connect: { (): Promise<infer C>; (...given: never[]): unknown };
}
  ? C
  : never;

export interface PostgresOptions {
  /** How many requests may wait for a client of the pool; the next is answered 503. Default 100. */
  readonly queue?: number | undefined;
}

const RULES: Rules<PostgresOptions> = { queue: rule.whole('requests', { least: 0 }) };
const DEFAULTS = { queue: 100 };
/**
 * Codes of what passes: serialization failures and deadlocks, locks that were not had, time-outs of statements, too many connections
 * and too little memory, servers that start or stop, broken and refused connections (PostgreSQL Appendix A, and those of Node).
 */
const PASSING =
  /^(?:40001|40P01|55P03|57014|57P0[1-5]|25P0[34]|53...|08...|ECONN(?:REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|ENOENT)$/;
/** Errors of pg that have no code. */
const UNREACHABLE =
  /^(?:Connection terminated|timeout exceeded|Query read timeout|Client has encountered|Client was closed|Not accepting)/i;
const SOURCES = new WeakMap<object, Source<PostgresClient>>();

/**
 * A pool of clients, each of which has one transaction at a time. The pool stays yours to be set up and ended.
 * @throws ObolError E_SETTING for what is no such pool, and for wrong options
 */
export function postgres<P extends PostgresPool>(
  pool: P,
  options: PostgresOptions = {},
): TransactionSource<PostgresClientOf<P>> {
  const given = pool as (Partial<PostgresPool> & { readonly escapeLiteral?: unknown }) | null | undefined;
  // A client connects as well, but gives none.
  if (typeof given?.connect !== 'function' || given.escapeLiteral !== undefined)
    throw new ObolError('E_SETTING', 'postgres: give it a Pool of the package pg: postgres(new Pool()).');
  checkOptions('postgres', options, RULES);
  const source = SOURCES.get(pool) ?? new Source(pool, withDefaults(DEFAULTS, options).queue);
  SOURCES.set(pool, source);
  return source as unknown as TransactionSource<PostgresClientOf<P>>;
}

class Source<C extends PostgresClient> implements TransactionSource<C> {
  readonly #pool: PostgresPool<C>;
  readonly #queue: number;
  /** The clients of the pool, by what handlers have of them. */
  readonly #clients = new WeakMap<C, Lent<C>>();

  constructor(pool: PostgresPool<C>, queue: number) {
    this.#pool = pool;
    this.#queue = queue;
  }

  async begin({ isolation, readOnly, signal }: BeginOptions): Promise<C> {
    if ((this.#pool.waitingCount ?? 0) >= Math.max(this.#queue, 1)) throw busy();
    const release = (client: C): void => {
      client.release();
    };
    const lent = new Lent(await unlessAborted(this.#pool.connect(), signal, release));
    try {
      const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation.toUpperCase()}`;
      await unlessAborted(lent.client.query(`BEGIN${level}${readOnly ? ' READ ONLY' : ''}`), signal, ignore);
    } catch (error) {
      lent.giveBack(true);
      throw error;
    }
    this.#clients.set(lent.own, lent);
    return lent.own;
  }

  /** Where a statement has failed, COMMIT rolls back, and that is no error to PostgreSQL. */
  async commit(connection: C): Promise<void> {
    const { command } = await this.#of(connection).end('COMMIT');
    if (command !== 'ROLLBACK') return;
    throw new ObolError(
      'E_TRANSACTION',
      'PostgreSQL has kept nothing, since a statement of the transaction had failed; the handler has caught its error. Let that ' +
        'through, or set a SAVEPOINT before what may fail.',
    );
  }

  async rollback(connection: C): Promise<void> {
    await this.#of(connection).end('ROLLBACK');
  }

  release(connection: C): void {
    this.#of(connection).giveBack(false);
  }

  /** The server would go on with a statement, locks and all, until it has something to send. */
  discard(connection: C): void {
    const lent = this.#of(connection);
    lent.giveBack(true);
    void cancel(this.#pool, lent.client).catch(ignore);
  }

  statusOf(error: unknown): 409 | 503 | undefined {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    if (typeof code === 'string') return PASSING.test(code) ? 503 : code.startsWith('23') ? 409 : undefined;
    return UNREACHABLE.test(String(message)) ? 503 : undefined;
  }

  #of(connection: C): Lent<C> {
    const lent = this.#clients.get(connection);
    if (lent) return lent;
    throw new ObolError('E_TRANSACTION', 'This client is of no transaction that was begun here.');
  }
}

/** A client of the pool, as long as a transaction has it. */
class Lent<C extends PostgresClient> {
  readonly client: C;
  /** What handlers have of it: it is of no use to them when it is another's. */
  readonly own: C;
  #isOver = false;
  /** Whether a statement of a handler has ended the transaction. */
  #isEnded = false;
  /** Whether that has been said. */
  #isSaid = false;

  constructor(client: C) {
    this.client = client;
    client.on('error', ignore);
    const own = Object.create(client) as { -readonly [K in keyof C]: C[K] };
    own.query = (...given: [string]) => {
      if (this.#isOver) throw over();
      if (this.#isEnded) throw this.#ended();
      const answer = client.query(...given);
      void Promise.resolve(answer).then((result: unknown) => {
        this.#isEnded ||= endsTransaction(given[0], result);
      }, ignore);
      return answer;
    };
    own.release = () => {
      throw notYours();
    };
    this.own = own;
  }

  /** Ends the transaction. @throws ObolError E_TRANSACTION where there is none any more, and nothing has said so yet */
  async end(statement: 'COMMIT' | 'ROLLBACK'): Promise<{ readonly command?: string }> {
    const client = this.client as unknown as Noticing;
    const onNotice = ({ code }: { readonly code?: unknown }): void => {
      this.#isEnded ||= code === NO_TRANSACTION;
    };
    client.on('notice', onNotice);
    try {
      const isAnother = this.#isEnded && statement === 'COMMIT';
      const result = isAnother ? {} : await client.query(statement);
      if (this.#isEnded && !this.#isSaid) throw this.#ended();
      return result;
    } finally {
      client.off('notice', onNotice);
    }
  }

  #ended(): ObolError {
    this.#isSaid = true;
    return endedWithin();
  }

  giveBack(destroy: boolean): void {
    this.#isOver = true;
    this.client.off('error', ignore);
    // A connection that breaks on its way out has no listener any more.
    if (destroy) this.client.on('error', ignore);
    this.client.release(destroy);
  }
}

/** What clients of pg notify of besides: a warning of the server, which has a code. */
interface Noticing extends Omit<PostgresClient, 'on' | 'off'> {
  on(event: 'notice', listener: (notice: { readonly code?: unknown }) => void): unknown;
  off(event: 'notice', listener: (notice: { readonly code?: unknown }) => void): unknown;
}

/** That of a COMMIT where no transaction is under way (PostgreSQL Appendix A). */
const NO_TRANSACTION = '25P01';
/** The server calls that a ROLLBACK, too. */
const TO_SAVEPOINT = /\brollback\b[^;]*\bto\b/i;

/** Whether a query has ended the transaction, as the server says of each of its statements. @param query a text, or what has one */
function endsTransaction(query: unknown, result: unknown): boolean {
  const commands = [result].flat().map((one) => (one as { readonly command?: unknown } | undefined)?.command);
  if (commands.includes('COMMIT')) return true;
  if (!commands.includes('ROLLBACK')) return false;
  const { text = query } = Object(query) as { readonly text?: unknown };
  return !TO_SAVEPOINT.test(String(text));
}

/** The query under way fails of the same; without a listener it would end the process. */
const ignore = (): void => undefined;

/** @param late gets what comes when nothing waits for it any more */
async function unlessAborted<T>(
  coming: Promise<T>,
  signal: AbortSignal,
  late: (value: T) => void,
): Promise<T> {
  let giveUp: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp);
  });
  try {
    return await Promise.race([coming, aborted]);
  } catch (error) {
    coming.then(late, ignore);
    throw error;
  } finally {
    if (giveUp) signal.removeEventListener('abort', giveUp);
  }
}

/** What pools and clients of pg have besides. */
interface Cancelling {
  readonly Client?: new (options: unknown) => {
    connect(): Promise<void>;
    query(text: string, values: readonly unknown[]): Promise<unknown>;
    end(): Promise<void>;
    on(event: 'error', listener: () => void): unknown;
  };
  readonly options?: unknown;
  readonly processID?: unknown;
}

/** By a connection of its own, since all of the pool may wait for just that. */
async function cancel(
  pool: PostgresPool & Cancelling,
  { processID }: PostgresClient & Cancelling,
): Promise<void> {
  if (!pool.Client || typeof processID !== 'number') return;
  const client = new pool.Client(pool.options);
  client.on('error', ignore);
  try {
    await client.connect();
    await client.query('SELECT pg_cancel_backend($1)', [processID]);
  } finally {
    await client.end();
  }
}

function over(): ObolError {
  return new ObolError(
    'E_TRANSACTION',
    'The transaction of this client is over. Work in it before the handler returns, and in a stream by transactions.run().',
  );
}

function notYours(): ObolError {
  return new ObolError(
    'E_TRANSACTION',
    'The client is released when the transaction is over: leave release() out.',
  );
}
