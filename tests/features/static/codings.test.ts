/** The order in which a client likes what there is. */
import { expect, test } from '@jest/globals';
import { Codings } from '../../../src/features/static/codings.js';

const codings = new Codings(['br', 'zstd', 'gzip']);

test.each([
  [undefined, []],
  ['', []],
  ['identity', []],
  ['deflate', []],
  ['gzip', ['gzip']],
  ['x-gzip', ['gzip']],
  ['GZIP, BR', ['br', 'gzip']],
  ['gzip, deflate, br, zstd', ['br', 'zstd', 'gzip']],
  ['gzip;q=1, br;q=0.5', ['gzip', 'br']],
  ['br;q=0, gzip', ['gzip']],
  ['gzip;q=0.5, identity', []],
  ['*', ['br', 'zstd', 'gzip']],
  ['*;q=0', []],
  ['br;q=nonsense, gzip', ['gzip']],
])('%j likes %j', (header, liked) => {
  expect(codings.likedBy(header)).toEqual(liked);
  expect(codings.likedBy(header)).toEqual(liked);
});

test('remembers no more than 64 headers, and no long ones', () => {
  const few = new Codings(['gzip']);
  const long = `gzip${', x'.repeat(200)}`;
  expect(few.likedBy(long)).toEqual(['gzip']);
  expect(few.likedBy(long)).not.toBe(few.likedBy(long));
  const first = few.likedBy('gzip, x0');
  expect(few.likedBy('gzip, x0')).toBe(first);
  for (let i = 1; i < 64; i++) few.likedBy(`gzip, x${i}`);
  expect(few.likedBy('gzip, x64')).not.toBe(few.likedBy('gzip, x64'));
});
