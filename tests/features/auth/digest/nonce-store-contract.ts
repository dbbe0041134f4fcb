/** What every store of nonces must do: each count once, any order within the window. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { NonceStore } from 'obol/auth';

/** Whether each of the counts was good, one after the other. */
export async function useAll(
  store: NonceStore,
  nonce: string,
  counts: readonly number[],
): Promise<boolean[]> {
  const issuedAt = Date.now();
  const answers: boolean[] = [];
  for (const count of counts)
    answers.push(await store.use({ nonce, count, issuedAt, expiresAt: issuedAt + 60_000 }));
  return answers;
}

/** @param open a store that is started, and another with the same memory, where there can be one */
export function describeNonceStore(
  name: string,
  open: () => Promise<readonly [NonceStore, NonceStore]>,
): void {
  describe(`a store ${name}: a count is good`, () => {
    let store: NonceStore;
    let other: NonceStore;

    beforeAll(async () => {
      [store, other] = await open();
    });

    test.each<[string, number[], boolean[]]>([
      ['once', [1, 1], [true, false]],
      ['in order', [1, 2, 3], [true, true, true]],
      ['with gaps', [1, 5, 100], [true, true, true]],
      ['out of order, once', [3, 1, 2, 1, 2, 3], [true, true, true, false, false, false]],
      ['63 behind the highest', [100, 37, 37], [true, true, false]],
      ['but not 64 behind', [100, 36], [true, false]],
      ['31, 32 and 33 behind', [40, 9, 8, 7, 9, 8, 7], [true, true, true, true, false, false, false]],
      ['31 behind after a jump of 31', [1, 32, 1, 2, 2], [true, true, false, true, false]],
      ['32 behind after a jump of 32', [1, 33, 1, 2, 2], [true, true, false, true, false]],
      ['33 behind after a jump of 33', [1, 34, 1, 2, 2], [true, true, false, true, false]],
      ['behind two jumps', [2, 30, 60, 2, 30, 29, 3], [true, true, true, false, false, true, true]],
      ['63 behind after a jump of 63', [1, 64, 1, 2], [true, true, false, true]],
      ['but not 64 behind after a jump of 64', [1, 65, 1, 2], [true, true, false, true]],
      ['or after a jump of more', [1, 1000, 1, 1000, 999], [true, true, false, false, true]],
      ['up to the last', [0xffffffff, 0xffffffff, 0xfffffffe], [true, false, true]],
    ])('%s', async (each, counts, expected) => {
      expect(await useAll(store, each, counts)).toEqual(expected);
      expect(await useAll(other, each, counts)).toEqual(expected.map(() => false));
    });

    test('for each nonce', async () => {
      const answers = [];
      for (const nonce of ['a', 'b', '__proto__', '__proto__'])
        answers.push(...(await useAll(store, nonce, [1])));
      expect(answers).toEqual([true, true, true, false]);
    });

    test('in any order within a window of 64', async () => {
      const order = Array.from({ length: 64 }, (_, i) => ((i * 37) % 64) + 1);
      expect(await useAll(store, 'window', order)).toEqual(order.map(() => true));
      expect(await useAll(store, 'window', order)).toEqual(order.map(() => false));
    });

    test('for exactly one of many who send it at the same time', async () => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, i) => useAll(i % 2 === 0 ? store : other, 'race', [7])),
      );
      expect(answers.flat().filter(Boolean)).toEqual([true]);
    });
  });
}
