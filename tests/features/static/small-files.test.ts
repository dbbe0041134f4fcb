/** Small files in memory: kept while they are the same, within a number of bytes. */
import { statSync, type Stats } from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';
import { FileStream, OpenDescriptor } from '../../../src/files/file-stream.js';
import type { OpenedFile } from '../../../src/files/open-file.js';
import { Headers } from '../../../src/message/headers.js';
import { SmallFiles } from '../../../src/features/static/small-files.js';
import { bytesKeptBy, cutOut } from '../../support/memory.js';

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

function file(size = 3, stats = statsOf()): OpenedFile {
  return { path: 'a', size, modified: stats.mtimeMs, stats, content: Buffer.alloc(size) };
}

function add(files: SmallFiles, key: string, opened = file()): void {
  files.add(key, opened, new Headers({ ETag: '"a"' }));
}

function keeps(files: SmallFiles, key: string): boolean {
  return files.get(key, statsOf()) !== undefined;
}

test('gives what it keeps while device, inode, size and times are the same', () => {
  startClock();
  const files = new SmallFiles(10_000);
  const small = file();
  add(files, 'a', small);
  expect(files.get('a', statsOf())?.body).toBe(small.content);
  expect(files.get('a', statsOf())?.body).toBe(small.content);
  expect(files.get('b', statsOf())).toBeUndefined();
});

test.each([{ dev: 9 }, { ino: 9 }, { size: 9 }, { mtimeMs: NOW - 5000 }, { ctimeMs: NOW - 5000 }])(
  'forgets a file when it has %j',
  (change) => {
    startClock();
    const files = new SmallFiles(10_000);
    add(files, 'a', file());
    expect(files.get('a', statsOf(change))).toBeUndefined();
    expect(keeps(files, 'a')).toBe(false);
  },
);

test.each([
  [999, true],
  [1000, false],
  [-1000, false],
])('trusts a file that was read %d ms ago: %s', (passed, trusted) => {
  startClock();
  const files = new SmallFiles(10_000);
  add(files, 'a', file());
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
  add(files, 'a', file(3, statsOf(times)));
  expect(files.get('a', statsOf(times)) !== undefined).toBe(kept);
});

test('forgets those first that were used least lately', () => {
  startClock();
  const files = new SmallFiles(3 * (1024 + 100));
  for (const key of ['a', 'b', 'c']) add(files, key, file(100));
  files.get('a', statsOf());
  add(files, 'd', file(100));
  expect(['a', 'b', 'c', 'd'].filter((key) => keeps(files, key))).toEqual(['a', 'c', 'd']);
  add(files, 'e', file(2 * (1024 + 100) - 1024));
  expect(['a', 'c', 'd', 'e'].filter((key) => keeps(files, key))).toEqual(['d', 'e']);
});

test('counts a file once that is added again, and not at all when it was forgotten', () => {
  startClock();
  const files = new SmallFiles(2 * (1024 + 100));
  for (let i = 0; i < 10; i++) add(files, 'a', file(100));
  for (let i = 0; i < 10; i++) {
    add(files, 'b', file(100));
    files.get('b', statsOf({ ino: 9 }));
  }
  add(files, 'b', file(100));
  expect([keeps(files, 'a'), keeps(files, 'b')]).toEqual([true, true]);
});

test('keeps nothing that is larger than the limit, and nothing at all without one', () => {
  startClock();
  const files = new SmallFiles(2000);
  add(files, 'a', file(977));
  expect(keeps(files, 'a')).toBe(false);
  add(files, 'a', file(976));
  expect(keeps(files, 'a')).toBe(true);
  const none = new SmallFiles(0);
  add(none, 'a', file(0));
  expect(keeps(none, 'a')).toBe(false);
});

test('keeps no file that is too large to be read at once', () => {
  startClock();
  const files = new SmallFiles(10_000);
  add(files, 'a', { ...file(), content: new FileStream(new OpenDescriptor(-1, () => undefined), 0, 3) });
  expect(keeps(files, 'a')).toBe(false);
});

test('answers with headers of its own each time', () => {
  startClock();
  const files = new SmallFiles(10_000);
  const headers = new Headers({ ETag: '"a"' });
  files.add('a', file(), headers);
  headers.set('ETag', '"changed"');
  files.get('a', statsOf())?.headers.set('ETag', '"changed"');
  expect(files.get('a', statsOf())?.headers.get('etag')).toBe('"a"');
});

test('keeps no more of a shared buffer than the file', () => {
  startClock();
  const files = new SmallFiles(10_000);
  add(files, 'a', { ...file(), content: Buffer.alloc(8192, 'abc').subarray(3, 6) });
  const body = files.get('a', statsOf())?.body as Uint8Array;
  expect([Buffer.from(body).toString(), body.buffer.byteLength]).toEqual(['abc', 3]);
});

test('keeps no more of a request target than the path', () => {
  startClock();
  const files = new SmallFiles(10_000_000);
  const pathOf = (i: number): string => cutOut(`file/with-a-long-name-${String(i)}`);
  const stats = statsOf();
  const opened = file(0, stats);
  const headers = new Headers();
  const bytes = bytesKeptBy(() => {
    for (let i = 0; i < 1000; i++) {
      files.add(pathOf(i), opened, headers);
      files.get(pathOf(i), stats);
    }
  });
  expect(bytes).toBeLessThan(2_000_000);
  expect(keeps(files, pathOf(0))).toBe(true);
});
