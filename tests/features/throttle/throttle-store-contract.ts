/** What every store of a throttle must do. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ThrottleStore } from 'obol/throttle';

/** @param open a store, and another that counts in the same place, where there can be one */
export function describeThrottleStore(
  name: string,
  open: () => Promise<readonly [ThrottleStore, ThrottleStore]>,
): void {
  describe(`a store ${name}`, () => {
    let store: ThrottleStore;
    let other: ThrottleStore;

    beforeAll(async () => {
      [store, other] = await open();
    });

    test('counts a key from the first time on, for whoever shares it', async () => {
      expect(await store.get('counts')).toBeUndefined();
      expect((await store.increment('counts', 60_000)).count).toBe(1);
      expect((await other.increment('counts', 90_000)).count).toBe(2);
      const found = await store.get('counts');
      expect(found?.count).toBe(2);
      expect(found?.remaining).toBeGreaterThan(50_000);
      expect(found?.remaining).toBeLessThanOrEqual(60_000);
    });

    test('forgets it when its time is over', async () => {
      await store.increment('short', 30);
      while ((await store.get('short')) !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      const anew = await store.increment('short', 60_000);
      expect(anew.count).toBe(1);
      expect(anew.remaining).toBeGreaterThan(50_000);
    });

    test('counts back, but not below nothing', async () => {
      for (let i = 0; i < 2; i++) await store.increment('back', 60_000);
      await store.decrement('back');
      expect((await store.get('back'))?.count).toBe(1);
      for (let i = 0; i < 3; i++) await store.decrement('back');
      expect(await store.get('back')).toBeUndefined();
      expect((await store.increment('back', 60_000)).count).toBe(1);
    });

    test('remembers a key longer when told to, and only one that is there', async () => {
      await store.increment('longer', 60_000);
      for (const key of ['longer', 'never']) await store.expire(key, 120_000);
      expect((await other.get('longer'))?.remaining).toBeGreaterThan(110_000);
      expect((await store.increment('longer', 1)).remaining).toBeGreaterThan(110_000);
      expect(await store.get('never')).toBeUndefined();
    });

    test('forgets a key when told to', async () => {
      await store.increment('reset', 60_000);
      await other.reset('reset');
      await other.reset('reset');
      expect(await store.get('reset')).toBeUndefined();
    });

    test('misses none of many that come at the same time', async () => {
      const counts = await Promise.all(
        Array.from({ length: 200 }, async (_, i) => (i % 2 === 0 ? store : other).increment('many', 60_000)),
      );
      const each = counts.map(({ count }) => count).sort((a, b) => a - b);
      expect(each).toEqual(counts.map((_, i) => i + 1));
      await Promise.all(counts.map(async () => store.decrement('many')));
      expect(await store.get('many')).toBeUndefined();
    });
  });
}
