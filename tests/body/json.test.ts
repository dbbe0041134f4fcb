import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JSON_LIMIT, parseJson, type JsonOptions } from '../../src/body/json.js';
import { HttpError } from '../../src/http/http-error.js';
import { expectWithin } from '../support/timing.js';
import { httpError } from '../support/errors.js';

const parse = (text: string, options?: JsonOptions): unknown => parseJson(Buffer.from(text), options);
const NOT_JSON = 'The body is not valid JSON';
const POISON = 'The JSON body has a key that is not allowed';
const nested = (levels: number, open = '[', close = ']'): string =>
  open.repeat(levels) + close.repeat(levels);

test('the default limit is 1 MiB', () => {
  expect(JSON_LIMIT).toBe(1048576);
});

describe('parseJson', () => {
  test.each<[string, unknown]>([
    ['{"a":[1,"ž",null,true]}', { a: [1, 'ž', null, true] }],
    [' null ', null],
    ['"text"', 'text'],
    ['0', 0],
    ['\ufeff{"a":1}', { a: 1 }],
    ['{"a":1,"a":2}', { a: 2 }],
    ['{"b":"\\u0041"}', { b: 'A' }],
    ['["__proto__","constructor"]', ['__proto__', 'constructor']],
    ['{"constructor":"x"}', { constructor: 'x' }],
    ['{"constructor":null}', { constructor: null }],
    ['{"constructor":{"x":1}}', { constructor: { x: 1 } }],
    ['{"prototype":{}}', { prototype: {} }],
  ])('reads %j', (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  test('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/__proto__|prototype/.test(text));
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each([
    '',
    ' ',
    '{',
    '{"a":1}x',
    "{'a':1}",
    '[1,]',
    'undefined',
    'NaN',
    '\ufeff\ufeff1',
    '[',
    '\ufeff',
  ])('answers 400 to %j', (text) => {
    expect(() => parse(text)).toThrow(httpError(400, NOT_JSON));
  });

  test('keeps the cause of the failure out of the message', () => {
    expect.assertions(2);
    try {
      parse('{"secret"');
    } catch (error) {
      expect((error as HttpError).message).toBe(NOT_JSON);
      expect((error as HttpError).cause).toBeInstanceOf(SyntaxError);
    }
  });

  test.each([
    [[0x22, 0xff, 0x22]],
    [[0x22, 0xc0, 0xae, 0x22]],
    [[0x22, 0xed, 0xa0, 0x80, 0x22]],
    [[0xff, 0xfe, 0x31, 0x00]],
  ])('answers 400 to bytes that are not UTF-8: %j', (bytes) => {
    expect(() => parseJson(Buffer.from(bytes))).toThrow(httpError(400, 'The JSON body is not UTF-8'));
  });

  test('never throws anything but 400', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          parseJson(Buffer.from(bytes));
        } catch (error) {
          expect(error).toMatchObject({ name: 'HttpError', status: 400 });
        }
      }),
    );
  });
});

describe('keys that poison objects', () => {
  test.each([
    '{"__proto__":{}}',
    '{"__proto__":1}',
    '[{"a":{"__proto__":null}}]',
    '{"\\u005f_proto__":{}}',
    '{"constructor":{"prototype":{}}}',
    '{"a":[{"constructor":{"prototype":1}}]}',
    '{"c\\u006fnstructor":{"prototype":{}}}',
    '{"constructor":{"\\u0070rototype":{}}}',
  ])('are refused in %s', (text) => {
    expect(() => parse(text)).toThrow(httpError(400, POISON));
  });
});

describe('limits', () => {
  test.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('nesting with %s goes to 64 levels', (open, close) => {
    const text = (levels: number): string => `${open.repeat(levels)}1${close.repeat(levels)}`;
    expect(() => parse(text(64))).not.toThrow();
    expect(() => parse(text(65))).toThrow(httpError(400, 'The JSON body is nested deeper than 64 levels'));
  });

  test('nesting can be set', () => {
    expect(() => parse('[[1],[2]]', { depth: 2 })).not.toThrow();
    expect(() => parse('[[[]]]', { depth: 2 })).toThrow('The JSON body is nested deeper than 2 levels');
  });

  test('many brackets side by side are no nesting', () => {
    expect(parse(`[${'[],'.repeat(100)}{}]`)).toHaveLength(101);
  });

  test('brackets in strings are no nesting', () => {
    expect(parse(JSON.stringify('['.repeat(100)))).toHaveLength(100);
  });

  test('an object may have 10,000 keys', () => {
    const object = (count: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [String(i), 0])));
    expect(Object.keys(parse(object(10_000)) as object)).toHaveLength(10_000);
    expect(() => parse(object(10_001))).toThrow(
      httpError(400, 'The JSON body has an object with more than 10000 keys'),
    );
  });

  test('the number of keys can be set and counts per object', () => {
    expect(() => parse('[{"a":1,"b":2},{"a":1,"b":2}]', { keys: 2 })).not.toThrow();
    expect(() => parse('{"a":1,"b":2,"c":3}', { keys: 2 })).toThrow('more than 2 keys');
  });

  test('the length of an array is not limited', () => {
    expect(parse(JSON.stringify(Array(50_000).fill(0)))).toHaveLength(50_000);
  });

  test('a megabyte of brackets is refused in time', () => {
    expectWithin(2000, () => {
      expect(() => parse(nested(500_000))).toThrow(HttpError);
    });
  });
});
