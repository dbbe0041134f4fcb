import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCookies } from '../../src/http/cookie.js';
import { httpError } from '../support/errors.js';
import { expectWithin } from '../support/timing.js';

describe('parseCookies', () => {
  test.each<[string, Record<string, string>]>([
    ['', {}],
    ['a=1', { a: '1' }],
    ['a=1; b=2;c=3', { a: '1', b: '2', c: '3' }],
    ['a=1;; ;b=2;', { a: '1', b: '2' }],
    [' \ta\t = \t1 ', { a: '1' }],
    ['a=', { a: '' }],
    ['a=b=c==', { a: 'b=c==' }],
    ['a; b=2', { b: '2' }],
    ['a=1; b', { a: '1' }],
    ['A=1; a=2', { A: '1', a: '2' }],
    ['a=%zz%41', { a: '%zz%41' }],
    ['a="x y"', { a: 'x y' }],
    ['a=""', { a: '' }],
    ['a="', { a: '"' }],
    ['a="x', { a: '"x' }],
    ['a=x"', { a: 'x"' }],
    ['a="x\\"y"', { a: 'x\\"y' }],
    ['a="x; b=2"', { a: '"x', b: '2"' }],
    ['a=1\u00a0', { a: '1\u00a0' }],
  ])('reads %j', (header, expected) => {
    expect(Object.fromEntries(parseCookies(header))).toEqual(expected);
  });

  test('keeps the first of a name', () => {
    expect(parseCookies('a=1; a=2').get('a')).toBe('1');
  });

  test.each(['=x', ' =x', '=__Host-x=bad', '=; =='])('drops the nameless pair of %j', (header) => {
    expect([...parseCookies(`${header}; ok=1`)]).toEqual([['ok', '1']]);
  });

  test.each(['__proto__', 'constructor', 'toString'])('keeps a cookie named %s as plain data', (name) => {
    const cookies = parseCookies(`${name}=x; b=2`);
    expect([...cookies]).toEqual([[name, 'x'], ['b', '2']]); // prettier-ignore
  });

  test('reads back what was written', () => {
    const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
    const value = fc.stringMatching(/^[!#-+\x2d-:<-[\]-~]{0,20}$/);
    fc.assert(
      fc.property(fc.dictionary(name, value, { noNullPrototype: false }), (cookies) => {
        const pairs = Object.entries(cookies);
        const header = pairs.map((pair) => pair.join('=')).join('; ');
        expect([...parseCookies(header)]).toEqual(pairs);
      }),
    );
  });

  test('loses no good pair to the text around it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        fc.pre(!/ok\s*=/.test(before));
        expect(parseCookies(`${before}; ok=1;${after}`).get('ok')).toBe('1');
      }),
    );
  });

  test('reads 100 pairs, and refuses one more', () => {
    const pairs = Array.from({ length: 100 }, (_, i) => `c${i}=1`);
    expect(parseCookies(pairs.join('; ')).size).toBe(100);
    expect(() => parseCookies([...pairs, 'd=1'].join('; '))).toThrow(
      httpError(431, 'There are too many cookies'),
    );
  });

  test('reads 8 KiB, and refuses one byte more', () => {
    expect(parseCookies(`a=${'x'.repeat(8190)}`).size).toBe(1);
    expect(() => parseCookies(`a=${'x'.repeat(8191)}`)).toThrow(httpError(431, 'The cookies are too large'));
  });

  test.each(['=', '"', '\\', ' ', 'a="\\"'])('takes linear time for many %j', (piece) => {
    expectWithin(10, () => parseCookies(piece.repeat(Math.floor(8192 / piece.length))));
  });
});
