/** Cache-Control, written from options. */
import { expect, test } from '@jest/globals';
import { cacheControl, type CacheControl } from '../../src/http/cache-control.js';
import { developerError } from '../support/errors.js';

test.each<[CacheControl, string]>([
  [{ maxAge: 0 }, 'max-age=0'],
  [{ public: true, maxAge: 31_536_000, immutable: true }, 'public, immutable, max-age=31536000'],
  [{ noCache: true, private: true }, 'private, no-cache'],
  [{ noStore: true }, 'no-store'],
  [{ noStore: true, private: true, immutable: false }, 'private, no-store'],
  [{ maxAge: 60, sMaxAge: 120, staleWhileRevalidate: 30, staleIfError: 5 }, 'max-age=60, s-maxage=120, stale-while-revalidate=30, stale-if-error=5'], // prettier-ignore
  [{ mustRevalidate: true, proxyRevalidate: true, noTransform: true }, 'no-transform, must-revalidate, proxy-revalidate'], // prettier-ignore
  [{ maxAge: 1e12 }, 'max-age=2147483648'],
])('%j is %j', (options, expected) => {
  expect(cacheControl(options)).toBe(expected);
});

test.each<[object, string]>([
  ...[1.5, -1, NaN, Infinity, null].map((maxAge): [object, string] => [
    { maxAge },
    `maxAge: ${String(maxAge)} is not a whole number of seconds, 0 or more.`,
  ]),
  [{ maxAge: '60' }, 'maxAge: "60" is not a whole number of seconds, 0 or more.'],
  [{ noStore: 'yes' }, 'noStore: "yes" is not true or false.'],
  [{ maxage: 60 }, 'maxage: there is no such option. Did you mean "maxAge"?'],
])('%j is refused', (options, message) => {
  expect(() => cacheControl(options)).toThrow(developerError('E_SETTING', `cacheControl.${message}`));
});

test.each<[CacheControl, string, string]>([
  [{ public: true, private: true }, 'public', 'private'],
  [{ noStore: true, maxAge: 0 }, 'noStore', 'maxAge'],
  [{ noStore: true, immutable: true }, 'noStore', 'immutable'],
  [{ private: true, sMaxAge: 5 }, 'private', 'sMaxAge'],
])('%j is refused, since two directives contradict each other', (options, a, b) => {
  expect(() => cacheControl(options)).toThrow(
    developerError('E_SETTING', `Cache-Control cannot have both ${a} and ${b}; leave one of them out.`),
  );
});

test('no directive at all is refused', () => {
  expect(() => cacheControl({ immutable: false })).toThrow(
    developerError('E_SETTING', 'Cache-Control has no directive; name one, or leave it out.'),
  );
});
