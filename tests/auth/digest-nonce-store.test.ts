/** The memory of nonces: each count once, any order within the window, and nothing twice when memory runs out. */
import { describe, expect, test } from '@jest/globals';
import { MemoryNonceStore } from 'obol/auth';

function counts(...uses: number[]): boolean[] {
  const store = new MemoryNonceStore();
  return uses.map((count) => store.use({ nonce: 'a', count, issuedAt: 1, expiresAt: 2 }));
}

describe('a count is good', () => {
  test.each([
    ['once', [1, 1], [true, false]],
    ['in order', [1, 2, 3], [true, true, true]],
    ['with gaps', [1, 5, 100], [true, true, true]],
    ['out of order, once', [3, 1, 2, 1, 2, 3], [true, true, true, false, false, false]],
    ['63 behind the highest', [100, 37, 37], [true, true, false]],
    ['but not 64 behind', [100, 36], [true, false]],
    ['63 behind after a jump of 63', [1, 64, 1, 2], [true, true, false, true]],
    ['but not 64 behind after a jump of 64', [1, 65, 1, 2], [true, true, false, true]],
    ['or after a jump of more', [1, 1000, 1, 1000, 999], [true, true, false, false, true]],
    ['up to the last', [0xffffffff, 0xffffffff, 0xfffffffe], [true, false, true]],
  ])('%s', (_name, uses, expected) => {
    expect(counts(...uses)).toEqual(expected);
  });
});

test('each nonce has its own', () => {
  const store = new MemoryNonceStore();
  const use = (nonce: string): boolean => store.use({ nonce, count: 1, issuedAt: 1, expiresAt: 2 });
  expect([use('a'), use('b'), use('__proto__'), use('__proto__')]).toEqual([true, true, true, false]);
});

test('a window of 64 counts in any order is all good once', () => {
  const order = Array.from({ length: 64 }, (_, i) => ((i * 37) % 64) + 1);
  expect(counts(...order)).toEqual(order.map(() => true));
  expect(counts(...order, ...order).slice(64)).toEqual(order.map(() => false));
});

describe('when there are more nonces than it holds', () => {
  const use = (store: MemoryNonceStore, nonce: number, count = 1): boolean =>
    store.use({ nonce: String(nonce), count, issuedAt: nonce, expiresAt: nonce + 1000 });

  test('it holds no more', () => {
    const store = new MemoryNonceStore();
    for (let nonce = 0; nonce < 10_050; nonce++) use(store, nonce);
    expect(store.size).toBe(10_000);
  });

  test('what it forgot is not good again, nor what is as old and may have been', () => {
    const store = new MemoryNonceStore(2);
    expect([use(store, 2), use(store, 3), use(store, 4)]).toEqual([true, true, true]);
    expect(use(store, 2)).toBe(false);
    expect(use(store, 1)).toBe(false);
    expect(use(store, 5)).toBe(true);
  });

  test('it forgets those first that were not used for longest', () => {
    const store = new MemoryNonceStore(2);
    use(store, 2);
    use(store, 3);
    use(store, 2, 2);
    use(store, 4);
    expect(use(store, 2, 3)).toBe(true);
    expect(use(store, 3, 2)).toBe(false);
  });
});
