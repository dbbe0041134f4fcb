/** Settings that count something. */
import { expect, test } from '@jest/globals';
import { assertCount } from '../../src/ground/whole-number.js';
import { developerError } from '../support/errors.js';

test.each([1, 60, Number.MAX_SAFE_INTEGER])('%p is one', (value) => {
  expect(() => {
    assertCount('maxAge', value, 'seconds');
  }).not.toThrow();
});

test.each([
  [0, '0'],
  [-1, '-1'],
  [1.5, '1.5'],
  [NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [2 ** 53, '9007199254740992'],
  ['60', "'60'"],
  [null, 'null'],
])('%p is none', (value, shown) => {
  expect(() => {
    assertCount('maxAge', value, 'seconds');
  }).toThrow(developerError('E_SETTING', `maxAge: ${shown} is not a whole number of seconds, 1 or more.`));
});
