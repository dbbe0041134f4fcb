/** The clock of cookies. */
import { expect, jest, test } from '@jest/globals';
import { epochSeconds } from '../../src/ground/clock.js';

test('a second lasts until it is over', () => {
  const now = jest.spyOn(Date, 'now');
  expect([1000, 1999, 2000].map((time) => (now.mockReturnValueOnce(time), epochSeconds()))).toEqual([
    1, 1, 2,
  ]);
  now.mockRestore();
});
