/** Cookies as features read them. */
import { describe, expect, test } from '@jest/globals';
import { HttpError } from '../../src/http/http-error.js';
import { cookieNameOf, cookiesOf } from '../../src/message/cookies.js';
import { DEFAULT_SETTINGS } from '../../src/answering/default-settings.js';
import type { Request } from '../../src/message/request.js';
import { buildRequest } from '../../src/hosts/testing/request.js';

describe.each([true, false])('with autoCookies %j', (autoCookies) => {
  function requestWith(headers: Record<string, string>): Request {
    return buildRequest('/', { headers }, { ...DEFAULT_SETTINGS, autoCookies });
  }

  test.each<[Record<string, string>, Record<string, string>]>([
    [{}, {}],
    [{ Cookie: '' }, {}],
    [{ Cookie: 'a=1; b=2' }, { a: '1', b: '2' }],
  ])('%j has %j', (headers, expected) => {
    expect(Object.fromEntries(cookiesOf(requestWith(headers)))).toEqual(expected);
  });

  test('they are read once', () => {
    const request = requestWith({ Cookie: 'a=1' });
    expect(cookiesOf(request)).toBe(cookiesOf(request));
  });

  test('too many are refused', () => {
    const request = requestWith({ Cookie: 'a=1;'.repeat(101) });
    expect(() => cookiesOf(request)).toThrow(new HttpError(431, 'There are too many cookies'));
  });
});

describe('the name of a cookie', () => {
  const nameBelow = (base: string): string =>
    cookieNameOf(
      buildRequest(`${base}/`, {}, DEFAULT_SETTINGS)
        .below(base)
        .adopt({ within: (settings) => settings }),
      'id',
    );

  test.each([
    ['/shop', 'id-shop'],
    [`/${'a'.repeat(31)}`, `id-${'a'.repeat(31)}`],
    ['/a/b', expect.stringMatching(/^id-[\da-f]{32}$/)],
    [`/${'a'.repeat(32)}`, expect.stringMatching(/^id-[\da-f]{32}$/)],
  ])('of an application below %j is %s', (base, name) => {
    expect(nameBelow(base)).toEqual(name);
  });

  test('is never that of another base, though its segment be the hash of that', () => {
    const long = nameBelow(`/${'a'.repeat(40)}`);
    expect(nameBelow(`/${long.slice('id-'.length)}`)).not.toBe(long);
  });
});
