/** `obol/transactions`: handlers whose changes of a database are kept whole, or not at all. */
export { betterSqlite3, type BetterSqlite3Database, type BetterSqlite3Options } from './better-sqlite3.js';
export {
  postgres,
  type PostgresClient,
  type PostgresClientOf,
  type PostgresOptions,
  type PostgresPool,
} from './postgres.js';
export { Transaction } from './transaction.js';
export {
  Transactional,
  transactions,
  type TransactionOptions,
  type Transactions,
  type TransactionsOptions,
} from './transactions.js';
export type { BeginOptions, IsolationLevel, TransactionSource } from './source.js';
