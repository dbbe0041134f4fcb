/** Sessions in memory. */
import { afterEach, expect, test } from '@jest/globals';
import { memorySessionStore, type MemorySessionStore } from 'obol/session';
import { developerError } from '../../support/errors.js';
import { clock } from './site.js';
import { describeStore, update } from './store-contract.js';

let time: ReturnType<typeof clock> | undefined;

afterEach(() => {
  time?.restore();
  time = undefined;
});

describeStore('in memory', async () => {
  const store = memorySessionStore();
  return [store, store];
});

function present(store: MemorySessionStore, ...ids: string[]): string[] {
  return ids.filter((id) => store.load(id) !== undefined);
}

test('forgets those longest unused when it is full', () => {
  const store = memorySessionStore({ size: 2 });
  store.create('a', update());
  store.create('b', update());
  store.load('a');
  store.create('c', update());
  expect(present(store, 'a', 'b', 'c')).toEqual(['a', 'c']);
});

test('makes room of those that have ended once a minute, whoever was used last', () => {
  time = clock();
  const store = memorySessionStore({ size: 2 });
  store.create('a', update({}, { life: 3600 }));
  store.create('b', update({}, { life: 1 }));
  time.forward(60);
  store.create('c', update());
  expect(present(store, 'a', 'b', 'c')).toEqual(['a', 'c']);
});

test('is empty when it is closed', () => {
  const store = memorySessionStore();
  store.create('a', update());
  store.close();
  expect(present(store, 'a')).toEqual([]);
});

test.each([0, 1.5, NaN])('has no size %p', (size) => {
  expect(() => memorySessionStore({ size })).toThrow(
    developerError(
      'E_SETTING',
      `memorySessionStore.size: ${size} is not a whole number of sessions, 1 or more.`,
    ),
  );
});
