import { describe, expect, test } from '@jest/globals';
import { parseAuthorization } from '../../src/http/authorization.js';
import { isQuotedString, isToken, splitList, trimWhitespace, unquote } from '../../src/http/grammar.js';
import { expectWithin } from '../support/timing.js';

describe('parseAuthorization', () => {
  test.each<[string, string, string | undefined, Record<string, string>]>([
    ['Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'basic', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ==', {}],
    ['bearer  abc.def-_~+/ ', 'bearer', 'abc.def-_~+/', {}],
    ['Negotiate', 'negotiate', undefined, {}],
    ['Digest', 'digest', undefined, {}],
    [
      'Digest username="Mufasa", URI="/dir/a,b.html", nc=00000001 ,qop=auth',
      'digest',
      undefined,
      { username: 'Mufasa', uri: '/dir/a,b.html', nc: '00000001', qop: 'auth' },
    ],
    ['Digest a="x\\"y"', 'digest', undefined, { a: 'x"y' }],
    ['Digest realm = "spaced" , , b=c', 'digest', undefined, { realm: 'spaced', b: 'c' }],
    ['Digest a="b\\\\", c=d', 'digest', undefined, { a: 'b\\', c: 'd' }],
    ['Digest ,,\t a="" ,', 'digest', undefined, { a: '' }],
    ['Digest ,', 'digest', undefined, {}],
    ['Digest a="\xff\t~"', 'digest', undefined, { a: '\xff\t~' }],
    ['X __proto__="1"', 'x', undefined, JSON.parse('{"__proto__":"1"}') as Record<string, string>],
  ])('reads %j', (header, scheme, token, parameters) => {
    const read = parseAuthorization(header);
    expect([read?.scheme, read?.token, [...(read?.parameters ?? [])]]).toEqual([
      scheme,
      token,
      Object.entries(parameters),
    ]);
  });

  test.each([
    '',
    ' ',
    '"x" y',
    'Digest a, b',
    'Digest a=b, a=c',
    'Digest A=b, a=c',
    'Digest ="b"',
    'Digest a="b',
    'Digest a="b\\"',
    'Digest a="b"c',
    'Digest a=b"c"',
    'Digest a="\x7f"',
    'Digest a="\u0159"',
    'Digest a= , b=c',
    'Digest a=b c=d',
    'Digest \u0159=b',
    'Basic a b',
    'Bearer ä',
  ])('refuses %j', (header) => {
    expect(parseAuthorization(header)).toBeNull();
  });

  test('reads whatever the pieces of the grammar make as the grammar has it', () => {
    const pieces = [
      'a',
      'B',
      '*',
      '=',
      '=',
      ',',
      ',',
      ' ',
      '\t',
      '"',
      '"',
      '\\',
      '\x7f',
      '\xe9',
      '\u0159',
      'a=b',
      'c="d"',
    ];
    let seed = 1;
    const pick = (): string => {
      seed = (seed * 48_271) % 2_147_483_647;
      return pieces[seed % pieces.length] ?? '';
    };
    let read = 0;
    for (let i = 0; i < 30_000; i++) {
      const text = Array.from({ length: 1 + (i % 9) }, pick).join('');
      const parameters = parseAuthorization(`x z="(",${text}`);
      const expected = byGrammar(`z="(",${text}`);
      if (expected) read++;
      const found = [text, parameters && [...parameters.parameters]];
      const right = [text, expected && [...expected]];
      // One by one, to expect costs more than to parse.
      if (JSON.stringify(found) !== JSON.stringify(right)) expect(found).toEqual(right);
    }
    expect(read).toBeGreaterThan(1000);
  });

  test('reads 16 KiB of hostile text at once', () => {
    expectWithin(200, () => {
      for (const text of ['=', 'a=b,', '"', '\\', 'a="', ',', 'A'])
        parseAuthorization(`Digest ${text.repeat(Math.ceil(16_384 / text.length))}`);
    });
  });
});

/** Item by item, each in a pass of its own. */
function byGrammar(text: string): Map<string, string> | null {
  const parameters = new Map<string, string>();
  for (const item of splitList(text, ',')) {
    const equals = item.indexOf('=');
    const name = trimWhitespace(item.slice(0, equals)).toLowerCase();
    const value = trimWhitespace(item.slice(equals + 1));
    if (equals < 1 || !isToken(name) || parameters.has(name)) return null;
    if (!isToken(value) && !isQuotedString(value)) return null;
    parameters.set(name, unquote(value));
  }
  return parameters;
}
