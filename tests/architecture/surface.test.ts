/** What the package exports. */
import { expect, test } from '@jest/globals';
import * as obol from 'obol';

test('exports at most 60 values from obol, so that what is written every day is found in one list', () => {
  expect(Object.keys(obol).length).toBeLessThanOrEqual(60);
});
