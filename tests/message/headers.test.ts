/** Header fields of requests and responses. */
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

  test.each([['a\r\nSet-Cookie: x=1'], ['a\nb'], ['a\0'], ['ž'], [null], [undefined], [{}]])(
    'refuse the value %j where it is written, and keep the old one',
    (value) => {
      const headers = new Headers({ 'X-A': 'old' });
      expect(() => headers.set('X-A', value as string)).toThrow(
        expect.objectContaining({
          code: 'E_HEADER_VALUE',
          message: `The header X-A cannot be ${JSON.stringify(value)}: a header holds no control characters, line breaks or characters beyond Latin-1. Encode the value (encodeURIComponent) or leave the characters out.`,
        }),
      );
      expect(headers.get('x-a')).toBe('old');
    },
  );
});
