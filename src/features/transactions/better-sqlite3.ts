/** better-sqlite3 as a source of transactions: one connection, so one transaction after another. */
import { checkOptions, ObolError, rule, type Rules, withDefaults } from '../../kit.js';
import { Slots } from '../processes/slots.js';
import { endedWithin, type TransactionSource } from './source.js';

/** What is needed of a `Database` of better-sqlite3. */
export interface BetterSqlite3Database {
  exec(statements: string): unknown;
  /** Whether it is in a transaction. */
  readonly inTransaction: boolean;
}

export interface BetterSqlite3Options {
  /** How many requests may wait for the transactions before theirs; the next is answered 503. Default 100. */
  readonly queue?: number | undefined;
}

const RULES: Rules<BetterSqlite3Options> = { queue: rule.whole('requests', { least: 0 }) };
const DEFAULTS = { queue: 100 };

/** The savepoint by which a transaction is known at its end. */
const MARK = 'obol_transaction';
const OR_ERROR = ', or with an error that it has caught';

/** One for each database: all that ask for it wait in one queue. */
const SOURCES = new WeakMap<object, Source<BetterSqlite3Database>>();

/**
 * A database of better-sqlite3. A handler that awaits nothing is answered synchronously, as long as no other transaction is under way.
 * What uses the same `Database` without `@Transactional()` meanwhile is part of the transaction under way.
 * @throws ObolError E_SETTING for what is no such database, and for wrong options
 */
export function betterSqlite3<D extends BetterSqlite3Database>(
  database: D,
  options: BetterSqlite3Options = {},
): TransactionSource<D> {
  const given = database as Partial<BetterSqlite3Database> | null | undefined;
  if (typeof given?.exec !== 'function' || typeof given.inTransaction !== 'boolean')
    throw new ObolError(
      'E_SETTING',
      'betterSqlite3: give it a Database of the package better-sqlite3: betterSqlite3(new Database("app.db")).',
    );
  checkOptions('betterSqlite3', options, RULES);
  const source = SOURCES.get(database) ?? new Source(database, withDefaults(DEFAULTS, options).queue);
  SOURCES.set(database, source);
  return source as unknown as TransactionSource<D>;
}

class Source<D extends BetterSqlite3Database> implements TransactionSource<D> {
  readonly #database: D;
  readonly #turns: Slots;
  /** Whether it is still in a transaction that could not be rolled back. */
  #isStuck = false;
  #isReadOnly = false;

  constructor(database: D, queue: number) {
    this.#database = database;
    this.#turns = new Slots(1, queue, 'The database is busy; come again');
  }

  begin({ readOnly, signal }: Parameters<TransactionSource<D>['begin']>[0]): D | Promise<D> {
    if (this.#turns.takeNow()) return this.#begin(readOnly);
    return this.#turns.take(signal).then(() => this.#begin(readOnly));
  }

  /** @throws ObolError E_TRANSACTION where the transaction is over, or another has begun, which the mark is not in */
  commit(database: D): void {
    if (!database.inTransaction) throw endedWithin(OR_ERROR);
    try {
      database.exec(`RELEASE ${MARK}`);
    } catch (error) {
      throw isUnknownMark(error) ? endedWithin(OR_ERROR) : error;
    }
    database.exec('COMMIT');
  }

  /** After some errors SQLite has rolled back by itself. */
  rollback(database: D): void {
    this.#isStuck = database.inTransaction;
    if (this.#isStuck) database.exec('ROLLBACK');
    this.#isStuck = false;
  }

  release(database: D): void {
    try {
      if (this.#isReadOnly) database.exec('PRAGMA query_only = OFF');
    } finally {
      this.#turns.release();
    }
  }

  statusOf(error: unknown): 409 | 503 | undefined {
    const { code } = error as { readonly code?: unknown };
    if (typeof code !== 'string') return undefined;
    if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) return 503;
    return code.startsWith('SQLITE_CONSTRAINT') ? 409 : undefined;
  }

  /** What writes has the database from the beginning: with a lock that grows, two that have read could both not write. */
  #begin(readOnly: boolean): D {
    const database = this.#database;
    try {
      if (this.#isStuck) this.rollback(database);
      if (database.inTransaction) throw begunElsewhere();
      database.exec(`${readOnly ? 'BEGIN' : 'BEGIN IMMEDIATE'}; SAVEPOINT ${MARK}`);
      this.#isReadOnly = readOnly;
      if (readOnly) database.exec('PRAGMA query_only = ON');
      return database;
    } catch (error) {
      this.#turns.release();
      throw error;
    }
  }
}

function isUnknownMark(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('no such savepoint');
}

function begunElsewhere(): ObolError {
  return new ObolError(
    'E_TRANSACTION',
    'The database is in a transaction already that was begun elsewhere: end that before anything is awaited, or use another ' +
      'Database for it.',
  );
}
