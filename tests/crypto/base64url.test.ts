/** Base64url in one spelling. */
import { expect, test } from '@jest/globals';
import { decodeBase64url } from '../../src/crypto/base64url.js';

test.each([
  ['', ''],
  ['YQ', '61'],
  ['-_-_', 'fbffbf'],
])('%j is %j', (text, hex) => {
  expect(decodeBase64url(text)?.toString('hex')).toBe(hex);
});

test.each([
  ['with padding', 'YQ=='],
  ['of plain base64', '+/+/'],
  ['with white space', 'Y Q'],
  ['with another last character for the same bytes', 'YR'],
  ['with a lone last character', 'YQABC'],
  ['with a wide character', 'YQ\u0141'],
])('a text %s is none', (_, text) => {
  expect(decodeBase64url(text)).toBeUndefined();
});
