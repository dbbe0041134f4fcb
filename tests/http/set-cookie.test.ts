import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCookies } from '../../src/http/cookie.js';
import { expiredCookie, serializeCookie, type CookieOptions } from '../../src/http/set-cookie.js';
import { anyText } from '../support/characters.js';
import { developerError } from '../support/errors.js';

const DEFAULTS = '; Path=/; HttpOnly; SameSite=Lax';
const refusal = (name: string, why: string): Error =>
  developerError('E_COOKIE', `The cookie ${JSON.stringify(name)} cannot be set: ${why}.`);

describe('serializeCookie', () => {
  test('is for the whole site, out of reach of scripts and other sites, unless said otherwise', () => {
    expect(serializeCookie('a', '1')).toBe('a=1; Path=/; HttpOnly; SameSite=Lax');
  });

  test.each<[CookieOptions, string]>([
    [{ maxAge: 60 }, '; Max-Age=60; Path=/; HttpOnly; SameSite=Lax'],
    [{ maxAge: 0 }, '; Max-Age=0; Path=/; HttpOnly; SameSite=Lax'],
    [{ maxAge: -5.5 }, '; Max-Age=-5; Path=/; HttpOnly; SameSite=Lax'],
    [{ maxAge: 1.9 }, '; Max-Age=1; Path=/; HttpOnly; SameSite=Lax'],
    [
      { expires: new Date(784111777999) },
      '; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/; HttpOnly; SameSite=Lax',
    ],
    [{ domain: 'example.com' }, '; Domain=example.com; Path=/; HttpOnly; SameSite=Lax'],
    [{ path: '/a b/c' }, '; Path=/a b/c; HttpOnly; SameSite=Lax'],
    [{ secure: true }, '; Path=/; Secure; HttpOnly; SameSite=Lax'],
    [{ secure: false, httpOnly: false }, '; Path=/; SameSite=Lax'],
    [{ sameSite: 'Strict' }, '; Path=/; HttpOnly; SameSite=Strict'],
    [{ sameSite: 'None', secure: true }, '; Path=/; Secure; HttpOnly; SameSite=None'],
    [{ partitioned: true, secure: true }, '; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned'],
    [
      { maxAge: 1, expires: new Date(0), domain: 'a.b', path: '/x', secure: true, httpOnly: true },
      '; Max-Age=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=a.b; Path=/x; Secure; HttpOnly; SameSite=Lax',
    ],
  ])('writes %j', (options, attributes) => {
    expect(serializeCookie('a', '1', options)).toBe(`a=1${attributes}`);
  });

  test.each([
    ['', ''],
    ["!#$&'()*+-./:<=>?@[]^_`{|}~", "!#$&'()*+-./:<=>?@[]^_`{|}~"],
    ['a b', 'a%20b'],
    ['a;b', 'a%3Bb'],
    ['a,b', 'a%2Cb'],
    ['"a"', '%22a%22'],
    ['a\\b', 'a%5Cb'],
    ['\r\nSet-Cookie: x=1', '%0D%0ASet-Cookie%3A%20x%3D1'],
    ['\0', '%00'],
    ['\x7f', '%7F'],
    ['ž', '%C5%BE'],
    ['\ud800', '%EF%BF%BD'],
    ['100%', '100%25'],
    ['a%20b', 'a%2520b'],
  ])('writes the value %j as %j', (value, encoded) => {
    expect(serializeCookie('a', value)).toBe(`a=${encoded}${DEFAULTS}`);
  });

  test.each([
    '',
    'a b',
    'a=b',
    'a;b',
    'a,b',
    'a\tb',
    'a\r\nb',
    'a\0',
    'a\x7f',
    'ž',
    '"a"',
    'userName=<script>alert(1)</script>; Max-Age=2592000; a',
  ])('refuses the name %j', (name) => {
    expect(() => serializeCookie(name, '1')).toThrow(
      refusal(name, "its name may hold letters, digits and !#$%&'*+-.^_`|~ only"),
    );
  });

  test.each(["!#$%&'*+-.^_`|~", '__proto__', 'constructor', '0'])('takes the name %s', (name) => {
    expect(serializeCookie(name, '1')).toBe(`${name}=1${DEFAULTS}`);
  });

  test.each<['domain' | 'path', string]>([
    ['domain', 'a.b; Path=/x'],
    ['domain', 'a.b\r\nX: 1'],
    ['domain', 'a\0b'],
    ['domain', 'žluť.cz'],
    ['domain', 'a'.repeat(1025)],
    ['path', '/; Domain=evil.example'],
    ['path', '/\n'],
    ['path', '/\t'],
    ['path', '/\x7f'],
    ['path', '/ž'],
    ['path', `/${'a'.repeat(1024)}`],
  ])('refuses the %s %j', (attribute, value) => {
    const why = `its ${attribute} ${JSON.stringify(value)} holds characters no attribute may have, or too many`;
    expect(() => serializeCookie('a', '1', { [attribute]: value })).toThrow(refusal('a', why));
  });

  test('takes an attribute of 1024 bytes', () => {
    const path = `/${'a'.repeat(1023)}`;
    expect(serializeCookie('a', '1', { path })).toContain(`; Path=${path};`);
  });

  const SECURE_PREFIX = 'the prefix __Secure- needs secure: true';
  const HOST_PREFIX = 'the prefix __Host- needs secure: true, path "/" and no domain';
  test.each<[string, CookieOptions, string]>([
    ['__Secure-a', {}, SECURE_PREFIX],
    ['__secure-a', { secure: false }, SECURE_PREFIX],
    ['__Host-a', {}, HOST_PREFIX],
    ['__HOST-a', { secure: true, path: '/x' }, HOST_PREFIX],
    ['__Host-a', { secure: true, domain: 'a.b' }, HOST_PREFIX],
    ['a', { sameSite: 'None' }, 'sameSite "None" needs secure: true'],
    ['a', { sameSite: 'lax' as 'Lax' }, 'sameSite is "Strict", "Lax" or "None", not "lax"'],
    ['a', { partitioned: true }, 'partitioned needs secure: true'],
    ['a', { maxAge: NaN }, 'maxAge is a number of seconds'],
    ['a', { maxAge: Infinity }, 'maxAge is a number of seconds'],
    ['a', { maxAge: 1e21 }, 'maxAge is a number of seconds'],
    ['a', { expires: new Date(NaN) }, 'expires is no valid date'],
    ['a', { path: 'x' }, 'path begins with "/", unlike "x"'],
    ['a', { path: '' }, 'path begins with "/", unlike ""'],
  ])('refuses %s with %j', (name, options, why) => {
    expect(() => serializeCookie(name, '1', options)).toThrow(refusal(name, why));
  });

  test.each<[string, CookieOptions]>([
    ['__Secure-a', { secure: true, domain: 'a.b', path: '/x' }],
    ['__Host-a', { secure: true }],
    ['__Host-a', { secure: true, path: '/' }],
    ['__Hosta', {}],
  ])('takes %s with %j', (name, options) => {
    expect(serializeCookie(name, '1', options)).toMatch(/^__\w+-?a=1;/);
  });

  test('takes a name and value of 4096 bytes together, not one more', () => {
    const value = 'v'.repeat(4094);
    expect(serializeCookie('a', value)).toBe(`a=${value}${DEFAULTS}`);
    const why = 'name and value are 4097 bytes; browsers drop what is over 4096';
    expect(() => serializeCookie('a', `${value}v`)).toThrow(refusal('a', why));
  });

  test('counts a value as it is written', () => {
    const why = 'name and value are 4100 bytes; browsers drop what is over 4096';
    expect(() => serializeCookie('ab', 'ž'.repeat(683).slice(0, 682) + '12345')).toThrow(refusal('ab', why));
  });

  test('is read back as it was written, percent-encoded or not', () => {
    const name = fc
      .stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/)
      .filter((text) => !text.startsWith('__'));
    const value = anyText({ maxLength: 100 });
    fc.assert(
      fc.property(name, value, (key, text) => {
        const pair = serializeCookie(key, text).split('; ')[0] ?? '';
        const cookies = parseCookies(`first=1; ${pair}; last=1`);
        expect(decodeURIComponent(cookies.get(key) ?? '')).toBe(text);
      }),
    );
  });

  test('never holds what ends a header or an attribute, whatever the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (value) => {
        expect(serializeCookie('a', value)).toMatch(/^a=[!-:<-~]*; Path=\/; HttpOnly; SameSite=Lax$/);
      }),
    );
  });
});

describe('expiredCookie', () => {
  const PAST = '; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT';

  test('ends a cookie at once', () => {
    expect(expiredCookie('a')).toBe(`a=${PAST}; Path=/; HttpOnly; SameSite=Lax`);
  });

  test.each<[string, Parameters<typeof expiredCookie>[1], string]>([
    ['a', { domain: 'a.b', path: '/x' }, '; Domain=a.b; Path=/x; HttpOnly; SameSite=Lax'],
    ['__Host-a', { secure: true }, '; Path=/; Secure; HttpOnly; SameSite=Lax'],
    [
      'a',
      { secure: true, sameSite: 'None', partitioned: true },
      '; Path=/; Secure; HttpOnly; SameSite=None; Partitioned',
    ],
  ])('ends %s with %j', (name, options, attributes) => {
    expect(expiredCookie(name, options)).toBe(`${name}=${PAST}${attributes}`);
  });

  test('keeps the rules of prefixes', () => {
    expect(() => expiredCookie('__Host-a')).toThrow(
      refusal('__Host-a', 'the prefix __Host- needs secure: true, path "/" and no domain'),
    );
  });
});
