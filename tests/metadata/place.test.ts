/** Where a decorator stands. */
import { describe, expect, jest, test } from '@jest/globals';
import { Place } from '../../src/metadata/place.js';

function here(): Place {
  return new Place(here);
}

function withStack(stack: string | undefined, read: () => string): string {
  const spy = jest.spyOn(Error, 'captureStackTrace').mockImplementation((target) => {
    Object.assign(target, { stack });
  });
  const text = read();
  spy.mockRestore();
  return text;
}

describe('a place', () => {
  test('is file, line and column of the caller', () => {
    expect(String(here())).toMatch(/place\.test\.ts:\d+:\d+$/);
  });

  test('leaves the stack of errors as long as it was', () => {
    const limit = Error.stackTraceLimit;
    here();
    expect(Error.stackTraceLimit).toBe(limit);
  });

  test.each([
    ['Error\n    at f (file:///app/a%20b.ts:1:2)', '/app/a b.ts:1:2'],
    ['Error\n    at /app/a.ts:1:2', '/app/a.ts:1:2'],
    ['Error\n    at new C (/app/a.ts:10:20)', '/app/a.ts:10:20'],
    ['Error\n    at native', ''],
    ['Error', ''],
    [undefined, ''],
  ])('of the stack %j is %j', (stack, place) => {
    expect(withStack(stack, () => String(here()))).toBe(place);
  });
});
