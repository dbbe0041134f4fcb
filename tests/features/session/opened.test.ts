/** The memory of cookies that were opened a moment ago. */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { contentOf } from '../../../src/features/session/codec.js';
import { OpenedCookie, OpenedCookies } from '../../../src/features/session/opened.js';
import type { SessionRecord } from '../../../src/features/session/record.js';

const NAME = 'SESSID';
const RECORD: SessionRecord = {
  id: 'A'.repeat(22),
  issuedAt: 1,
  expiresAt: 3,
  seenAt: 2,
  values: new Map([['.user', '"smith"']]),
};

function cookie(name = NAME): OpenedCookie {
  return new OpenedCookie(name, contentOf(RECORD), false);
}

describe('a cookie', () => {
  test('has the record that it was written with, and the same one each time', () => {
    const opened = cookie();
    expect(opened.record).toEqual(RECORD);
    expect(opened.record).toBe(opened.record);
  });

  test('has none when its content is not that of a session', () => {
    expect(new OpenedCookie(NAME, '{"v":2}', false).record).toBeUndefined();
  });
});

describe('cookies', () => {
  test('are found by value and name', () => {
    const cookies = new OpenedCookies();
    const opened = cookie();
    cookies.add('value', opened);
    expect(cookies.get('value', NAME)).toBe(opened);
    for (const [value, name] of [
      ['value', '__Host-SESSID'],
      ['valuE', NAME],
      ['value ', NAME],
      ['', NAME],
    ] as const)
      expect(cookies.get(value, name)).toBeUndefined();
  });

  test.each([
    ['short', 100_000, (i: number) => String(i), 8000],
    ['of 4 KiB', 2000, (i: number) => String(i).padEnd(4096, '-'), 512],
  ])('are bounded when they are %s', (_name, count, valueOf, most) => {
    const cookies = new OpenedCookies();
    for (let i = 0; i < count; i++) {
      cookies.add(valueOf(i), cookie());
      if (cookies.size > most) throw new Error(`There are ${String(cookies.size)}`);
    }
    expect(cookies.size).toBeGreaterThan(most / 2 - 1);
    expect(cookies.get(valueOf(0), NAME)).toBeUndefined();
    expect(cookies.get(valueOf(count - 1), NAME)).toBeDefined();
  });

  test('stay while they are in use, though others come and go', () => {
    const cookies = new OpenedCookies();
    const used = cookie();
    cookies.add('used', used);
    for (let i = 0; i < 50_000; i++) {
      cookies.add(String(i), cookie());
      if (i % 1000 === 0) expect(cookies.get('used', NAME)).toBe(used);
    }
    expect(cookies.get('used', '__Host-SESSID')).toBeUndefined();
  });

  test('of the older generation keep their names', () => {
    const cookies = new OpenedCookies();
    cookies.add('old', cookie());
    for (let i = 0; i < 4000; i++) cookies.add(String(i), cookie());
    expect(cookies.get('old', '__Host-SESSID')).toBeUndefined();
    expect(cookies.get('old', NAME)).toBeDefined();
  });

  test('are not printed', () => {
    const cookies = new OpenedCookies();
    cookies.add('value', cookie());
    const options = { depth: Infinity, showHidden: true };
    expect(inspect(cookies, options)).not.toContain('value');
    expect(inspect(cookie(), options)).not.toContain('smith');
  });
});
