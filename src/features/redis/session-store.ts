/** Sessions in Redis or Valkey: for any number of processes and machines. */
import type { Feature } from '../../kit.js';
import { checkStore, needsOf, type Redis } from './redis.js';
import type { SessionStore, SessionUpdate, StoredSession } from '../session/store.js';

export interface RedisSessionStoreOptions {
  /** What the keys of sessions begin with. Default `obol:session:`. */
  readonly prefix?: string | undefined;
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

/**
 * Keeps sessions in Redis. While it is away, requests that need a session are answered 503.
 * @throws ObolError E_SETTING for what is no connection, or a wrong option
 *
 * @example
 * ```ts
 * const connection = redis({ url: process.env.REDIS_URL });
 * await bootstrap({ controllers, features: [connection, sessions({ store: redisSessionStore(connection) })] });
 * ```
 */
export function redisSessionStore(connection: Redis, options: RedisSessionStoreOptions = {}): SessionStore {
  checkStore('redisSessionStore', connection, options);
  return new RedisSessionStore(connection, options.prefix ?? 'obol:session:');
}

class RedisSessionStore implements SessionStore {
  readonly needs: Feature['needs'];
  readonly #connection: Redis;
  readonly #prefix: string;

  constructor(connection: Redis, prefix: string) {
    this.needs = needsOf('redisSessionStore', connection);
    this.#connection = connection;
    this.#prefix = prefix;
  }

  async load(id: string): Promise<StoredSession | undefined> {
    const fields = (await this.#connection.send('HGETALL', this.#prefix + id)) as string[];
    return fields.length === 0 ? undefined : storedFrom(fields);
  }

  async create(id: string, session: SessionUpdate): Promise<void> {
    await this.#write('create', id, session);
  }

  async update(id: string, changes: SessionUpdate): Promise<boolean> {
    return (await this.#write('update', id, changes)) === 1;
  }

  async destroy(id: string): Promise<void> {
    await this.#connection.send('DEL', this.#prefix + id);
  }

  #write(how: 'create' | 'update', id: string, { set, deleted, ...times }: SessionUpdate): Promise<unknown> {
    const { issuedAt, expiresAt, seenAt, endsAt } = times;
    const fields = { iat: issuedAt, exp: expiresAt, idle: seenAt };
    const pairs = [
      ...Object.entries(fields).flatMap(([name, time]) => [name, String(time)]),
      ...[...set].flat(),
    ];
    const values = [how, String(endsAt), String(deleted.length), ...deleted, ...pairs];
    return this.#connection.send('EVAL', WRITE, '1', this.#prefix + id, ...values);
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
