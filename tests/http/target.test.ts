import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeOctets, octetsOfText, textOfOctets } from '../../src/http/octets.js';
import { decodeSegment, encodeCanonical, encodeSegment, parseTarget } from '../../src/http/target.js';
import { anyText } from '../support/characters.js';
import { expectWithin } from '../support/timing.js';

describe('the path', () => {
  test.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a/', '/a/'],
    ['//a', '//a'],
    ['/%61dmin', '/admin'],
    ['/ADMIN', '/ADMIN'],
    ['/a;b=1', '/a;b=1'],
    ['/a%2Fb', '/a%2Fb'],
    ['/a%2fb', '/a%2Fb'],
    ['/100%25', '/100%25'],
    ['/%252e%252E', '/%252e%252E'],
    ['/%252F', '/%252F'],
    ['/%3F%23', '/?#'],
    ['/%20', '/ '],
    ['/%C5%BElu%C5%A5', '/žluť'],
    ['/%F0%9F%98%80', '/😀'],
    ['/%0a', '/\n'],
    ['/%7F', '/\x7f'],
    ['/%ff', '/%FF'],
    ['/a%e7w%F0.txt', '/a%E7w%F0.txt'],
    ['/%c3%a7%e7', '/ç%E7'],
    ['/%e7%c3%a7%41', '/%E7çA'],
    ['/%c0%ae%c0%af', '/%C0%AE%C0%AF'],
    ['/%ed%a0%80', '/%ED%A0%80'],
    ['/%f0%9f%98', '/%F0%9F%98'],
    ['/%e7%2f%25%2F', '/%E7%2F%25%2F'],
    ['/%25e7%e7', '/%25e7%E7'],
    ['/.a', '/.a'],
    ['/...', '/...'],
    ['/a..b/..c', '/a..b/..c'],
    ['/..;', '/..;'],
    ['/..%2fa', '/..%2Fa'],
    ['/\\..\\', '/\\..\\'],
  ])('%j is %j', (target, path) => {
    expect(parseTarget(target, 'GET')).toEqual({ path, query: '', authority: undefined });
  });

  test.each([
    '',
    'a',
    '?x',
    '*x',
    '/a b',
    '/a\tb',
    '/a\0',
    '/a\u0080',
    '/é',
    '/a\x7f',
    '/a#b',
    '/a?b#c',
    '/a?b c',
    '/a?é',
    '/%',
    '/%4',
    '/%zz',
    '/%%25',
    '/%2%25',
    '/%e0%a4%a',
    '/%ff%',
    '/%ff%4',
    '/%ff%zz',
    '/%ff/..',
    '/%ff/%2e%2e/a',
    '/%ff%00',
    '/%00',
    '/a%00.html',
    '/.',
    '/..',
    '/a/./b',
    '/a/../b',
    '/a/..',
    '/%2e%2e/a',
    '/.%2E',
    '/a/%2e',
    '//evil.com/%2e%2e',
    'ftp://a/',
    'http:/a',
    'http:a',
  ])('refuses %j', (target) => {
    expect(parseTarget(target, 'GET')).toBeNull();
  });
});

describe('the query', () => {
  test.each([
    ['/a?', ''],
    ['/a?b=%zz', 'b=%zz'],
    ['/a?b?c', 'b?c'],
    ['/a?../.', '../.'],
    ['/a?%00', '%00'],
    ['/a%3Fb?c', 'c'],
  ])('of %j is %j', (target, query) => {
    expect(parseTarget(target, 'GET')?.query).toBe(query);
  });
});

describe('the forms of a target', () => {
  test.each([
    ['http://a.b:80/c?d', 'GET', { path: '/c', query: 'd', authority: 'a.b:80' }],
    ['HTTPS://a', 'GET', { path: '/', query: '', authority: 'a' }],
    ['http://a?b', 'GET', { path: '/', query: 'b', authority: 'a' }],
    ['http://a/%2F', 'GET', { path: '/%2F', query: '', authority: 'a' }],
    ['*', 'OPTIONS', { path: '*', query: '', authority: undefined }],
    ['a.b:443', 'CONNECT', { path: '', query: '', authority: 'a.b:443' }],
  ])('reads %j of %s', (target, method, expected) => {
    expect(parseTarget(target, method)).toEqual(expected);
  });

  test.each([
    ['*', 'GET'],
    ['a.b:443', 'GET'],
    ['http://a#b', 'GET'],
    ['http://a/..', 'GET'],
    ['http://a/é', 'GET'],
    ['http:///a', 'GET'],
    ['http://user@a/', 'GET'],
    ['http://a:99999/', 'GET'],
  ])('refuses %j of %s', (target, method) => {
    expect(parseTarget(target, method)).toBeNull();
  });
});

