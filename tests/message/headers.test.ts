/** Header fields of requests and responses. */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Headers } from '../../src/message/headers.js';

describe('Headers', () => {
  test.each([
    [
      'an object',
      { 'X-A': 'a', 'X-N': 5, 'X-L': ['1', '2'] },
      ['X-A', 'a', 'X-N', '5', 'X-L', '1', 'X-L', '2'],
    ],
    ['pairs', [['X-A', 'a'], ['x-a', 2]] as const, ['X-A', 'a', 'x-a', '2']], // prettier-ignore
    ['a map', new Map([['X-A', 'a']]), ['X-A', 'a']],
    ['headers', new Headers({ 'X-A': 'a' }), ['X-A', 'a']],
    ['nothing', undefined, []],
  ])('are made of %s', (_, init, flat) => {
    expect(new Headers(init).flat).toEqual(flat);
  });

  test('are found without regard to letter case, several values joined', () => {
    const headers = new Headers([['Accept', 'a'], ['accept', 'b'], ['Cookie', 'x=1'], ['cookie', 'y=2']]); // prettier-ignore
    expect(headers.get('ACCEPT')).toBe('a, b');
    expect(headers.getAll('accept')).toEqual(['a', 'b']);
    expect(headers.get('cookie')).toBe('x=1; y=2');
    expect([headers.get('none'), headers.has('none'), headers.has('aCCept')]).toEqual([
      undefined,
      false,
      true,
    ]);
  });

  test('set replaces every value, append adds one, delete removes all', () => {
    const headers = new Headers({ A: '1', B: '2' });
    headers.append('a', '3').set('b', ['4', '5']);
    expect([...headers]).toEqual([['A', '1'], ['a', '3'], ['b', '4'], ['b', '5']]); // prettier-ignore
    expect([headers.delete('A'), headers.delete('A')]).toEqual([true, false]);
    expect(headers.flat).toEqual(['b', '4', 'b', '5']);
  });

  test('appendToList adds each member once', () => {
    const headers = new Headers().appendToList('Vary', 'Accept');
    headers.appendToList('Vary', 'accept', 'Cookie').appendToList('vary', 'COOKIE');
    expect([...headers]).toEqual([['Vary', 'Accept, Cookie']]);
  });

  test.each([
    ['X A', '"X A" is no header name; use letters, digits and "-".'],
    ['', '"" is no header name; use letters, digits and "-".'],
    ['X:', '"X:" is no header name; use letters, digits and "-".'],
    ['X\r\nY', '"X\\r\\nY" is no header name; use letters, digits and "-".'],
    [5, '5 is no header name; use letters, digits and "-".'],
  ])('refuse the name %j where it is written', (name, message) => {
    const error = expect.objectContaining({ code: 'E_HEADER_NAME', message });
    expect(() => new Headers().set(name as string, 'x')).toThrow(error);
    expect(() => new Headers().append(name as string, 'x')).toThrow(error);
    expect(() => new Headers([[name as string, 'x']])).toThrow(error);
  });

  test.each([['a\r\nSet-Cookie: x=1'], ['a\nb'], ['a\0'], ['ž']])(
    'refuse the value %j where it is written, and keep the old one',
    (value) => {
      const headers = new Headers({ 'X-A': 'old' });
      expect(() => headers.set('X-A', value)).toThrow(
        expect.objectContaining({
          code: 'E_HEADER_VALUE',
          message: `The header X-A cannot be ${JSON.stringify(value)}: a header holds no control characters, line breaks or characters beyond Latin-1. Encode the value (encodeURIComponent) or leave the characters out.`,
        }),
      );
      expect(headers.get('x-a')).toBe('old');
    },
  );

  test.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [{}, '{}'],
    [true, 'true'],
    [Symbol('x'), 'Symbol(x)'],
  ])('refuse %p as a value, which is neither text nor a number', (value, shown) => {
    const message = `The header X-A cannot be ${shown}: a header is text or a number. Leave it out when there is nothing to say.`;
    const error = expect.objectContaining({ code: 'E_HEADER_VALUE', message });
    expect(() => new Headers().set('X-A', value as string)).toThrow(error);
  });

  test.each([
    ['a flat pair', ['X-Attribute', 'hello world'], '{ "X-Attribute": "hello world" }'],
    ['a flat pair of two letters each', ['Ab', 'cd'], '{ "Ab": "cd" }'],
    ['a flat list', ['X-A', '1', 'X-B', '2'], '{ "X-Name": "value" }'],
    ['pairs with too much in them', [['X-A', '1', '2']], '{ "X-Name": "value" }'],
    ['pairs with too little in them', [['X-A']], '{ "X-Name": "value" }'],
    ['a set of names', new Set(['ab']), '{ "X-Name": "value" }'],
    ['a line', 'X-A: 1', '{ "X-Name": "value" }'],
    ['a number', 5, '{ "X-Name": "value" }'],
  ])('are not made of %s, and say how to write them', (_, init, cure) => {
    const message = expect.stringContaining(
      `are no headers: write ${cure}, or a list of pairs, [[`,
    ) as unknown as string;
    expect(() => new Headers(init as never)).toThrow(expect.objectContaining({ code: 'E_HEADERS', message }));
  });

  test.each([
    'Content-Type',
    'location',
    'ETAG',
    'Last-Modified',
    'Retry-After',
    'Access-Control-Allow-Origin',
  ])('have one %s: a second is refused where it is written', (name) => {
    const headers = new Headers({ [name]: 'a' });
    const error = expect.objectContaining({
      code: 'E_HEADER_VALUE',
      message: `The header ${name} has one value, and cannot be "b" beside "a". set() replaces it.`,
    });
    expect(() => headers.append(name, 'b')).toThrow(error);
    expect(() => headers.appendToList(name, 'b')).toThrow(error);
    expect(() => headers.set(name, ['a', 'b'])).toThrow(error);
    expect(() => new Headers([[name, 'a'], [name, 'b']])).toThrow(error); // prettier-ignore
    expect([...headers.set(name, 'c')]).toEqual([[name, 'c']]);
  });

  test.each(['Set-Cookie', 'Link', 'Vary', 'WWW-Authenticate', 'Via', 'X-Own'])(
    'have any number of %s',
    (name) => {
      expect(new Headers({ [name]: 'a' }).append(name, 'b').getAll(name)).toEqual(['a', 'b']);
    },
  );

  test('give a copy of their fields: nothing gets in unchecked', () => {
    const headers = new Headers({ A: '1' });
    (headers.flat as string[]).push('X\r\nY', 'z');
    expect([...headers]).toEqual([['A', '1']]);
    expect('fromRaw' in Headers).toBe(false);
  });

  test('are names with values as JSON, as text and in a log', () => {
    const headers = new Headers([['Set-Cookie', 'a'], ['X-A', '1'], ['set-cookie', 'b'], ['__proto__', 'p']]); // prettier-ignore
    const json = '{"Set-Cookie":["a","b"],"X-A":"1","__proto__":"p"}';
    expect([JSON.stringify(headers), String(headers)]).toEqual([json, json]);
    expect(inspect(headers)).toBe("Headers { 'Set-Cookie': [ 'a', 'b' ], 'X-A': '1', ['__proto__']: 'p' }");
  });

  test.each(['Authorization', 'COOKIE', 'proxy-authorization'])('do not show %s', (name) => {
    const headers = new Headers([[name, 'secret'], ['X-A', '1']]); // prettier-ignore
    expect(JSON.parse(String(headers))).toEqual({ [name]: '[hidden]', 'X-A': '1' });
    expect(inspect(headers)).not.toContain('secret');
    expect(headers.get(name)).toBe('secret');
  });
});
