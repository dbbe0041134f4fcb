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
import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { holdLock, LockHeld, type LockTerms } from '../../src/files/file-lock.js';
import { TestFolder } from '../support/folder.js';
import { deferred } from '../support/serve.js';

const TERMS: LockTerms = { patience: 5000, interval: 1 };
const OWNER = `process ${process.pid} on ${hostname()}`;
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

/** The lock as another program sees it: one of another spelling is not in the queue of this process. */
function asElsewhere(place: number): string {
  return `${folder.path}/${'./'.repeat(place)}lock`;
}

test('is there while the work is done, for its owner alone, and gone afterwards', async () => {
  const seen = await holdLock(
    lock,
    async () => [readFileSync(lock, 'utf8'), (statSync(lock).mode & 0o777).toString(8)],
    TERMS,
  );
  expect(seen).toEqual([OWNER, '600']);
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
  await Promise.all(Array.from({ length: 20 }, (_, i) => holdLock(asElsewhere(i), work, TERMS)));
  expect([most, existsSync(lock)]).toEqual([1, false]);
});

test('that is held for too long is a failure, and stays', async () => {
  writeFileSync(lock, 'another');
  const work = jest.fn(() => Promise.resolve());
  await expect(holdLock(lock, work, { ...TERMS, patience: 5 })).rejects.toEqual(
    new LockHeld(lock, 'another'),
  );
  expect([work.mock.calls.length, readFileSync(lock, 'utf8')]).toEqual([0, 'another']);
});

test.each([
  ['process 12 on a-machine.example', 'process 12 on a-machine.example'],
  ['a\x1b[2Jline', 'another program'],
  ['', 'another program'],
])('that says %j is held by %s', async (text, owner) => {
  writeFileSync(lock, text);
  const failure = await holdLock(lock, () => Promise.resolve(), { ...TERMS, patience: 0 }).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({
    code: 'EEXIST',
    message: `${lock} is held by ${owner}; remove it if that one has ended.`,
  });
});

test('lets callers of this process in in their order', async () => {
  const order: number[] = [];
  const work = (number: number) => async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    order.push(number);
  };
  // The one that fails keeps no other from its turn.
  const failing = holdLock(lock, () => Promise.reject(new RangeError('on purpose')), TERMS);
  const turns = [1, 2, 3, 4, 5].map((number) => holdLock(lock, work(number), { ...TERMS, patience: 0 }));
  await expect(failing).rejects.toThrow(RangeError);
  await Promise.all(turns);
  expect(order).toEqual([1, 2, 3, 4, 5]);
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
    await Promise.all(Array.from({ length: 20 }, (_, i) => holdLock(asElsewhere(i), work, OLD)));
    expect([most, readdirSync(folder.path)]).toEqual([1, []]);
  });

  test('is never broken otherwise', async () => {
    const work = () => Promise.resolve();
    await expect(holdLock(lock, work, { ...TERMS, patience: 5 })).rejects.toEqual(
      new LockHeld(lock, 'another'),
    );
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
