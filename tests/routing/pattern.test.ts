import { expect, test } from '@jest/globals';
import { embeddableSource, groupNames } from '../../src/routing/pattern.js';
import { expectWithin } from '../support/timing.js';

test.each([
  ['[a-z]+', '[a-z]+'],
  ['(a|b)', '(?:a|b)'],
  ['(?:a)(?=b)(?!c)', '(?:a)(?=b)(?!c)'],
  ['(?<=a)(?<!b)', '(?<=a)(?<!b)'],
  ['(?<year>\\d{4})', '(?:\\d{4})'],
  ['\\(a\\)', '\\(a\\)'],
  ['[()^$]', '[()^$]'],
  ['[\\]()]', '[\\]()]'],
  ['^a$', 'a'],
  ['^a$|^b$', 'a|b'],
  ['a\\$', 'a\\$'],
  ['a\\\\$', 'a\\\\'],
  ['(^a|b$)', '(?:^a|b$)'],
  ['\\0\\d', '\\0\\d'],
  ['', ''],
])('%j becomes %j', (source, expected) => {
  expect(embeddableSource(source)).toBe(expected);
});

test.each([
  ['(a)\\1', '\\1'],
  ['(?<x>a)\\k<x>', '\\k'],
])('refuses the back reference of %j', (source, piece) => {
  expect(() => embeddableSource(source)).toThrow(
    new SyntaxError(`back references such as ${piece} are not supported`),
  );
});

test.each(['(', '[', '\\', '(?', '(?<', '^'])('takes linear time for many %j', (piece) => {
  expectWithin(1000, () => {
    try {
      embeddableSource(piece.repeat(8 * 1024));
    } catch {
      // A pattern may be refused; it may not take long.
    }
  });
});

test.each([
  ['', []],
  ['(a)(?:b)(?<c>d)', ['', 'c']],
  ['((a)|(?<b>c))', ['', '', 'b']],
  ['\\((a)[(](?=b)(?!c)(?<=d)(?<!e)', ['']],
  ['(?<\\u0061b>c)(?<\\u{61}>d)(?<\\ud835\\udc9c>e)(?<ü>f)', ['ab', 'a', '𝒜', 'ü']],
])('the groups of %j are named %j', (source, names) => {
  expect(groupNames(source)).toEqual(names);
});
