/** `transactions()` and `@Transactional()`: the feature, and what puts a handler into a transaction. */
import {
  attempt,
  checkOptions,
  ContextKey,
  createLayer,
  CurrentRequest,
  Declined,
  type Feature,
  LateLogger,
  letGo,
  type Middleware,
  ObolError,
  Outage,
  type Request,
  type Response,
  ResponseError,
  rule,
  type Rules,
  type Surroundings,
  withDefaults,
} from '../../kit.js';
import { signalOfEnd } from '../processes/end-of-request.js';
import { RequestLocal } from '../request-local/request-local.js';
import { assertSource, ISOLATION_LEVELS, type IsolationLevel, type TransactionSource } from './source.js';
import { checkedCallback, Transaction } from './transaction.js';
import { Work, type Plan } from './work.js';

export interface TransactionOptions {
  /** Default what the database does by itself. */
  readonly isolation?: IsolationLevel | undefined;
  /** Whether nothing may be changed, which some databases do faster. Default false. */
  readonly readOnly?: boolean | undefined;
  /** Milliseconds for the handler, after which the client gets 503 and nothing is kept; 0 for no limit. Default 30,000. */
  readonly timeout?: number | undefined;
}

/** What holds where `@Transactional()` says nothing else. */
export type TransactionsOptions = Omit<TransactionOptions, 'readOnly'>;

/** The feature, and a way to the transaction for what has no constructor. */
export interface Transactions<C> extends Feature {
  /**
   * The transaction of a request; by default of the one under way, or of the `run()` where there is none.
   * @throws ObolError E_REQUEST_LOCAL without one outside of requests
   */
  of(request?: Request): Transaction<C>;
  /**
   * Calls a function in a transaction: outside of handlers, such as in a job or a test, or for a part of a stream. Within a request or a job that
   * has one under way it joins that.
   * @throws what the function throws, after which nothing is kept; HttpError 409 or 503
   */
  run<T>(
    work: (connection: C, transaction: Transaction<C>) => T | Promise<T>,
    options?: TransactionOptions,
  ): T | Promise<T>;
}

const LEVEL = rule.oneOf(...ISOLATION_LEVELS);
const RULES: Rules<TransactionsOptions> = { isolation: LEVEL, timeout: rule.milliseconds(0) };
const OPTION_RULES: Rules<TransactionOptions> = { ...RULES, readOnly: rule.flag };
const TOKEN = 'transactions()';
const DEFAULTS = { timeout: 30_000 };
/** Of what no request waits for. */
const NEVER = new AbortController().signal;

/** The ends of requests. */
const ENDS = new WeakMap<Request, AbortSignal>();

/** Where a database keeps the transaction of a request: one, whichever application is asked. */
const SLOTS = new WeakMap<object, ContextKey<never>>();

/**
 * Transactions for the handlers of an application.
 * @param source `betterSqlite3(database)`, `postgres(pool)`, or an object of your own
 * @throws ObolError E_SETTING for what is no source, and for wrong options
 *
 * @example
 * ```ts
 * await bootstrap({ controllers, features: [transactions(postgres(new Pool()))] });
 * ```
 */
export function transactions<C>(
  source: TransactionSource<C>,
  options: TransactionsOptions = {},
): Transactions<C> {
  assertSource(source);
  checkOptions('transactions', options, RULES);
  return new TransactionFeature(source, { ...withDefaults(DEFAULTS, options), readOnly: false });
}

/**
 * Puts a handler, or all of a controller, into a transaction: begun when guards have passed and the body is read, committed before
 * anything of the answer is sent, and rolled back where the handler throws an error, answers with a status of at least 400, takes too
 * long, or its client has left. `redirect()` is an answer. What stands on a method counts in place of what stands on its class; `false` is none.
 * @throws ObolError E_SETTING for wrong options
 */
export const Transactional = createLayer(
  'Transactional',
  (setup, options: TransactionOptions | false = {}): Middleware => {
    if (options === false) return (request, next) => next(request);
    checkOptions('@Transactional', options, OPTION_RULES);
    const feature = setup.tryResolve<TransactionFeature<unknown>>(TOKEN);
    if (!feature)
      throw new ObolError(
        'E_TRANSACTION',
        'the application has no transactions(...) among its features: add that with your database.',
      );
    return feature.layer(options);
  },
);

