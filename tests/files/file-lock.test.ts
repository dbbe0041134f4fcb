/** Lock files: who waits, for how long, and whose lock is never taken away. */
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { holdLock, LockHeld, type LockTerms } from '../../src/files/file-lock.js';
import { TestFolder } from '../support/folder.js';
import { deferred } from '../support/serve.js';

const TERMS: LockTerms = { patience: 5000, interval: 1 };
const OLD = { ...TERMS, leftBehind: 60_000 };

let folder: TestFolder;
let lock: string;

beforeEach(() => {
  folder = new TestFolder();
  lock = `${folder.path}/lock`;
});

afterEach(() => {
  folder.remove();
});

test('is there while the work is done, for its owner alone, and gone afterwards', async () => {
  const seen = await holdLock(
    lock,
    async () => [readFileSync(lock, 'utf8'), (statSync(lock).mode & 0o777).toString(8)],
    { ...TERMS, owner: 'me' },
  );
  expect(seen).toEqual(['me', '600']);
  expect(readdirSync(folder.path)).toEqual([]);
});

test('goes when the work fails, too', async () => {
  const work = () => Promise.reject(new RangeError('on purpose'));
  await expect(holdLock(lock, work, TERMS)).rejects.toThrow(RangeError);
  expect(existsSync(lock)).toBe(false);
});

test('lets one after another in, however many ask at once', async () => {
  let [inside, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  await Promise.all(Array.from({ length: 20 }, () => holdLock(lock, work, TERMS)));
  expect([most, existsSync(lock)]).toEqual([1, false]);
});

test('that is held for too long is a failure, and stays', async () => {
  writeFileSync(lock, 'another');
  const work = jest.fn(() => Promise.resolve());
  await expect(holdLock(lock, work, { ...TERMS, patience: 5 })).rejects.toEqual(new LockHeld(lock));
  expect([work.mock.calls.length, readFileSync(lock, 'utf8')]).toEqual([0, 'another']);
});

test('where there can be no file is a failure at once', async () => {
  const work = () => Promise.resolve();
  await expect(holdLock(`${lock}/none`, work, TERMS)).rejects.toMatchObject({ code: 'ENOENT' });
});

describe('a lock that looks left behind', () => {
  beforeEach(() => {
    writeFileSync(lock, 'another');
    utimesSync(lock, 1, 1);
  });

  test('is broken where that is said', async () => {
    expect(await holdLock(lock, () => Promise.resolve('done'), OLD)).toBe('done');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test('is broken by one of many, who still come one after another', async () => {
    let [inside, most] = [0, 0];
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    };
    await Promise.all(Array.from({ length: 20 }, () => holdLock(lock, work, OLD)));
    expect([most, readdirSync(folder.path)]).toEqual([1, []]);
  });

  test('is never broken otherwise', async () => {
    const work = () => Promise.resolve();
    await expect(holdLock(lock, work, { ...TERMS, patience: 5 })).rejects.toEqual(new LockHeld(lock));
  });
});

test('one who took too long leaves the lock of the next alone', async () => {
  const [begun, gate] = [deferred(), deferred()];
  const work = () => {
    begun.resolve();
    return gate.promise;
  };
  const slow = holdLock(lock, work, TERMS);
  await begun.promise;
  renameSync(lock, `${lock}.broken`);
  writeFileSync(lock, 'the next');
  gate.resolve();
  await slow;
  expect(readFileSync(lock, 'utf8')).toBe('the next');
});
