import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseQuery, type QueryOptions } from '../../src/http/query.js';
import { anyText } from '../support/characters.js';
import { expectWithin } from '../support/timing.js';
import { httpError } from '../support/errors.js';

const BLANK: QueryOptions = { keepBlankValues: true };
const STRICT: QueryOptions = { strictParsing: true };

describe('parseQuery', () => {
  test.each<[string, [string, string[]][]]>([
    ['', []],
    ['&&', []],
    ['a=1', [['a', ['1']]]],
    ['a=1&b=2', [['a', ['1']], ['b', ['2']]]], // prettier-ignore
    ['a=1&b=2&a=3&', [['a', ['1', '3']], ['b', ['2']]]], // prettier-ignore
    ['a=b=c', [['a', ['b=c']]]],
    ['a+b=c+d', [['a b', ['c d']]]],
    ['%61%2B=%C5%BE%26', [['a+', ['ž&']]]],
    ['a[b]=1&a[]=2', [['a[b]', ['1']], ['a[]', ['2']]]], // prettier-ignore
    ['=x', [['', ['x']]]],
    ['a;b=1', [['a;b', ['1']]]],
    ['a=%zz+%41', [['a', ['%zz A']]]],
    ['a=%ff', [['a', ['\ufffd']]]],
    ['a=%', [['a', ['%']]]],
  ])('reads %j', (query, expected) => {
    expect([...parseQuery(query)]).toEqual(expected);
  });

  test.each(['a', 'a=', 'a=&a', '='])('drops the blank values of %j', (query) => {
    expect(parseQuery(query).size).toBe(0);
  });

  test('keeps blank values when asked to', () => {
    expect([...parseQuery('a&b=&a=1', BLANK)]).toEqual([['a', ['', '1']], ['b', ['']]]); // prettier-ignore
  });

  test.each(['__proto__', 'constructor', 'length'])('keeps the name %s as plain data', (name) => {
    expect([...parseQuery(`${name}=x`)]).toEqual([[name, ['x']]]);
  });

  test.each<[string, string]>([
    ['a=1&b', 'The query has a parameter without "="'],
    ['a=%zz', 'The query has a bad percent escape'],
    ['%ff=1', 'The query has a bad percent escape'],
    ['a=1&&b=2', 'The query has a parameter without a name'],
    ['&a=1', 'The query has a parameter without a name'],
    ['a=1&', 'The query has a parameter without a name'],
    ['=1', 'The query has a parameter without a name'],
    ['&', 'The query has a parameter without a name'],
  ])('answers 400 to %j in strict parsing', (query, message) => {
    expect(() => parseQuery(query, STRICT)).toThrow(httpError(400, message));
    expect(() => parseQuery(query)).not.toThrow();
  });

  test('reads a good query in strict parsing', () => {
    expect([...parseQuery('a=%41', STRICT)]).toEqual([['a', ['A']]]);
  });

  test('takes 1,000 parameters and no more', () => {
    const most = 'a=1&'.repeat(1000);
    expect(parseQuery(`${most}&&`).get('a')).toHaveLength(1000);
    expect(() => parseQuery(`${most}b`)).toThrow(httpError(400, 'The query has more than 1000 parameters'));
  });

  test('takes names of 256 characters and no longer', () => {
    expect(parseQuery(`${'a'.repeat(256)}=1`).size).toBe(1);
    expect(() => parseQuery(`${'a'.repeat(257)}=1`)).toThrow(
      httpError(400, 'The query has a parameter with too long a name'),
    );
  });

  test('reads back what URLSearchParams writes', () => {
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), anyText()));
    fc.assert(
      fc.property(pairs, (list) => {
        const read = [...parseQuery(new URLSearchParams(list).toString(), BLANK)];
        const names = new Set(list.map(([name]) => name));
        expect(read).toEqual([...names].map((name) => [name, valuesOf(list, name)]));
      }),
    );
  });

  test('reads any text as URLSearchParams does', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '%', '4', '1', 'z', 'f', '&', '=', '+') });
    fc.assert(
      fc.property(text, (query) => {
        const expected = new URLSearchParams(`&${query}`);
        for (const [name, values] of parseQuery(query, BLANK)) {
          expect(values).toEqual(expected.getAll(name));
          expected.delete(name);
        }
        expect(expected.size).toBe(0);
      }),
    );
  });

  test.each(['a', '%', '%41', '+', '=', '&'])('takes linear time for many %j', (piece) => {
    expectWithin(300, () => parseQuery(`a=${piece.repeat(64 * 1024)}`));
  });
});

function valuesOf(list: readonly (readonly [string, string])[], name: string): string[] {
  return list.filter((pair) => pair[0] === name).map((pair) => pair[1]);
}
