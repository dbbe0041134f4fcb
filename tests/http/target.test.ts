import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeSegment, encodeSegment, parseTarget } from '../../src/http/target.js';
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
    '/%ff',
    '/%c0%ae',
    '/%e0%a4%a',
    '/%ed%a0%80',
    '/%00',
    '/a%00.html',
    '/%0a',
    '/%7F',
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
    fc.constantFrom('/', '.', '..', '%', '%2e', '%2E', '%2f', '%2F', '%25', '%00', '%0a', '%c5%be', '?', '#'),
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

  test('gives a path without control characters and dot segments, whose percent signs are %2F or %25', () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const path = parseTarget(`/${text}`, 'GET')?.path;
        if (path === undefined) return;
        expect(path.startsWith('/')).toBe(true);
        expect(path).not.toMatch(/[\x00-\x1f\x7f]|%(?!2F|25)/);
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
        const again = path.split('/').map((segment) => encodeURIComponent(decodeSegment(segment)));
        expect(parseTarget(again.join('/'), 'GET')?.path).toBe(path);
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
