import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseMediaType, withTextCharset } from '../../src/http/media-type.js';
import { expectWithin } from '../support/timing.js';

describe('parseMediaType', () => {
  test.each<[string, string, Record<string, string>]>([
    ['application/json', 'application/json', {}],
    ['Application/Json', 'application/json', {}],
    [' text/html ', 'text/html', {}],
    ['application/json ;', 'application/json', {}],
    ['application/json;;', 'application/json', {}],
    ['text/html;Charset=UTF-8', 'text/html', { charset: 'UTF-8' }],
    ['text/html \t;\t charset="utf-8" ; x=1', 'text/html', { charset: 'utf-8', x: '1' }],
    ['a/b; x="a;\\"b\\\\,c"', 'a/b', { x: 'a;"b\\,c' }],
    ['a/b; x=""', 'a/b', { x: '' }],
    ['a/b; x=1; X=2', 'a/b', { x: '1' }],
    ['multipart/form-data; boundary=--x', 'multipart/form-data', { boundary: '--x' }],
    ['application/problem+json', 'application/problem+json', {}],
  ])('reads %j', (text, essence, parameters) => {
    const type = parseMediaType(text);
    expect(type?.essence).toBe(essence);
    expect(Object.fromEntries(type?.parameters ?? [])).toEqual(parameters);
  });

  test.each([
    '',
    'json',
    '/',
    'a/',
    '/b',
    'a/b/c',
    'a b/c',
    'application/json\ta',
    'application/json, text/html',
    ';application/json',
    ' ;application/json',
    ';',
    'a/b; x',
    'a/b; =1',
    'a/b; x =1',
    'a/b; x= 1',
    'a/b; x=',
    'a/b; x="1',
    'a/b; x=1"',
    'a/b; x="',
    'a/b; x="1"2"',
    'a/b; x="1\\"',
    'a/b; x="\n"',
    'a/b; x=é',
    'á/b',
  ])('refuses %j', (text) => {
    expect(parseMediaType(text)).toBeNull();
  });

  test('remembers short types, the malformed ones too', () => {
    expect(parseMediaType('text/x-known')).toBe(parseMediaType('text/x-known'));
    expect(parseMediaType('x-unknown')).toBeNull();
    expect(parseMediaType('x-unknown')).toBeNull();
  });

  test('remembers no long types', () => {
    const long = `a/${'b'.repeat(100)}`;
    expect(parseMediaType(long)).not.toBe(parseMediaType(long));
  });

  test('keeps a parameter named __proto__ as plain data', () => {
    expect([...(parseMediaType('a/b;__proto__=1')?.parameters ?? [])]).toEqual([['__proto__', '1']]);
  });

  test('reads back what was written', () => {
    const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,10}$/);
    const value = fc.stringMatching(/^[\t -~]{0,20}$/);
    const parameters = fc.uniqueArray(fc.tuple(token, value), { selector: ([name]) => name });
    fc.assert(
      fc.property(token, token, parameters, (type, subtype, list) => {
        const text = list.map(([name, item]) => `; ${name}="${item.replace(/["\\]/g, '\\$&')}"`).join('');
        const found = parseMediaType(`${type}/${subtype}${text}`);
        expect(found?.essence).toBe(`${type}/${subtype}`);
        expect([...(found?.parameters ?? [])]).toEqual(list);
      }),
    );
  });

  test.each([';', '"', 'a/', ' ', '\\', '; x="', ';a=b'])('takes linear time for many %j', (piece) => {
    expectWithin(300, () => parseMediaType(`a/b;x="${piece.repeat(64 * 1024)}`));
    expectWithin(300, () => parseMediaType(`a/b${piece.repeat(64 * 1024)}`));
  });
});

test('bounds what it remembers', () => {
  for (let i = 0; i < 200; i++) parseMediaType(`text/x-${String(i)}`);
  expect(parseMediaType('text/x-199')).not.toBe(parseMediaType('text/x-199'));
});

test.each([
  ['text/html', 'text/html; charset=utf-8'],
  ['TEXT/css', 'TEXT/css; charset=utf-8'],
  ['text/html; charset=iso-8859-2', 'text/html; charset=iso-8859-2'],
  ['text/html;Charset =x', 'text/html;Charset =x'],
  ['text/plain; format=flowed', 'text/plain; format=flowed; charset=utf-8'],
  ['application/json', 'application/json'],
  ['', ''],
])('withTextCharset(%j) is %j', (type, expected) => {
  expect(withTextCharset(type)).toBe(expected);
});
