/** What every store of sessions must do. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SessionStore, SessionUpdate } from 'obol/session';

/** An id as stores get them. */
export function idFor(name: string): string {
  return createHash('sha256').update(name).digest('base64url');
}

/** A session of these values that begins now, or ends. */
export function update(
  values: Readonly<Record<string, string>> = {},
  { deleted = [], life = 60 }: { deleted?: readonly string[]; life?: number } = {},
): SessionUpdate {
  const now = Math.floor(Date.now() / 1000);
  const set = new Map(Object.entries(values));
  return { set, deleted, issuedAt: now - 100, expiresAt: now + 3600, seenAt: now, endsAt: now + life };
}

/** @param open a store, and another that keeps its sessions in the same place, where there can be one */
export function describeStore(
  name: string,
  open: () => Promise<readonly [SessionStore, SessionStore]>,
): void {
  describe(`a store ${name}`, () => {
    let store: SessionStore;
    let other: SessionStore;

    beforeAll(async () => {
      [store, other] = await open();
    });

    afterAll(async () => {
      await store.close?.();
      if (other !== store) await other.close?.();
    });

    const valuesOf = async (id: string, from = store): Promise<unknown> => {
      const found = await from.load(id);
      return found && Object.fromEntries(found.values);
    };

    test('has nothing under an id that nobody gave it', async () => {
      expect(await store.load(idFor('unknown'))).toBeUndefined();
    });

    test('gives back what it was given, to whoever shares it', async () => {
      const id = idFor('round trip');
      const values = {
        '.user': '"Jürgen ❤\\n"',
        '!notice': '{"a":[1,null]}',
        '.': '""',
        '.iat': '1',
        '.__proto__': '1',
      };
      const { issuedAt, expiresAt, seenAt, ...rest } = update(values);
      await store.create(id, { issuedAt, expiresAt, seenAt, ...rest });
      for (const each of [store, other]) {
        expect(await each.load(id)).toMatchObject({ issuedAt, expiresAt, seenAt });
        expect(await valuesOf(id, each)).toEqual(Object.fromEntries(Object.entries(values)));
      }
    });

    test('changes, adds and deletes keys, and the times', async () => {
      const id = idFor('update');
      await store.create(id, update({ '.a': '1', '.b': '2', '.c': '3' }));
      const changes = {
        ...update({ '.b': '4', '.d': '5' }, { deleted: ['.c', '.e'] }),
        seenAt: 7,
        expiresAt: 8,
      };
      expect(await store.update(id, changes)).toBe(true);
      expect(await valuesOf(id)).toEqual({ '.a': '1', '.b': '4', '.d': '5' });
      expect(await store.load(id)).toMatchObject({ seenAt: 7, expiresAt: 8 });
    });

    test('keeps the keys of requests that write at the same time, and of one key the last', async () => {
      const id = idFor('concurrent');
      await store.create(id, update({ '.n': '0' }));
      const writes = Array.from(
        { length: 20 },
        (_, i) => [i % 2 === 0 ? store : other, update({ [`.k${i}`]: '1' })] as const,
      );
      await Promise.all(writes.map(([at, changes]) => Promise.resolve(at.update(id, changes))));
      await store.update(id, update({ '.n': '1' }));
      await other.update(id, update({ '.n': '2' }));
      const expected = Object.fromEntries(writes.map((_, i) => [`.k${i}`, '1']));
      expect(await valuesOf(id)).toEqual({ ...expected, '.n': '2' });
    });

    test('destroys', async () => {
      const id = idFor('destroy');
      await store.create(id, update({ '.a': '1' }));
      await other.destroy(id);
      expect(await store.load(id)).toBeUndefined();
      await store.destroy(id);
    });

    test('brings nothing back that was destroyed', async () => {
      const id = idFor('gone');
      await store.create(id, update({ '.a': '1' }));
      await store.destroy(id);
      expect(await store.update(id, update({ '.a': '2' }))).toBe(false);
      expect(await store.load(id)).toBeUndefined();
    });

    test('creates anew what was there under the same id', async () => {
      const id = idFor('anew');
      await store.create(id, update({ '.a': '1' }));
      await store.create(id, update({ '.b': '1' }));
      expect(await valuesOf(id)).toEqual({ '.b': '1' });
    });

    test('forgets a session when it ends', async () => {
      const id = idFor('ended');
      await store.create(id, update({ '.a': '1' }, { life: -1 }));
      expect(await store.load(id)).toBeUndefined();
    });

    test('gives copies, which change nothing', async () => {
      const id = idFor('copies');
      await store.create(id, update({ '.a': '1' }));
      const found = await store.load(id);
      (found?.values as Map<string, string>).clear();
      expect(await valuesOf(id)).toEqual({ '.a': '1' });
    });
  });
}
