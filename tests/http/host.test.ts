import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAuthority } from '../../src/http/host.js';

test.each<[string, string, number | undefined]>([
  ['example.org', 'example.org', undefined],
  ['EXAMPLE.org:80', 'EXAMPLE.org', 80],
  ['a:', 'a', undefined],
  ['a:0', 'a', 0],
  ['a:00080', 'a', 80],
  ['a:65535', 'a', 65535],
  ['1.2.3.4:8080', '1.2.3.4', 8080],
  ['[::1]', '[::1]', undefined],
  ['[::1]:443', '[::1]', 443],
  ["a-b._~!$&'()*+,;=%20", "a-b._~!$&'()*+,;=%20", undefined],
])('reads %j', (text, name, port) => {
  expect(parseAuthority(text)).toEqual({ name, port });
});

test.each([
  '',
  ':80',
  'a b',
  'a<b>',
  'u@host',
  'a/b',
  'a?b',
  'a#b',
  'a\\b',
  'a:b',
  'a:80:80',
  'a:65536',
  'a:123456',
  'a:-1',
  'a: 80',
  'a:٨',
  'a%2',
  'a%zz',
  'é',
  'a\0',
  'a\n',
  '::1',
  '[]',
  '[::1',
  '[::1]x',
  '[::1]x:80',
  '[1.2.3.4]',
  '[fe80::1%eth0]',
  '[fe80::1%25eth0]',
  ']',
])('refuses %j', (text) => {
  expect(parseAuthority(text)).toBeNull();
});

test('reads back every name and port', () => {
  const name = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((ip) => `[${ip}]`),
  );
  fc.assert(
    fc.property(name, fc.option(fc.integer({ min: 0, max: 65535 }), { nil: undefined }), (host, port) => {
      const text = port === undefined ? host : `${host}:${String(port)}`;
      expect(parseAuthority(text)).toEqual({ name: host, port });
    }),
  );
});

test('lets no separator of a URL into a name', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseAuthority(text)?.name ?? '').not.toMatch(/[\s/?#@\\<>"]/);
    }),
  );
});
