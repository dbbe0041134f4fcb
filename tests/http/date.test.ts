import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { httpDate } from '../../src/http/date.js';

test('writes a moment just before the epoch, even as the first of all', () => {
  expect(httpDate(-1)).toBe('Wed, 31 Dec 1969 23:59:59 GMT');
});

test('writes the moment as IMF-fixdate', () => {
  expect(httpDate(784111777000)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  expect(httpDate(784111777999)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  expect(httpDate(784111778000)).toBe('Sun, 06 Nov 1994 08:49:38 GMT');
});

test('drops what is below a second', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      expect(Date.parse(httpDate(date.getTime()))).toBe(Math.floor(date.getTime() / 1000) * 1000);
    }),
  );
});
