/** HTTP dates: written in one form, read in three. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { httpDate, parseHttpDate } from '../../src/http/date.js';

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

describe('parseHttpDate', () => {
  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', 784111777000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 784111777000],
    ['Sun Nov  6 08:49:37 1994', 784111777000],
    ['Wed Nov 16 08:49:37 1994', 784975777000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Thu, 29 Feb 2024 23:59:59 GMT', 1709251199000],
    ['Sat, 31 Dec 2016 23:59:60 GMT', 1483228800000],
    ['Mon, 01 Jan 0001 00:00:00 GMT', -62135596800000],
  ])('reads %j', (text, expected) => {
    expect(parseHttpDate(text)).toBe(expected);
  });

  test('takes two digits for the nearest year that is at most 50 years ahead', () => {
    const year = new Date().getUTCFullYear();
    const read = (offset: number): number => {
      const digits = String((year + offset) % 100).padStart(2, '0');
      return new Date(parseHttpDate(`Monday, 01-Jan-${digits} 00:00:00 GMT`) ?? NaN).getUTCFullYear();
    };
    expect([-49, 0, 50].map(read)).toEqual([year - 49, year, year + 50]);
    expect(read(51)).toBe(year - 49);
  });

  test.each([
    '',
    'junk',
    '784111777',
    '1994-11-06T08:49:37Z',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Wed, 30 Feb 2024 00:00:00 GMT',
    'Wed, 00 Feb 2024 00:00:00 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
  ])('finds no date in %j', (text) => {
    expect(parseHttpDate(text)).toBeUndefined();
  });

  test('reads back every date that is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253402300799 }), (second) => {
        expect(parseHttpDate(httpDate(second * 1000))).toBe(second * 1000);
      }),
    );
  });
});
