import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Args } from '../../src/body/args.js';
import { Form } from '../../src/body/form.js';
import { parseCookies } from '../../src/http/cookie.js';
import type { HttpError } from '../../src/http/http-error.js';
import { httpError } from '../support/errors.js';

const args = new Args(
  new Map([
    ['age', ['42']],
    ['tag', ['a', 'b']],
    ['mixed', ['1', 'x']],
    ['__proto__', ['p']],
  ]),
);
const misfit = (name: string): Error =>
  httpError(400, `The argument ${JSON.stringify(name)} has a value that does not fit`);
const throwing = (): number => {
  throw new RangeError('no');
};

describe('Args', () => {
  test('is empty when nothing was sent', () => {
    expect(new Args().size).toBe(0);
    expect([...new Args()]).toEqual([]);
  });

  test('knows its names in the order sent', () => {
    expect(args.size).toBe(4);
    expect(args.names()).toEqual(['age', 'tag', 'mixed', '__proto__']);
  });

  test.each([
    ['age', true],
    ['Age', false],
    ['__proto__', true],
    ['constructor', false],
  ])('has(%j) is %s', (name, expected) => {
    expect(args.has(name)).toBe(expected);
  });

  test('gives every name with every value', () => {
    expect([...args].map((pair) => pair.join('='))).toEqual([
      'age=42',
      'tag=a',
      'tag=b',
      'mixed=1',
      'mixed=x',
      '__proto__=p',
    ]);
  });
});

test('names with values are what is left of them as JSON, as text and in a log', () => {
  const json = '{"age":"42","tag":["a","b"],"mixed":["1","x"],"__proto__":"p"}';
  expect([JSON.stringify(args), String(args), `${args}`]).toEqual([json, json, json]);
  expect(Object.getPrototypeOf(args.toJSON())).toBeNull();
  expect(inspect(new Args(new Map([['a', ['1']], ['b', ['2', '3']]])))).toBe("Args { a: '1', b: [ '2', '3' ] }"); // prettier-ignore
  expect(inspect(new Form(new Map([['a', ['1']]])))).toBe("Form { a: '1' }");
  expect([JSON.stringify(new Form()), String(new Args())]).toEqual(['{}', '{}']);
  const cookies = parseCookies('a=1; __proto__=2');
  expect([JSON.stringify(cookies), String(cookies)]).toEqual([
    '{"a":"1","__proto__":"2"}',
    '{"a":"1","__proto__":"2"}',
  ]);
  expect(inspect(parseCookies('a=1'))).toBe("Cookies { a: '1' }");
});

describe('getFirst', () => {
  test('gives the first value', () => {
    expect(args.getFirst('tag')).toBe('a');
  });

  test('gives undefined or the default, unconverted, when there is none', () => {
    expect(args.getFirst('no')).toBeUndefined();
    expect(args.getFirst('no', 'fallback')).toBe('fallback');
    expect(args.getFirst('no', null, Number)).toBeNull();
  });

  test('converts the value', () => {
    expect(args.getFirst('age', 0, Number)).toBe(42);
  });

  test.each([
    ['NaN', Number],
    ['undefined', () => undefined],
    ['an exception', throwing],
  ])('answers 400 naming the argument when the converter gives %s', (_, convert) => {
    expect(() => args.getFirst('tag', 0, convert)).toThrow(misfit('tag'));
  });

  test('keeps what the converter threw as the cause', () => {
    expect.assertions(1);
    try {
      args.getFirst('tag', 0, throwing);
    } catch (error) {
      expect((error as HttpError).cause).toEqual(new RangeError('no'));
    }
  });

  test('takes null from a converter as a value', () => {
    expect(args.getFirst('age', 0, () => null)).toBeNull();
  });
});

describe('getList', () => {
  test('gives all values', () => {
    expect(args.getList('tag')).toEqual(['a', 'b']);
    expect(args.getList('no')).toEqual([]);
  });

  test('gives a copy', () => {
    args.getList('tag').push('c');
    expect(args.getList('tag')).toEqual(['a', 'b']);
  });

  test('converts each value', () => {
    expect(args.getList('age', Number)).toEqual([42]);
    expect(() => args.getList('mixed', Number)).toThrow(misfit('mixed'));
  });
});

describe('getValue', () => {
  test('gives the only value alone and several as a list', () => {
    expect(args.getValue('age')).toBe('42');
    expect(args.getValue('tag')).toEqual(['a', 'b']);
  });

  test('gives undefined or the default when there is none', () => {
    expect(args.getValue('no')).toBeUndefined();
    expect(args.getValue('no', 7)).toBe(7);
  });

  test('converts', () => {
    expect(args.getValue('age', 0, Number)).toBe(42);
    expect(args.getValue('tag', '', (text) => text.toUpperCase())).toEqual(['A', 'B']);
    expect(() => args.getValue('mixed', 0, Number)).toThrow(misfit('mixed'));
  });
});
