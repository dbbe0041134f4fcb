import { describe, expect, test } from '@jest/globals';
import { commonLogLine } from '../../../src/hosts/node/access-log.js';
import { request } from '../../../src/hosts/testing/request.js';

function line(target: string, more: { user?: unknown; length?: number; method?: string } = {}): string {
  const asked = request(target, { method: more.method ?? 'GET', user: more.user });
  const entry = { request: asked, status: 200, length: more.length, complete: true, milliseconds: 1 };
  return commonLogLine(entry).replace(/\[.*\]/, '[date]');
}

describe('a line of the access log', () => {
  test.each([
    ['/a?b=c', { length: 12 }, '127.0.0.1 - - [date] "GET /a?b=c HTTP/1.1" 200 12'],
    ['/', { length: 0, method: 'HEAD' }, '127.0.0.1 - - [date] "HEAD / HTTP/1.1" 200 -'],
    ['/', {}, '127.0.0.1 - - [date] "GET / HTTP/1.1" 200 -'],
    ['/', { user: 'a b"' }, '127.0.0.1 - a\\x20b\\x22 [date] "GET / HTTP/1.1" 200 -'],
    ['/', { user: '' }, '127.0.0.1 - - [date] "GET / HTTP/1.1" 200 -'],
    ['/', { user: { name: 'x' } }, '127.0.0.1 - - [date] "GET / HTTP/1.1" 200 -'],
    ['/"\\\u001b[31m', {}, '127.0.0.1 - - [date] "GET /\\x22\\x5c\\x1b[31m HTTP/1.1" 200 -'],
    ['/é', {}, '127.0.0.1 - - [date] "GET /\\xc3\\xa9 HTTP/1.1" 200 -'],
  ])('for %j with %j is %s', (target, more, expected) => {
    expect(line(target, more)).toBe(expected);
  });

  test('has the date as logs write it', () => {
    const asked = Object.assign(request('/'), { startTime: Date.UTC(2000, 9, 10, 13, 55, 36, 999) });
    const entry = { request: asked, status: 200, length: 1, complete: true, milliseconds: 1 };
    expect(commonLogLine(entry)).toContain(' [10/Oct/2000:13:55:36 +0000] ');
  });

  test('is of bounded length, and one line', () => {
    const text = line(`/${'\n'.repeat(9000)}`, { user: '\n'.repeat(9000) });
    expect(text.length).toBeLessThan(2500);
    expect(text).not.toContain('\n');
  });
});
