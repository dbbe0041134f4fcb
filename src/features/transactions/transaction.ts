/** `Transaction`: what handlers have of the transaction they work in. */
import { inspect } from 'node:util';
import { ObolError, PROVIDED_BY } from '../../kit.js';
import type { Work } from './work.js';

/** What of a piece of work its handlers see. */
type Seen<C> = Pick<Work<C>, 'connection' | 'isOpen' | 'isOver' | 'committed' | 'rolledBack'>;

/**
 * The transaction of a request. A controller that takes it is made for each request; others ask `transactions.of()`. It can be
 * taken everywhere, and used where `@Transactional()` stands.
 */
export class Transaction<C = unknown> {
  static readonly [PROVIDED_BY] = 'transactions(...)';

  #work: Seen<C> | undefined;

  /** One for tests that call a handler alone: it has this connection, and is neither committed nor rolled back. */
  static of<C>(connection: C): Transaction<C> {
    const transaction = new Transaction<C>();
    transaction.#work = { connection, isOpen: true, isOver: false, committed: [], rolledBack: [] };
    return transaction;
  }

  /** Whether it is under way. */
  get isOpen(): boolean {
    return this.#work?.isOpen === true;
  }

  /** What to work with. @throws ObolError E_TRANSACTION where no transaction is under way */
  get connection(): C {
    return this.#open.connection;
  }

  /**
   * Calls back when all is kept, such as to send what the changes are about. What it throws, now or later, is logged and changes
   * nothing; the answer does not wait for it.
   * @throws ObolError E_TRANSACTION where no transaction is under way
   */
  onCommit(callback: () => unknown): void {
    this.#open.committed.push(checkedCallback('onCommit', callback));
  }

  /** The same for when nothing is kept. */
  onRollback(callback: () => unknown): void {
    this.#open.rolledBack.push(checkedCallback('onRollback', callback));
  }

  /** For the feature: the work that is under way, or what `begin` makes. */
  enter(begin: () => Work<C>): Work<C> {
    if (!this.#work || this.#work.isOver) this.#work = begin();
    return this.#work as Work<C>;
  }

  get #open(): Seen<C> {
    const work = this.#work;
    if (work?.isOpen) return work;
    throw new ObolError(
      'E_TRANSACTION',
      'No transaction is under way: the handler has no @Transactional(), or it has been committed or rolled back already, as ' +
        'before a stream is sent. A test that calls a handler alone gives Transaction.of(connection).',
    );
  }
}

/** @throws ObolError E_TRANSACTION for what is no function, where it is given and not when it is called */
export function checkedCallback<F>(taker: string, callback: F): F {
  if (typeof callback === 'function') return callback;
  throw new ObolError(
    'E_TRANSACTION',
    `${taker}() takes a function, not ${inspect(callback, { depth: 0 })}: ${taker}(() => ...).`,
  );
}
