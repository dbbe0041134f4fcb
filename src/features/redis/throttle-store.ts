/** Counts in Redis or Valkey: any number of processes and machines count together. */
import type { Feature } from '../../kit.js';
import { checkStore, needsOf, type Redis } from './redis.js';
import type { ThrottleCount, ThrottleStore } from '../throttle/store.js';

export interface RedisThrottleStoreOptions {
  /** What the keys begin with; throttles with different limits need different ones. Default `obol:throttle:`. */
  readonly prefix?: string | undefined;
}

const GET = `
local count = redis.call('GET', KEYS[1])
return count and {tonumber(count), redis.call('PTTL', KEYS[1])}`;

/** A key without an end, wherever it comes from, gets one. */
const INCREMENT = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return {count, left}`;

const DECREMENT = `
if redis.call('DECR', KEYS[1]) <= 0 then redis.call('DEL', KEYS[1]) end`;

/**
 * A store for a `Throttle`. Keys end by themselves; while Redis is away no client gets in, and nothing is counted.
 * @throws ObolError E_SETTING for what is no connection, or a wrong option
 *
 * @example
 * ```ts
 * new Throttle({ store: redisThrottleStore(connection) })
 * ```
 */
export function redisThrottleStore(
  connection: Redis,
  options: RedisThrottleStoreOptions = {},
): ThrottleStore {
  checkStore('redisThrottleStore', connection, options);
  return new RedisThrottleStore(connection, options.prefix ?? 'obol:throttle:');
}

class RedisThrottleStore implements ThrottleStore {
  readonly needs: Feature['needs'];
  readonly #connection: Redis;
  readonly #prefix: string;

  constructor(connection: Redis, prefix: string) {
    this.needs = needsOf('redisThrottleStore', connection);
    this.#connection = connection;
    this.#prefix = prefix;
  }

  async get(key: string): Promise<ThrottleCount | undefined> {
    const found = await this.#run(GET, key);
    return found === null ? undefined : countOf(found);
  }

  async increment(key: string, lifetime: number): Promise<ThrottleCount> {
    return countOf(await this.#run(INCREMENT, key, lifetime));
  }

  async decrement(key: string): Promise<void> {
    await this.#run(DECREMENT, key);
  }

  async expire(key: string, lifetime: number): Promise<void> {
    await this.#connection.send('PEXPIRE', this.#prefix + key, String(lifetime));
  }

  async reset(key: string): Promise<void> {
    await this.#connection.send('DEL', this.#prefix + key);
  }

  #run(script: string, key: string, ...values: readonly number[]): Promise<unknown> {
    return this.#connection.send('EVAL', script, '1', this.#prefix + key, ...values.map(String));
  }
}

function countOf(answer: unknown): ThrottleCount {
  const [count, remaining] = answer as [number, number];
  return { count, remaining };
}
