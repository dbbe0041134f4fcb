/** A connection to Redis or Valkey that features share: made when it is first needed, and again whenever it is lost. */
import {
  assertSetting,
  checkOptions,
  type Feature,
  HttpError,
  LateLogger,
  Outage,
  rule,
  type Surroundings,
} from '../../kit.js';
import { loadClient, type RedisClient } from './client.js';

export interface RedisOptions {
  /** `redis://` or `rediss://`, user, password, host, port and number of the database. Default `redis://127.0.0.1:6379`. */
  readonly url?: string | undefined;
}

/** What stores in Redis are made of. It is a feature, so that it closes with its application and writes to its logger. */
export interface Redis extends Feature {
  /**
   * Sends a command, after all that were sent before.
   * @returns the answer: text, a number, null or a list of these
   * @throws HttpError 503 with Retry-After when there is no answer within 0.7 seconds, or it is an error
   */
  send(...command: readonly string[]): Promise<unknown>;
  start(surroundings: Pick<Surroundings, 'logger'>): void;
  close(): void;
}

/** The options of every store in Redis. */
interface StoreOptions {
  /** What the keys of the store begin with. Each store has a default of its own. */
  readonly prefix?: string | undefined;
}

/** The URL may hold a password. */
const URL_RULE = rule.secret(
  'a URL that begins with redis:// or rediss://',
  (url) => typeof url === 'string' && URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol),
);
/** Milliseconds for an answer, so that a request has its own within a second. */
const PATIENCE = 700;
/** Milliseconds until the next attempt to connect. */
const RECONNECT_AFTER = 300;
/** Milliseconds between two looks whether the server is still there, while no request needs it. */
const ASK_EVERY = 1000;
/** Kinds of errors that are logged. */
const MAX_KINDS = 16;

/**
 * A connection to one server, Redis 5 or later, or Valkey. Each application has its own, before what uses it. While the
 * server is away, what needs it fails at once, and the log has one line when it goes and one when it is back. A key that
 * Redis evicts is a failure or a nonce forgotten: let its `maxmemory-policy` be `noeviction`.
 * @throws ObolError E_PACKAGE when `@redis/client` is not installed, E_SETTING for a wrong URL
 *
 * @example
 * ```ts
 * const connection = redis({ url: process.env.REDIS_URL });
 * await bootstrap({ controllers, features: [connection, sessions({ store: redisSessionStore(connection) })] });
 * ```
 */
export function redis(options: RedisOptions = {}): Redis {
  checkOptions('redis', options, { url: URL_RULE });
  const { url = 'redis://127.0.0.1:6379' } = options;
  const create = loadClient();
  return new Connection(() => create(url));
}

/** @throws ObolError E_SETTING for what is no connection, or a wrong option of a store */
export function checkStore(store: string, connection: Redis, options: StoreOptions): void {
  assertSetting(store, connection, rule.methods(['send'], 'a connection, as redis({ url }) makes one'));
  checkOptions(store, options, { prefix: rule.text('what keys begin with, such as "app:"') });
}

/** What a feature needs that has such a store; a connection that is no feature has no life that an application could share. */
export function needsOf(store: string, connection: Redis): Feature['needs'] {
  return 'start' in connection ? [{ feature: connection, what: `the connection of ${store}()` }] : [];
}

class Connection implements Redis {
  readonly #create: () => RedisClient;
  readonly #logger = new LateLogger();
  readonly #outage = new Outage(this.#logger, {
    away: 'Redis is away; requests that need it get 503',
    back: 'Redis answers again.',
  });
  #client: RedisClient | undefined;
  /** Settled when the first connection is there, or could not be made. */
  #opening: Promise<void> | undefined;
  /** Why there is no connection; no request waits for the next one. */
  #failure: unknown;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  /** Kinds of errors that were logged since it answers. */
  readonly #logged = new Set<string>();

  constructor(create: () => RedisClient) {
    this.#create = create;
  }

  start({ logger }: Pick<Surroundings, 'logger'>): void {
    this.#logger.start(logger);
    this.#isClosed = false;
  }

  close(): void {
    this.#isClosed = true;
    this.#outage.forget();
    this.#failure = new Error('The connection is closed');
    this.#drop();
  }

  async send(...command: readonly string[]): Promise<unknown> {
    if (this.#isClosed || this.#outage.isOn) throw unavailable(this.#failure);
    const client = (this.#client ??= this.#open());
    const ask = (): Promise<unknown> => client.sendCommand(command);
    try {
      return await inTime(this.#opening ? this.#opening.then(ask) : ask());
    } catch (error) {
      if (error instanceof Silence) this.#lost(client, error);
      if (client === this.#client) this.#logOnce(error);
      // The error of a client that was given up does not help; the reason why it was given up does.
      throw unavailable(client === this.#client ? error : this.#failure);
    }
  }

  #open(): RedisClient {
    const client = this.#create();
    client.unref();
    const lost = (error: unknown): void => {
      this.#lost(client, error);
    };
    client.on('error', lost);
    // A server that stands still takes connections, too; only an answer says that it is there.
    const greeted = inTime(
      client.connect().then(() => client.sendCommand(['PING'])),
      { isAwaited: false },
    );
    this.#client = client;
    this.#opening = greeted.then(() => {
      this.#ready(client);
    }, lost);
    return client;
  }

  #ready(client: RedisClient): void {
    if (client !== this.#client) return;
    this.#opening = undefined;
    this.#logged.clear();
    this.#outage.ended();
    this.#timer = setInterval(() => {
      this.send('PING').catch(() => undefined);
    }, ASK_EVERY).unref();
  }

  #lost(client: RedisClient, error: unknown): void {
    // The same loss is reported several times, and that of an older connection does not matter.
    if (client !== this.#client) return;
    this.#outage.began(reasonOf(error));
    this.#failure = error;
    this.#drop();
    this.#timer = setTimeout(() => this.#open(), RECONNECT_AFTER).unref();
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    this.#opening = undefined;
    client?.destroy();
  }

  /** Each kind of error once, such as OOM or NOPERM: commands of other kinds may well go on. */
  #logOnce(error: unknown): void {
    const reason = reasonOf(error);
    const [kind = ''] = reason.split(' ', 1);
    if (this.#logged.has(kind) || this.#logged.size >= MAX_KINDS) return;
    this.#logged.add(kind);
    this.#logger.warn(`Redis refuses a command; requests that need it get 503: ${reason}`);
  }
}

class Silence extends Error {
  override readonly name = 'Silence';
}

/** @param options.isAwaited whether a request waits, for which the process must go on */
function inTime<T>(answer: Promise<T>, { isAwaited = true } = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // What has arrived is read first: it may be this process that was busy for so long.
      setImmediate(reject, new Silence(`no answer within ${String(PATIENCE)} ms`));
    }, PATIENCE);
    if (!isAwaited) timer.unref();
    const settled = (): void => {
      clearTimeout(timer);
    };
    answer.then(resolve, reject).finally(settled);
  });
}

function unavailable(cause: unknown): HttpError {
  return new HttpError(503, 'Redis does not answer', { cause, headers: { 'Retry-After': '1' } });
}

/** An attempt at several addresses fails with an error that has a code, and no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { readonly code?: unknown };
  return error.message === '' && typeof code === 'string' ? code : error.message.slice(0, 200);
}
