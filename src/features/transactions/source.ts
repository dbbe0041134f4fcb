/** What a database must be able to do so that handlers work in its transactions. */
import { inspect } from 'node:util';
import { HttpError, ObolError } from '../../kit.js';

/** As standard SQL calls them, weakest first; a database may give a stronger one. */
export const ISOLATION_LEVELS = [
  'read uncommitted',
  'read committed',
  'repeatable read',
  'serializable',
] as const;

export type IsolationLevel = (typeof ISOLATION_LEVELS)[number];

/** How a transaction is begun. */
export interface BeginOptions {
  /** Undefined for what the database does by itself. */
  readonly isolation: IsolationLevel | undefined;
  /** Whether nothing may be changed. */
  readonly readOnly: boolean;
  /** Aborts when the transaction is not wanted any more, for what waits for a connection. */
  readonly signal: AbortSignal;
}

/**
 * A database. What gives a promise is waited for; where nothing does, a synchronous handler stays one. Handlers work with what it
 * begins transactions on: a connection, a client.
 */
export interface TransactionSource<C> {
  /** Begins a transaction on a connection that no other has meanwhile. What it throws, it has cleaned up after. */
  begin(options: BeginOptions): C | Promise<C>;
  /** Throws where it is not certain that all was kept; it is rolled back then. */
  commit(connection: C): unknown;
  /** Undoes everything. Where it throws, the connection is discarded. */
  rollback(connection: C): unknown;
  /** Called at the end, for the next to have the connection. Default nothing. */
  release?(connection: C): void;
  /**
   * Called at the end in place of `release` where the state of the connection is not known, and when a transaction takes too long:
   * whatever still uses the connection must fail from now on. Without it, `release` is called when nothing uses it any more.
   */
  discard?(connection: C): void;
  /**
   * The status of an error of the database, of beginning and committing: 409 where the change conflicts with what is stored, 503
   * where it is worth coming again. 503 counts for errors of handlers too. Default 500.
   */
  statusOf?(error: unknown): 409 | 503 | undefined;
}

/** Of an answer after which the client may come again, in a second. */
export const AGAIN = { headers: { 'Retry-After': '1' }, expose: true } as const;

/** A transaction that was over before its end. @param other how else that may have come about */
export function endedWithin(other = ''): ObolError {
  return new ObolError(
    'E_TRANSACTION',
    `The transaction was ended within, by a COMMIT or ROLLBACK of the handler's own${other}: what came before that is kept or undone ` +
      'already, and what comes behind it stands alone. Leave both out; to undo a part, set a SAVEPOINT and ROLLBACK TO it.',
  );
}

/** What the client is answered where the database has no place for one more transaction. */
export function busy(): HttpError {
  return new HttpError(503, 'The database is busy; come again', AGAIN);
}

/** @throws ObolError E_SETTING for anything else */
export function assertSource(source: unknown): void {
  const methods = typeof source === 'object' && source !== null ? (source as Record<string, unknown>) : {};
  const missing = ['begin', 'commit', 'rollback'].filter((name) => typeof methods[name] !== 'function');
  if (missing.length === 0) return;
  throw new ObolError(
    'E_SETTING',
    `transactions: ${inspect(source, { depth: 0 })} is no source of transactions, as it has no ${missing.join(', ')}; ` +
      'give it betterSqlite3(database), postgres(pool), or an object with begin, commit and rollback.',
  );
}
