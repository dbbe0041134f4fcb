/** Counts in memory that answer later, in the order in which they are asked: what a store on the network is like. */
import { memoryThrottleStore, type ThrottleStore } from 'obol/throttle';

export function laterStore(): ThrottleStore {
  const store = memoryThrottleStore();
  const answer = <T>(work: () => T): Promise<T> => {
    const value = work();
    return new Promise((resolve) => setImmediate(resolve, value));
  };
  return {
    get: (key) => answer(() => store.get(key)),
    increment: (key, lifetime) => answer(() => store.increment(key, lifetime)),
    decrement: (key) =>
      answer(() => {
        store.decrement(key);
      }),
    expire: (key, lifetime) =>
      answer(() => {
        store.expire(key, lifetime);
      }),
    reset: (key) =>
      answer(() => {
        store.reset(key);
      }),
  };
}
