/** The memory of nonces: each count once, any order within the window, and nothing twice when memory runs out. */
import { describe, expect, test } from '@jest/globals';
import { memoryNonceStore, type MemoryNonceStore } from 'obol/auth';
import { describeNonceStore } from './nonce-store-contract.js';

describeNonceStore('in memory', async () => {
  const store = memoryNonceStore();
  return [store, store];
});

test('it decides about any row of counts as the rule says: once, and less than 64 behind the highest', () => {
  const store = memoryNonceStore();
  const seen = new Set<number>();
  let highest = 0;
  for (let i = 0; i < 5000; i++) {
    const count = Math.max(1, highest + ((i * 7919) % 140) - 100);
    const isGood = !seen.has(count) && highest - count < 64;
    expect([count, store.use({ nonce: 'n', count, issuedAt: 1, expiresAt: 2 })]).toEqual([count, isGood]);
    seen.add(count);
    highest = Math.max(highest, count);
  }
});

describe('when there are more nonces than it holds', () => {
  const use = (store: MemoryNonceStore, nonce: number, count = 1): boolean =>
    store.use({ nonce: String(nonce), count, issuedAt: nonce, expiresAt: nonce + 1000 });

  test('it holds no more', () => {
    const store = memoryNonceStore();
    for (let nonce = 0; nonce < 10_050; nonce++) use(store, nonce);
    expect(store.size).toBe(10_000);
  });

  test('what it forgot is not good again, nor what is as old and may have been', () => {
    const store = memoryNonceStore({ size: 2 });
    expect([use(store, 2), use(store, 3), use(store, 4)]).toEqual([true, true, true]);
    expect(use(store, 2)).toBe(false);
    expect(use(store, 1)).toBe(false);
    expect(use(store, 5)).toBe(true);
  });

  test('it forgets those first that were not used for longest', () => {
    const store = memoryNonceStore({ size: 2 });
    use(store, 2);
    use(store, 3);
    use(store, 2, 2);
    use(store, 4);
    expect(use(store, 2, 3)).toBe(true);
    expect(use(store, 3, 2)).toBe(false);
  });
});
