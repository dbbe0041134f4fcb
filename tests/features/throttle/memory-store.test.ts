/** Counting in memory: within its bounds, and without a timer. */
import { describe, expect, test } from '@jest/globals';
import { memoryThrottleStore } from 'obol/throttle';
import { developerError } from '../../support/errors.js';
import { stressed } from '../../support/stress.js';
import { describeThrottleStore } from './throttle-store-contract.js';

function storeOf(size?: number) {
  const clock = { time: 0 };
  return { clock, store: memoryThrottleStore({ size, now: () => clock.time }) };
}

test('counts a key from the first time on', () => {
  const { clock, store } = storeOf();
  expect(store.increment('a', 1000)).toEqual({ count: 1, remaining: 1000 });
  clock.time = 400;
  expect(store.increment('a', 1000)).toEqual({ count: 2, remaining: 600 });
  expect(store.get('a')).toEqual({ count: 2, remaining: 600 });
  expect(store.get('b')).toBeUndefined();
  clock.time = 999;
  expect(store.get('a')).toEqual({ count: 2, remaining: 1 });
});

test.each([1000, 1001, 1e9])('forgets it when its time is over, here at %i', (time) => {
  const { clock, store } = storeOf();
  store.increment('a', 1000);
  clock.time = time;
  expect(store.get('a')).toBeUndefined();
  expect(store.size).toBe(0);
  expect(store.increment('a', 500)).toEqual({ count: 1, remaining: 500 });
});

test('counts back, but not below nothing', () => {
  const { store } = storeOf();
  store.increment('a', 1000);
  store.increment('a', 1000);
  store.decrement('a');
  expect(store.get('a')).toEqual({ count: 1, remaining: 1000 });
  store.decrement('a');
  expect(store.size).toBe(0);
  store.decrement('a');
  expect(store.size).toBe(0);
  expect(store.increment('a', 1000).count).toBe(1);
});

test('remembers a key longer when told to, and only one that is there', () => {
  const { clock, store } = storeOf();
  store.increment('a', 1000);
  clock.time = 500;
  store.expire('a', 2000);
  store.expire('b', 2000);
  expect([store.get('a'), store.get('b')]).toEqual([{ count: 1, remaining: 2000 }, undefined]);
  expect(store.increment('a', 1)).toEqual({ count: 2, remaining: 2000 });
  expect(store.size).toBe(1);
  clock.time = 2500;
  expect(store.get('a')).toBeUndefined();
});

test('forgets a key when told to', () => {
  const { store } = storeOf();
  for (const key of ['a', 'b']) store.increment(key, 1000);
  store.expire('b', 1000);
  for (const key of ['a', 'b', 'c']) store.reset(key);
  expect(store.size).toBe(0);
});

test('is empty until something is counted, and again when a key is asked for after everything is over', () => {
  const { clock, store } = storeOf();
  expect(store.isEmpty).toBe(true);
  store.increment('a', 1000);
  store.increment('b', 2000);
  store.expire('a', 3000);
  clock.time = 2999;
  store.get('c');
  expect([store.isEmpty, store.size]).toEqual([false, 2]);
  clock.time = 3000;
  store.get('c');
  expect([store.isEmpty, store.size]).toEqual([true, 0]);
  store.increment('c', 1);
  expect(store.isEmpty).toBe(false);
  store.reset('c');
  expect(store.isEmpty).toBe(true);
});

describe('of too many keys', () => {
  test('forgets the one that was not counted for the longest time', () => {
    const { store } = storeOf(3);
    for (const key of ['a', 'b', 'c', 'a', 'd']) store.increment(key, 1000);
    expect(['a', 'b', 'c', 'd'].map((key) => store.get(key)?.count)).toEqual([2, undefined, 1, 1]);
  });

  test('any number of addresses takes no more room than as many as were told', () => {
    const { store } = storeOf(1000);
    for (let i = 0; i < stressed(100_000, 1_000_000); i++) store.increment(`address:${String(i)}`, 1000);
    expect(store.size).toBe(1000);
  });

  test('blocked ones stay, whatever is counted besides, and are bounded themselves', () => {
    const { store } = storeOf(2);
    store.increment('blocked', 1000);
    store.expire('blocked', 1000);
    for (let i = 0; i < 100; i++) store.increment(String(i), 1000);
    expect(store.get('blocked')?.count).toBe(1);
    for (const key of ['x', 'y', 'z']) {
      store.increment(key, 1000);
      store.expire(key, 1000);
    }
    expect(['blocked', 'x', 'y', 'z'].map((key) => store.get(key)?.count)).toEqual([
      undefined,
      undefined,
      1,
      1,
    ]);
    expect(store.size).toBe(3);
  });

  test('10,000 of each kind by default', () => {
    const store = memoryThrottleStore();
    for (let i = 0; i < 10_001; i++) {
      store.increment(`blocked ${String(i)}`, 1000);
      store.expire(`blocked ${String(i)}`, 1000);
    }
    for (let i = 0; i < 10_001; i++) store.increment(String(i), 1000);
    expect(store.size).toBe(20_000);
  });
});

test('keys are the names of nothing else', () => {
  const { store } = storeOf();
  for (const key of ['__proto__', 'constructor', 'toString']) {
    expect(store.get(key)).toBeUndefined();
    expect(store.increment(key, 1000).count).toBe(1);
  }
});

test.each([0, -1, 1.5, NaN, Infinity])('a size of %p is refused', (size) => {
  expect(() => memoryThrottleStore({ size })).toThrow(
    developerError(
      'E_SETTING',
      `memoryThrottleStore.size: ${String(size)} is not a whole number of keys, 1 or more.`,
    ),
  );
});

describeThrottleStore('in memory', async () => {
  const store = memoryThrottleStore({ now: () => Math.floor(performance.now()) });
  return [store, store];
});
