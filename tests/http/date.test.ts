import { expect, test } from '@jest/globals';
import { httpDate } from '../../src/http/date.js';

test('writes the moment as IMF-fixdate', () => {
  expect(httpDate(784111777000)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  expect(httpDate(784111777999)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  expect(httpDate(784111778000)).toBe('Sun, 06 Nov 1994 08:49:38 GMT');
});
