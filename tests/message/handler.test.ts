/** What goes on at once where there is nothing to wait for. */
import { describe, expect, test } from '@jest/globals';
import { andThen, attempt } from '../../src/message/handler.js';

const double = (value: number): number => value * 2;
const fail = (): never => {
  throw new Error('no');
};
const messageOf = (error: unknown): string => (error as Error).message;

describe('andThen', () => {
  test('gives a value at once, and a promise of what comes later', async () => {
    expect(andThen(2, double)).toBe(4);
    const later = andThen(Promise.resolve(2), double);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(4);
  });

  test('takes any thenable for a promise', async () => {
    const thenable: PromiseLike<number> = { then: (next) => Promise.resolve(2).then(next) };
    expect(await andThen(thenable, double)).toBe(4);
  });
});

describe('attempt', () => {
  test('gives what the work gives, at once or later', async () => {
    expect(attempt(() => 2, messageOf)).toBe(2);
    expect(await attempt(() => Promise.resolve(2), messageOf)).toBe(2);
  });

  test.each([
    ['thrown', fail],
    ['a rejection', () => Promise.reject(new Error('no'))],
  ])('makes something of a failure that is %s', async (_how, work) => {
    expect(await attempt<number, string>(work, messageOf)).toBe('no');
  });
});