const HOSTILE = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '/',
      '.',
      '..',
      '%',
      '%2e',
      '%2E',
      '%2f',
      '%2F',
      '%25',
      '%00',
      '%0a',
      '%c5%be',
      '%c5',
      '%E7',
      '?',
      '#',
    ),
    anyText({ maxLength: 2 }),
  ),
});

describe('any text', () => {
  test('is read without an exception', () => {
    fc.assert(
      fc.property(HOSTILE, fc.constantFrom('GET', 'OPTIONS', 'CONNECT'), (target, method) => {
        parseTarget(target, method);
        parseTarget(`/${target}`, method);
        parseTarget(`http://a/${target}`, method);
      }),
      { numRuns: 500 },
    );
  });

  test('gives a path without NUL and dot segments, whose percent signs are %2F, %25 or octets', () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const path = parseTarget(`/${text}`, 'GET')?.path;
        if (path === undefined) return;
        expect(path.startsWith('/')).toBe(true);
        expect(path).not.toMatch(/\0|%(?!2F|25|[89A-F][0-9A-F])/);
        expect(path.split('/').filter((segment) => segment === '.' || segment === '..')).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('written in its canonical form means the same path', () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const path = parseTarget(`/${text}`, 'GET')?.path;
        if (path === undefined) return;
        const again = path.split('/').map((segment) => encodeOctets(decodeSegment(segment)));
        expect(parseTarget(again.join('/'), 'GET')?.path).toBe(path);
        expect(encodeCanonical(path)).toBe(again.join('/'));
      }),
      { numRuns: 500 },
    );
  });

  test.each(['%', '%25', '%2e', '.', '/.', './', '/', '%c5', '?'])(
    'takes linear time for many %j',
    (piece) => {
      expectWithin(300, () => parseTarget(`/${piece.repeat(64 * 1024)}`, 'GET'));
    },
  );
});

test.each([
  ['a', 'a'],
  ['%2F', '/'],
  ['%25', '%'],
  ['%252F', '%2F'],
  ['%2525', '%25'],
  ['%E7', '\udce7'],
  ['%25E7', '%E7'],
  ['a%E7%C3%A7%E7', 'a\udce7ç\udce7'],
])('decodeSegment(%j) is %j', (segment, expected) => {
  expect(decodeSegment(segment)).toBe(expected);
});

test('literal text comes back from its canonical form', () => {
  expect(encodeSegment('100%/a%2Fb')).toBe('100%25/a%252Fb');
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(decodeSegment(encodeSegment(text))).toBe(text);
    }),
  );
});

describe('octets as text', () => {
  test.each([
    ['abc', 'abc', 'abc'],
    ['\xc5\xbe', 'ž', '%C5%BE'],
    ['\xe7', '\udce7', '%E7'],
    ['a\xf0\x9f\x98\x80\xf0\x9f', 'a😀\udcf0\udc9f', 'a%F0%9F%98%80%F0%9F'],
    ['\xed\xb3\xa7', '\udced\udcb3\udca7', '%ED%B3%A7'],
    ['/%', '/%', '%2F%25'],
  ])('%j', (octets, text, encoded) => {
    const bytes = Buffer.from(octets, 'latin1');
    expect(textOfOctets(bytes)).toBe(text);
    expect(octetsOfText(text)).toEqual(bytes);
    expect(encodeOctets(text)).toBe(encoded);
  });

  test('come back from any octets, in text and in a URL', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (any) => {
        const text = textOfOctets(Buffer.from(any));
        expect(octetsOfText(text)).toEqual(Buffer.from(any));
        if (!any.includes(0) && text !== '.' && text !== '..')
          expect(parseTarget(`/${encodeOctets(text)}`, 'GET')?.path.slice(1)).toBe(
            text.replace(/[%/]|[\udc80-\udcff]/gu, encodeOctets),
          );
      }),
    );
  });
});
