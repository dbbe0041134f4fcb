/** The options of CSRF protection: what is refused, and in which words. */
import { expect, test } from '@jest/globals';
import { csrf, type CsrfOptions } from 'obol/csrf';
import { developerError } from '../../support/errors.js';

const KEY =
  'csrf.key: it must hold at least 32 random bytes, the same in every process. ' +
  `Make one with: node -p "require('node:crypto').randomBytes(32).toString('base64')"`;
const origin = (text: string, right: string): string =>
  `csrf.trustedOrigins[0]: ${text} is not an origin as browsers send it; write "${right}".`;

test.each<[unknown, string]>([
  [{ trustedOrigins: ['https://a.example/'] }, origin('"https://a.example/"', 'https://a.example')],
  [{ trustedOrigins: ['https://a.example/path'] }, origin('"https://a.example/path"', 'https://a.example')],
  [{ trustedOrigins: ['https://A.example'] }, origin('"https://A.example"', 'https://a.example')],
  [{ trustedOrigins: ['https://a.example:443'] }, origin('"https://a.example:443"', 'https://a.example')],
  [{ trustedOrigins: ['https://u:p@a.example'] }, origin('"https://u:p@a.example"', 'https://a.example')],
  [{ trustedOrigins: ['http://[0:0::1]'] }, origin('"http://[0:0::1]"', 'http://[::1]')],
  [{ trustedOrigins: ['http://čeština.cz'] }, origin('"http://čeština.cz"', 'http://xn--etina-gya30d.cz')],
  [{ trustedOrigins: ['null'] }, origin('"null"', 'https://shop.example.com')],
  [{ trustedOrigins: ['*'] }, origin('"*"', 'https://shop.example.com')],
  [{ trustedOrigins: ['https://*.a.example'] }, origin('"https://*.a.example"', 'https://shop.example.com')],
  [{ trustedOrigins: ['a.example'] }, origin('"a.example"', 'https://shop.example.com')],
  [{ trustedOrigins: ['file:///'] }, origin('"file:///"', 'https://shop.example.com')],
  [{ trustedOrigins: [''] }, origin('""', 'https://shop.example.com')],
  [{ trustedOrigins: [undefined] }, origin('undefined', 'https://shop.example.com')],
  [
    { trustedOrigins: 'https://a.example' },
    'csrf.trustedOrigins: "https://a.example" is not a list of origins, such as ["https://shop.example.com"].',
  ],
  [{ key: 'short secret' }, KEY],
  [{ key: '' }, KEY],
  [{ key: Buffer.alloc(31, 1) }, KEY],
  [{ key: 5 }, KEY],
  [{ key: 'k'.repeat(32) }, KEY],
  [{ key: new Uint8Array(32) }, KEY],
  [{ key: 'your-secret-key-at-least-32-characters' }, KEY],
  [{ except: '/hooks' }, 'csrf.except: a string is not a function (request) => boolean.'],
  [{ secretOf: 'id' }, 'csrf.secretOf: a string is not a function (request) => secret.'],
  [{ hasCredentials: true }, 'csrf.hasCredentials: a boolean is not a function (request) => boolean.'],
])('%j is refused', (options, message) => {
  expect(() => csrf(options as CsrfOptions)).toThrow(developerError('E_SETTING', message));
});

test.each<CsrfOptions>([
  {},
  { trustedOrigins: ['https://a.example', 'http://[::1]:8080'] },
  { key: 'correct horse, battery & staples' },
  { key: Uint8Array.from({ length: 32 }, (_, index) => index) },
])('%j is taken', (options) => {
  expect(csrf(options)).toBeInstanceOf(Function);
});
