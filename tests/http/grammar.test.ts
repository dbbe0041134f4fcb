import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isFieldValue,
  isQuotedString,
  isToken,
  splitList,
  trimWhitespace,
  unquote,
} from '../../src/http/grammar.js';
import { expectWithin } from '../support/timing.js';

test.each([
  ['GET', true],
  ["!#$%&'*+-.^_`|~09azAZ", true],
  ['', false],
  ['a b', false],
  ['a:b', false],
  ['a\n', false],
  ['a\0', false],
  ['é', false],
  ['(', false],
])('isToken(%j) is %s', (text, expected) => {
  expect(isToken(text)).toBe(expected);
});

test.each([
  ['', true],
  ['a b\tc', true],
  ['\u00ff\u0080', true],
  ['a\r\nb', false],
  ['a\n', false],
  ['\0', false],
  ['\x7f', false],
  ['\u0100', false],
  ['😀', false],
])('isFieldValue(%j) is %s', (text, expected) => {
  expect(isFieldValue(text)).toBe(expected);
});

test.each([
  ['', ''],
  [' \t ', ''],
  [' a b\t', 'a b'],
  ['a', 'a'],
  ['\na\u00a0', '\na\u00a0'],
])('trimWhitespace(%j) is %j', (text, expected) => {
  expect(trimWhitespace(text)).toBe(expected);
});

describe('splitList', () => {
  test.each<[string, ',' | ';', string[]]>([
    ['', ',', []],
    [',, ,', ',', []],
    ['a', ',', ['a']],
    [' a ,\tb,c ', ',', ['a', 'b', 'c']],
    ['a;b,c', ';', ['a', 'b,c']],
    ['a="x,y", b', ',', ['a="x,y"', 'b']],
    ['a="x\\",y", b', ',', ['a="x\\",y"', 'b']],
    ['a="x\\\\", b', ',', ['a="x\\\\"', 'b']],
    ['a\\,b', ',', ['a\\', 'b']],
    ['a="x,y', ',', ['a="x,y']],
    ['a="x\\', ',', ['a="x\\']],
  ])('splits %j at %j', (text, separator, expected) => {
    expect(splitList(text, separator)).toEqual(expected);
  });

  test('takes apart what was joined', () => {
    const item = fc.stringMatching(/^[!-+\x2d-:<-~]{1,9}$/).filter((text) => !text.includes('"'));
    fc.assert(
      fc.property(fc.array(item), fc.constantFrom(',' as const, ';' as const), (items, separator) => {
        expect(splitList(items.join(separator), separator)).toEqual(items);
      }),
    );
  });

  test.each([',', '"', '\\', '\\"', ' ', '",', 'a, '])('takes linear time for many %j', (piece) => {
    expectWithin(300, () => splitList(piece.repeat(64 * 1024), ','));
  });
});

test('trimming takes linear time', () => {
  expectWithin(100, () => trimWhitespace(`a${' '.repeat(64 * 1024)}b${' '.repeat(64 * 1024)}`));
});

describe('quoted strings', () => {
  test.each([
    ['""', ''],
    ['"a b"', 'a b'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['"\u00e9\t"', '\u00e9\t'],
  ])('unquote(%j) is %j', (text, expected) => {
    expect(isQuotedString(text)).toBe(true);
    expect(unquote(text)).toBe(expected);
  });

  test.each(['', '"', 'a', '"a', 'a"', '"a"b"', '"a\\"', '"a\nb"', '"\\\n"', '"\u0100"'])(
    '%j is no quoted string and stays as it is',
    (text) => {
      expect(isQuotedString(text)).toBe(false);
      expect(unquote(text)).toBe(text);
    },
  );

  test('come back as they were', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\t -~\u0080-\u00ff]*$/), (text) => {
        expect(unquote(`"${text.replace(/["\\]/g, '\\$&')}"`)).toBe(text);
      }),
    );
  });

  test.each(['\\', '"', 'a', '\\"'])('take linear time for many %j', (piece) => {
    expectWithin(300, () => unquote(`"${piece.repeat(64 * 1024)}\n"`));
  });
});
