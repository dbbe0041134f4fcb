/** Sessions in Redis or Valkey: for any number of processes and machines. */
import { createRequire } from 'node:module';
import { ObolError } from '../errors.js';
import type { SessionStore, SessionUpdate, StoredSession } from './store.js';

export interface RedisStoreOptions {
  /** `redis://` or `rediss://`, user, password, host, port and number of the database. Default `redis://127.0.0.1:6379`. */
  readonly url?: string;
  /** What the keys of sessions begin with. Default `obol:session:`. */
  readonly prefix?: string;
}

/** What is used of the package @redis/client. */
interface RedisClient {
  readonly isOpen: boolean;
  on(event: 'error' | 'ready', listener: (error?: unknown) => void): unknown;
  connect(): Promise<unknown>;
  sendCommand(command: readonly string[]): Promise<unknown>;
  destroy(): void;
}

interface RedisPackage {
  readonly createClient: (options: object) => RedisClient;
}

/** Writes the fields of a session in one step. Nothing is written where it must be there and is not. */
const WRITE = `
if ARGV[1] == 'update' then
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
else
  redis.call('DEL', KEYS[1])
end
local deleted = tonumber(ARGV[3])
for i = 4, 3 + deleted do redis.call('HDEL', KEYS[1], ARGV[i]) end
for i = 4 + deleted, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('EXPIREAT', KEYS[1], ARGV[2])
return 1`;

/** Milliseconds between two attempts to connect. */
const RECONNECT_EVERY = 300;
/** Milliseconds for a connection to come about. */
const CONNECT_WITHIN = 700;
/** Milliseconds after which a server that does not even answer to PING is given up. */
const SILENT_FOR = 3000;
/** Commands that may wait for their answers; any more fail at once. */
const MAX_WAITING = 1000;

/**
 * Keeps sessions in Redis 4 or later, or Valkey. It connects when the first session is asked for and again whenever the
 * connection is lost; in the meantime requests that need a session are answered 503.
 * @throws ObolError E_PACKAGE when @redis/client is not installed, E_SETTING for a URL that is none
 */
export function redisStore({
  url = 'redis://127.0.0.1:6379',
  prefix = 'obol:session:',
}: RedisStoreOptions = {}): SessionStore {
  // The URL may hold a password, so that no message quotes it.
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
    throw new ObolError('E_SETTING', 'redisStore: url is no URL that begins with redis:// or rediss://.');
  const { createClient } = load();
  return new RedisStore(() => createClient(clientOptions(url)), prefix);
}

function load(): RedisPackage {
  try {
    return createRequire(import.meta.url)('@redis/client') as RedisPackage;
  } catch (cause) {
    throw new ObolError(
      'E_PACKAGE',
      'redisStore() needs the package @redis/client: npm install @redis/client',
      { cause },
    );
  }
}

function clientOptions(url: string): object {
  return {
    url,
    RESP: 2,
    // While the server is away commands fail at once instead of piling up.
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    pingInterval: SILENT_FOR / 3,
    socket: {
      connectTimeout: CONNECT_WITHIN,
      socketTimeout: SILENT_FOR,
      reconnectStrategy: () => RECONNECT_EVERY,
    },
  };
}

class RedisStore implements SessionStore {
  readonly #connect: () => RedisClient;
  readonly #prefix: string;
  #client: RedisClient | undefined;
  #connecting: Promise<unknown> | undefined;
  /** What is wrong with the connection. */
  #why: unknown;
  #isClosed = false;

  constructor(connect: () => RedisClient, prefix: string) {
    this.#connect = connect;
    this.#prefix = prefix;
  }

  async load(id: string): Promise<StoredSession | undefined> {
    const fields = (await this.#send('HGETALL', this.#prefix + id)) as string[];
    return fields.length === 0 ? undefined : storedFrom(fields);
  }

  async create(id: string, session: SessionUpdate): Promise<void> {
    await this.#write('create', id, session);
  }

  async update(id: string, changes: SessionUpdate): Promise<boolean> {
    return (await this.#write('update', id, changes)) === 1;
  }

  async destroy(id: string): Promise<void> {
    await this.#send('DEL', this.#prefix + id);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#client?.isOpen) this.#client.destroy();
    this.#client = undefined;
  }

  #write(how: 'create' | 'update', id: string, { set, deleted, ...times }: SessionUpdate): Promise<unknown> {
    const { issuedAt, expiresAt, seenAt, endsAt } = times;
    const fields = { iat: issuedAt, exp: expiresAt, idle: seenAt };
    const pairs = [
      ...Object.entries(fields).flatMap(([name, time]) => [name, String(time)]),
      ...[...set].flat(),
    ];
    const key = this.#prefix + id;
    return this.#send(
      'EVAL',
      WRITE,
      '1',
      key,
      how,
      String(endsAt),
      String(deleted.length),
      ...deleted,
      ...pairs,
    );
  }

  async #send(...command: string[]): Promise<unknown> {
    if (this.#isClosed) throw new Error('The store is closed');
    const client = (this.#client ??= this.#open());
    await this.#connecting;
    try {
      return await client.sendCommand(command);
    } catch (error) {
      // "The client is offline" is true and helps nobody: the reason is what was wrong with the connection.
      throw this.#why ?? error;
    }
  }

  /** Waits for the first connection, or for the failure of the first attempt. */
  #open(): RedisClient {
    const client = this.#connect();
    const attempt = new Promise<void>((resolve) => {
      client.on('error', (error) => {
        this.#why = error;
        resolve();
      });
      client.on('ready', () => (this.#why = undefined));
      client.connect().then(() => {
        resolve();
      }, resolve);
    });
    this.#connecting = attempt.then(() => (this.#connecting = undefined));
    return client;
  }
}

function storedFrom(fields: readonly string[]): StoredSession {
  const values = new Map<string, string>();
  for (let i = 0; i < fields.length; i += 2) values.set(fields[i] ?? '', fields[i + 1] ?? '');
  const take = (name: string): number => {
    const time = Number(values.get(name));
    values.delete(name);
    return time;
  };
  return { issuedAt: take('iat'), expiresAt: take('exp'), seenAt: take('idle'), values };
}
