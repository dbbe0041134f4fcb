/** The uses of nonces in Redis or Valkey: a nonce is good in all processes, and each of its counts once in all of them. */
import type { Feature } from '../../kit.js';
import { checkStore, needsOf, type Redis } from './redis.js';
import type { NonceStore, NonceUse } from '../auth/digest/nonce-store.js';

export interface RedisNonceStoreOptions {
  /** What the keys begin with. Default `obol:nonce:`. */
  readonly prefix?: string | undefined;
}

/**
 * Since when this Redis knows all uses, in milliseconds since the epoch. It begins anew when that is unknown, which is when
 * its memory was emptied, and when it is another one that runs: what a restart or a fail-over brought back may be old.
 */
const SINCE = `
local server = redis.pcall('INFO', 'server')
local run = type(server) == 'string' and string.match(server, 'run_id:(%w+)') or '-'
local known, since = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) (%d+)$')
if known ~= run then
  since = ARGV[1]
  redis.call('SET', KEYS[1], run .. ' ' .. since)
end
since = tonumber(since)
`;

/** The counts of a nonce are a sorted set, which never holds more of them than the window is wide. */
const USE = `${SINCE}
local count, window = tonumber(ARGV[3]), tonumber(ARGV[4])
if tonumber(ARGV[2]) < since then return 0 end
local highest = tonumber(redis.call('ZREVRANGE', KEYS[2], 0, 0)[1] or count)
if count <= highest - window then return 0 end
if redis.call('ZADD', KEYS[2], 'NX', ARGV[3], ARGV[3]) == 0 then return 0 end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', math.max(highest, count) - window)
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 1`;

/** As wide as that of the memory. */
const WINDOW = 64;

/**
 * A store of nonces that all processes with the same `secretKey` share. While Redis is away no client gets in by digest; when
 * it comes back without its memory, clients get new nonces, and no user has to type a password.
 * @throws ObolError E_SETTING for what is no connection, or a wrong option
 *
 * @example
 * ```ts
 * digest({ secretKey, authMap, nonceStore: redisNonceStore(connection) })
 * ```
 */
export function redisNonceStore(connection: Redis, options: RedisNonceStoreOptions = {}): NonceStore {
  checkStore('redisNonceStore', connection, options);
  return new RedisNonceStore(connection, options.prefix ?? 'obol:nonce:');
}

class RedisNonceStore implements NonceStore {
  readonly isShared = true;
  readonly needs: Feature['needs'];
  readonly #connection: Redis;
  readonly #prefix: string;

  constructor(connection: Redis, prefix: string) {
    this.needs = needsOf('redisNonceStore', connection);
    this.#connection = connection;
    this.#prefix = prefix;
  }

  /** Lets it know everything from now on, so that not even the first nonce is too old. */
  async start(): Promise<void> {
    try {
      await this.#connection.send('EVAL', SINCE, '1', `${this.#prefix}since`, String(Date.now()));
    } catch {
      // The first use makes up for it; that the server is away the connection has logged.
    }
  }

  async use({ nonce, count, issuedAt, expiresAt }: NonceUse): Promise<boolean> {
    // Twice its life, for clocks that differ: it is good in each process by its own.
    const lifetime = 2 * (expiresAt - issuedAt);
    const keys = [`${this.#prefix}since`, this.#prefix + nonce];
    const values = [Date.now(), issuedAt, count, WINDOW, lifetime].map(String);
    return (await this.#connection.send('EVAL', USE, '2', ...keys, ...values)) === 1;
  }
}
