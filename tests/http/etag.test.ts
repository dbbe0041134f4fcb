/** Entity tags. */
import { describe, expect, test } from '@jest/globals';
import {
  etagOf,
  fileEtag,
  isEntityTag,
  matchesStrongly,
  matchesWeakly,
  parseEntityTags,
} from '../../src/http/etag.js';
import { expectWithin } from '../support/timing.js';

test.each([
  ['"a"', true],
  ['""', true],
  ['W/"a,b"', true],
  ['"\\\xff"', true],
  ['w/"a"', false],
  ['a', false],
  ['"a', false],
  ['"a b"', false],
  ['"a"b"', false],
  ['W/a', false],
  ['"é€"', false],
  ['"a"\r\nX: y', false],
])('%j is an entity tag: %p', (text, expected) => {
  expect(isEntityTag(text)).toBe(expected);
});

test.each([
  ['"a"', ['"a"']],
  ['"a", W/"b"', ['"a"', 'W/"b"']],
  ['"a,b","c"', ['"a,b"', '"c"']],
  [' ,, "a" ,\t, "b",', ['"a"', '"b"']],
  ['', []],
  ['a', []],
  ['*', []],
  ['*, "a"', ['"a"']],
  ['x"a", "b"', ['"b"']],
  ['"a"x, "b"', ['"b"']],
  ['"a" "b"', []],
  ['"a', []],
  ['w/"a", "b"', ['"b"']],
])('a list of %j has the tags %j', (list, expected) => {
  expect(parseEntityTags(list)).toEqual(expected);
});

test.each([
  ['quotes', '"'.repeat(16_384)],
  ['commas', ','.repeat(16_384)],
  ['openings', '"a,'.repeat(5461)],
  ['white space', `"a"${' '.repeat(16_384)}x`],
  ['weak openings', 'W/,'.repeat(5461)],
])('a list of 16 KiB of %s takes less than 5 milliseconds', (_, list) => {
  expectWithin(5, () => parseEntityTags(list));
});

test.each([
  ['"1"', '"1"', true, true],
  ['W/"1"', '"1"', false, true],
  ['W/"1"', 'W/"1"', false, true],
  ['"1"', '"2"', false, false],
])('%s and %s match strongly: %p, weakly: %p (RFC 9110 8.8.3.2)', (a, b, strongly, weakly) => {
  expect([matchesStrongly(a, b), matchesStrongly(b, a)]).toEqual([strongly, strongly]);
  expect([matchesWeakly(a, b), matchesWeakly(b, a)]).toEqual([weakly, weakly]);
});

describe('etagOf', () => {
  test('is the same for text and its bytes', () => {
    expect(etagOf('é')).toBe(etagOf(Buffer.from('é')));
    expect(etagOf('a')).toBe('"ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs"'.slice(0, 28) + '"');
  });

  test('is weak when asked', () => {
    expect(etagOf('a', { weak: true })).toBe(`W/${etagOf('a')}`);
  });
});

describe('fileEtag', () => {
  const now = 1_700_000_000_000;

  test.each([
    ['long ago', now - 1_000_000, '"a-', true],
    ['2 seconds ago by a coarse clock', now - 2000, 'W/"a-', false],
    ['more than 2 seconds ago by a coarse clock', now - 3000, '"a-', true],
    ['just now by a fine clock', now - 49.5, 'W/"a-', false],
    ['a moment ago by a fine clock', now - 51.25, '"a-', true],
    ['in the future', now + 5000.5, 'W/"a-', false],
  ])('of a file modified %s begins with its strength', (_, modified, beginning, strong) => {
    const tag = fileEtag({ size: 10, modified }, now);
    expect(tag.slice(0, beginning.length)).toBe(beginning);
    expect([isEntityTag(tag), tag.startsWith('"')]).toEqual([true, strong]);
  });

  test('tells sizes and fractions of milliseconds apart', () => {
    const tags = [
      fileEtag({ size: 1, modified: 1000.25 }),
      fileEtag({ size: 2, modified: 1000.25 }),
      fileEtag({ size: 1, modified: 1000.5 }),
    ];
    expect(new Set(tags).size).toBe(3);
  });
});
