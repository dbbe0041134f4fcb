import { describe, expect, test } from '@jest/globals';
import { parseAuthorization } from '../../src/http/authorization.js';
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
    'Basic a b',
    'Bearer ä',
  ])('refuses %j', (header) => {
    expect(parseAuthorization(header)).toBeNull();
  });

  test('reads 16 KiB of hostile text at once', () => {
    expectWithin(200, () => {
      for (const text of ['=', 'a=b,', '"', '\\', 'a="', ',', 'A'])
        parseAuthorization(`Digest ${text.repeat(Math.ceil(16_384 / text.length))}`);
    });
  });
});
