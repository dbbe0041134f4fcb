/** Memory within bounds. */
import { expect, test } from '@jest/globals';
import { remember } from '../../../../src/features/auth/digest/remember.js';

test('keeps the last value of a key', () => {
  const memory = new Map<string, number>();
  remember(memory, 'a', 1, 10);
  remember(memory, 'a', 2, 10);
  expect([...memory]).toEqual([['a', 2]]);
});

test('never holds more than it may, and always the last', () => {
  const memory = new Map<string, number>();
  for (let i = 0; i < 25; i++) {
    remember(memory, String(i), i, 10);
    expect(memory.size).toBeLessThanOrEqual(10);
    expect(memory.get(String(i))).toBe(i);
  }
});
