/** The memory of what was in use a moment ago. */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Recent } from '../../src/ground/recent.js';
import { bytesKeptBy, cutOut } from '../support/memory.js';

interface Item {
  readonly name: string;
}

const ITEM: Item = { name: 'the item' };

test('values are found by the very text they were kept under', () => {
  const recent = new Recent<Item>({ entries: 10 });
  recent.set('value', ITEM);
  expect(recent.get('value')).toBe(ITEM);
  for (const key of ['valuE', 'value ', '', '__proto__']) expect(recent.get(key)).toBeUndefined();
});

test.each([
  ['short', 100_000, (i: number) => String(i), 8000],
  ['of 4 KiB', 2000, (i: number) => String(i).padEnd(4096, '-'), 512],
])('keys are bounded when they are %s', (_name, count, keyOf, most) => {
  const recent = new Recent<Item>({ entries: 4000, characters: 1024 * 1024 });
  for (let i = 0; i < count; i++) {
    recent.set(keyOf(i), ITEM);
    if (recent.size > most) throw new Error(`There are ${String(recent.size)}`);
  }
  expect(recent.size).toBeGreaterThan(most / 2 - 1);
  expect(recent.get(keyOf(0))).toBeUndefined();
  expect(recent.get(keyOf(count - 1))).toBe(ITEM);
});

describe('a value', () => {
  test('stays while it is in use, though others come and go', () => {
    const recent = new Recent<Item>({ entries: 4000 });
    const used = { name: 'used' };
    recent.set('used', used);
    for (let i = 0; i < 50_000; i++) {
      recent.set(String(i), ITEM);
      if (i % 1000 === 0) expect(recent.get('used')).toBe(used);
    }
  });

  test('in use keeps none of the texts that it was asked for by', () => {
    const recent = new Recent<Item>({ entries: 1000 });
    const keyOf = (i: number): string => `a-key-of-some-length-${String(i)}`;
    const bytes = bytesKeptBy(() => {
      for (let i = 0; i < 1500; i++) recent.set(keyOf(i), ITEM);
      for (let i = 0; i < 500; i++) recent.get(cutOut(keyOf(i)));
    });
    expect(bytes).toBeLessThan(1_000_000);
    expect(recent.get(keyOf(0))).toBe(ITEM);
  });

  test('is found in the older generation, and gone with it', () => {
    const recent = new Recent<Item>({ entries: 2 });
    for (const key of ['a', 'b', 'c']) recent.set(key, ITEM);
    expect(recent.size).toBe(3);
    for (const key of ['d', 'e']) recent.set(key, ITEM);
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => recent.get(key) !== undefined)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  test('is not printed', () => {
    const recent = new Recent<Item>({ entries: 10 });
    recent.set('value', ITEM);
    expect(inspect(recent, { depth: Infinity, showHidden: true })).not.toMatch(/value|the item/);
  });
});
