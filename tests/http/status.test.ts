import { STATUS_CODES } from 'node:http';
import { expect, test } from '@jest/globals';
import { BODYLESS, isFinalStatus, reasonPhrase } from '../../src/http/status.js';

test.each([
  [200, 'OK'],
  [404, 'Not Found'],
  [418, "I'm a Teapot"],
  [299, 'Unknown'],
])('the reason phrase of %d is %s', (status, phrase) => {
  expect(reasonPhrase(status)).toBe(phrase);
});

test('the reason phrases are those that node:http has', () => {
  const codes = Array.from({ length: 500 }, (_, i) => 100 + i);
  const known = codes.filter((status) => reasonPhrase(status) !== 'Unknown');
  expect(Object.fromEntries(known.map((status) => [status, reasonPhrase(status)]))).toEqual(STATUS_CODES);
});

test.each<[unknown, boolean]>([
  [199, false],
  [200, true],
  [599, true],
  [600, false],
  [200.5, false],
  ['200', false],
  [NaN, false],
  [undefined, false],
  [null, false],
])('%j can be the status of a final response: %s', (status, expected) => {
  expect(isFinalStatus(status)).toBe(expected);
});

test.each([
  [200, false],
  [204, true],
  [205, true],
  [206, false],
  [304, true],
  [404, false],
])('%d never has content: %s', (status, expected) => {
  expect(BODYLESS.has(status)).toBe(expected);
});
