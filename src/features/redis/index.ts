/** `obol/redis`: one connection to Redis or Valkey, for everything that several processes have in common. */
export { redis, type Redis, type RedisOptions } from './redis.js';
export { redisNonceStore, type RedisNonceStoreOptions } from './nonce-store.js';
export { redisSessionStore, type RedisSessionStoreOptions } from './session-store.js';
export { redisThrottleStore, type RedisThrottleStoreOptions } from './throttle-store.js';
