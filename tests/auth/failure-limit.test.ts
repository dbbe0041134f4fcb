/** How often somebody may be wrong. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { failureLimit } from 'obol/auth';
import { assertNotThrottled } from '../../src/auth/throttle.js';
import { developerError, httpError } from '../support/errors.js';

const ME = { user: 'me', address: '192.0.2.1' };

afterEach(() => {
  jest.restoreAllMocks();
});

test('after so many failures there is a time to wait, counted from the first', () => {
  let now = 1_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  const limit = failureLimit({ failures: 2, seconds: 10 });
  limit.failed(ME);
  expect(limit.delay(ME)).toBe(0);
  now += 4000;
  limit.failed(ME);
  expect(limit.delay(ME)).toBe(6);
  now += 5999;
  expect(limit.delay(ME)).toBe(1);
  now += 1;
  expect(limit.delay(ME)).toBe(0);
  limit.failed(ME);
  expect(limit.delay(ME)).toBe(0);
});

test('user and address count together', () => {
  const limit = failureLimit({ failures: 1 });
  limit.failed(ME);
  expect(limit.delay(ME)).toBe(300);
  expect(limit.delay({ ...ME, user: 'you' })).toBe(0);
  expect(limit.delay({ ...ME, address: '192.0.2.2' })).toBe(0);
  limit.passed(ME);
  expect(limit.delay(ME)).toBe(0);
});

test('it remembers the last 10,000', () => {
  const limit = failureLimit({ failures: 1 });
  for (let i = 0; i <= 10_000; i++) limit.failed({ user: String(i), address: '' });
  expect(limit.delay({ user: '0', address: '' })).toBe(0);
  expect(limit.delay({ user: '1', address: '' })).toBe(300);
});

test('who comes too early gets 429', () => {
  const limit = failureLimit({ failures: 1 });
  assertNotThrottled(limit, ME);
  assertNotThrottled(undefined, ME);
  limit.failed(ME);
  expect(() => {
    assertNotThrottled(limit, ME);
  }).toThrow(httpError(429, 'Too many attempts to log in'));
});

describe('refuses', () => {
  test.each([
    [{ failures: 0 }, 'failures: 0 is not a whole number of at least 1.'],
    [{ seconds: 1.5 }, 'seconds: 1.5 is not a whole number of at least 1.'],
  ])('%j', (options, message) => {
    expect(() => failureLimit(options)).toThrow(developerError('E_SETTING', message));
  });
});
