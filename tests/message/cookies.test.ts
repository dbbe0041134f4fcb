/** Cookies as features read them. */
import { describe, expect, test } from '@jest/globals';
import { HttpError } from '../../src/http/http-error.js';
import { cookiesOf } from '../../src/message/cookies.js';
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