class TransactionFeature<C> implements Transactions<C> {
  readonly providers: NonNullable<Feature['providers']> = [{ provide: TOKEN, useValue: this }];
  readonly requestProviders: NonNullable<Feature['requestProviders']> = [
    { provide: Transaction, useFactory: (request) => this.#transactionOf(request) },
  ];
  readonly #source: TransactionSource<C>;
  readonly #defaults: Plan;
  readonly #log = new LateLogger();
  readonly #outage = new Outage(this.#log, {
    away: 'The database cannot be reached; requests for it are answered 503',
    back: 'The database can be reached again',
  });
  readonly #local = new RequestLocal('transaction', (request) => this.#transactionOf(request));

  /** Outside of requests: that of the `run()` under way. */
  readonly #job = new RequestLocal<Transaction<C>>('transaction of a job');

  constructor(source: TransactionSource<C>, defaults: Plan) {
    this.#source = source;
    this.#defaults = defaults;
  }

  of(request?: Request): Transaction<C> {
    if (request) return this.#transactionOf(request);
    return CurrentRequest.get()?.request ? this.#local.get() : (this.#job.peek() ?? this.#local.get());
  }

  run<T>(
    work: (connection: C, transaction: Transaction<C>) => T | Promise<T>,
    options: TransactionOptions = {},
  ): T | Promise<T> {
    checkedCallback('transactions.run', work);
    checkOptions('transactions.run', options, OPTION_RULES);
    const request = CurrentRequest.get()?.request as Request | undefined;
    const transaction = request ? this.#transactionOf(request) : this.#ofJob();
    const act = (): T | Promise<T> => work(transaction.connection, transaction);
    return this.#join(transaction, options, request).run<T>({
      act: request ? act : () => this.#job.run(transaction, act),
      isGood: () => true,
      drop: () => undefined,
    });
  }

  start({ logger }: Surroundings): void {
    this.#log.start(logger);
  }

  /** The middleware of a handler. */
  layer(options: TransactionOptions): Middleware {
    return (request, next) => {
      const work = this.#join(this.#transactionOf(request), options, request);
      return work.run<Response>({
        act: () => attempt(() => next(request), thrownAnswer),
        isGood,
        drop: letGo,
      });
    };
  }

  /** @throws ObolError E_TRANSACTION where one is under way that is not as isolated as asked */
  #join(transaction: Transaction<C>, options: TransactionOptions, request: Request | undefined): Work<C> {
    const begin = (): Work<C> =>
      new Work(this.#source, planOf(options, this.#defaults), {
        signal: request ? endOf(request) : NEVER,
        log: request?.log ?? this.#log,
        outage: this.#outage,
      });
    const work = transaction.enter(begin);
    const { isolation } = work.plan;
    if (options.isolation === undefined || options.isolation === isolation) return work;
    throw new ObolError(
      'E_TRANSACTION',
      `A transaction is under way with the isolation ${isolation ?? 'of the database'}, and cannot become ` +
        `"${options.isolation}": ask for that where it begins.`,
    );
  }

  /** What a job has left behind joins nothing any more. */
  #ofJob(): Transaction<C> {
    const transaction = this.#job.peek();
    return transaction?.isOpen ? transaction : new Transaction<C>();
  }

  #transactionOf(request: Request): Transaction<C> {
    const slot = slotOf(this.#source);
    let transaction = request.get(slot);
    if (!transaction) request.set(slot, (transaction = new Transaction<C>()));
    return transaction;
  }
}

/** One for all of the transactions of a request, of which there may be many: of a long stream, of a WebSocket. */
function endOf(request: Request): AbortSignal {
  let end = ENDS.get(request);
  if (!end) ENDS.set(request, (end = signalOfEnd(request)));
  return end;
}

function slotOf<C>(source: TransactionSource<C>): ContextKey<Transaction<C>> {
  let slot = SLOTS.get(source) as ContextKey<Transaction<C>> | undefined;
  if (!slot) SLOTS.set(source, (slot = new ContextKey<Transaction<C>>('transaction')) as ContextKey<never>);
  return slot;
}

function planOf({ isolation, readOnly, timeout }: TransactionOptions, defaults: Plan): Plan {
  return {
    isolation: isolation ?? defaults.isolation,
    readOnly: readOnly ?? defaults.readOnly,
    timeout: timeout ?? defaults.timeout,
  };
}

/** A redirection that is thrown is an answer as any other. @throws what is none that says that all went well */
function thrownAnswer(error: unknown): Response {
  if (error instanceof ResponseError && isGood(error.response)) return error.response;
  throw error;
}

/** Whether an answer says that all went well. */
function isGood(response: Response): boolean {
  return response.status < 400 && !(Declined.brand in response);
}
