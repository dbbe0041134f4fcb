/** Small files in memory: kept while they are the same, within a number of bytes. */
import { statSync, type Stats } from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';
import { Headers } from '../../../src/message/headers.js';
import { respondWith, SmallFiles } from '../../../src/features/static/small-files.js';

const NOW = Date.UTC(2026, 5, 1);
const HOUR = 3_600_000;

afterEach(() => {
  jest.useRealTimers();
});

function startClock(): void {
  jest.useFakeTimers({ now: NOW, doNotFake: ['nextTick', 'setImmediate'] });
}

function statsOf(given: Partial<Stats> = {}): Stats {
  const stats = { dev: 1, ino: 2, size: 3, mtimeMs: NOW - HOUR, ctimeMs: NOW - HOUR, ...given };
  return Object.assign(statSync('/'), stats);
}

function file(size = 3, stats = statsOf()) {
  return { stats, content: Buffer.alloc(size), headers: new Headers({ ETag: '"a"' }) };
}

test('gives what it keeps while device, inode, size and times are the same', () => {
  startClock();
  const files = new SmallFiles(10_000);
  const small = file();
  files.add('a', small);
  expect(files.has('a')).toBe(true);
  expect(files.get('a', statsOf())?.content).toBe(small.content);
  expect(files.get('a', statsOf())?.content).toBe(small.content);
  expect(files.get('b', statsOf())).toBeUndefined();
});

test.each([{ dev: 9 }, { ino: 9 }, { size: 9 }, { mtimeMs: NOW - 5000 }, { ctimeMs: NOW - 5000 }])(
  'forgets a file when it has %j',
  (change) => {
    startClock();
    const files = new SmallFiles(10_000);
    files.add('a', file());
    expect(files.get('a', statsOf(change))).toBeUndefined();
    expect(files.has('a')).toBe(false);
  },
);

test.each([
  [999, true],
  [1000, false],
  [-1000, false],
])('trusts a file that was read %d ms ago: %s', (passed, trusted) => {
  startClock();
  const files = new SmallFiles(10_000);
  files.add('a', file());
  jest.setSystemTime(NOW + passed);
  expect(files.get('a', statsOf()) !== undefined).toBe(trusted);
});

test.each([
  [{ mtimeMs: NOW - 1999 }, false],
  [{ ctimeMs: NOW - 1999 }, false],
  [{ mtimeMs: NOW + HOUR }, false],
  [{ mtimeMs: NOW - 2000, ctimeMs: NOW - 2000 }, true],
])('keeps a file with %j: %s', (times, kept) => {
  startClock();
  const files = new SmallFiles(10_000);
  files.add('a', file(3, statsOf(times)));
  expect(files.has('a')).toBe(kept);
});

test('forgets those first that were used least lately', () => {
  startClock();
  const files = new SmallFiles(3 * (1024 + 100));
  for (const key of ['a', 'b', 'c']) files.add(key, file(100));
  files.get('a', statsOf());
  files.add('d', file(100));
  expect(['a', 'b', 'c', 'd'].filter((key) => files.has(key))).toEqual(['a', 'c', 'd']);
  files.add('e', file(2 * (1024 + 100) - 1024));
  expect(['a', 'c', 'd', 'e'].filter((key) => files.has(key))).toEqual(['d', 'e']);
});

test('counts a file once that is added again, and not at all when it was forgotten', () => {
  startClock();
  const files = new SmallFiles(2 * (1024 + 100));
  for (let i = 0; i < 10; i++) files.add('a', file(100));
  for (let i = 0; i < 10; i++) {
    files.add('b', file(100));
    files.get('b', statsOf({ ino: 9 }));
  }
  files.add('b', file(100));
  expect([files.has('a'), files.has('b')]).toEqual([true, true]);
});

test('keeps nothing that is larger than the limit, and nothing at all without one', () => {
  startClock();
  const files = new SmallFiles(2000);
  files.add('a', file(977));
  expect(files.has('a')).toBe(false);
  files.add('a', file(976));
  expect(files.has('a')).toBe(true);
  const none = new SmallFiles(0);
  none.add('a', file(0));
  expect(none.has('a')).toBe(false);
});

test('answers with headers of its own each time', () => {
  const small = file();
  const first = respondWith(small);
  first.headers.set('ETag', '"changed"');
  expect(respondWith(small).headers.get('etag')).toBe('"a"');
  expect(first.body).toBe(small.content);
});
