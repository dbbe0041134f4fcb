/** `obol/redis`: one connection to Redis or Valkey, for everything that several processes have in common. */
export { redis, type Redis, type RedisOptions } from './redis.js';
