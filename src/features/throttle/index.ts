/** `obol/throttle`: how often a client may be wrong. */
export { Throttle, type Attempt } from './throttle.js';
export type { ThrottleOptions } from './options.js';
export {
  memoryThrottleStore,
  type MemoryThrottleStore,
  type MemoryThrottleStoreOptions,
} from './memory-store.js';
export type { ThrottleCount, ThrottleStore } from './store.js';
