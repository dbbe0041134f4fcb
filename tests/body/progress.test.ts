import { describe, expect, test } from '@jest/globals';
import { FormProgress, type UploadProgress } from '../../src/body/progress.js';

function begun(total?: number, report?: (progress: UploadProgress) => void): FormProgress {
  const progress = new FormProgress();
  progress.begin(total, report);
  return progress;
}

/** Everything that a follower is given, as `received` figures. */
async function follow(progress: FormProgress): Promise<number[]> {
  const taken: number[] = [];
  for await (const { received } of progress) taken.push(received);
  return taken;
}

describe('the callback', () => {
  test('is told the sum of what arrives', () => {
    const seen: UploadProgress[] = [];
    const progress = begun(10, (figures) => seen.push(figures));
    progress.advance(4);
    progress.beginFile('a.txt');
    progress.advance(6);
    expect(seen).toEqual([
      { received: 4, total: 10, rate: expect.any(Number), filename: undefined },
      { received: 10, total: 10, rate: expect.any(Number), filename: 'a.txt' },
    ]);
  });

  test('is told a finite rate from the first byte on', () => {
    const rates: number[] = [];
    const progress = begun(undefined, ({ rate }) => rates.push(rate));
    progress.advance(5);
    progress.advance(5);
    for (const rate of rates) expect(rate > 0 && rate <= 10_000).toBe(true);
  });

  test('may throw, and the reader hears of it', () => {
    const progress = begun(1, () => {
      throw new RangeError('no');
    });
    expect(() => {
      progress.advance(1);
    }).toThrow(new RangeError('no'));
  });
});

describe('the latest figures', () => {
  test('are undefined before the first byte', () => {
    expect(begun(10).latest).toBeUndefined();
  });

  test('have no total when the client named none', () => {
    const progress = begun();
    progress.advance(1);
    expect(progress.latest).toEqual({
      received: 1,
      total: undefined,
      rate: expect.any(Number),
      filename: undefined,
    });
  });
});

test.each(['complete', 'failed'] as const)('the state goes from waiting over running to %s', (end) => {
  const progress = new FormProgress();
  const states = [progress.state];
  progress.begin(1);
  states.push(progress.state);
  progress.end(end);
  states.push(progress.state);
  progress.end(end === 'failed' ? 'complete' : 'failed');
  expect([...states, progress.state]).toEqual(['waiting', 'running', end, end]);
});

describe('a follower', () => {
  test('gets the figures as they come, and ends with the form', async () => {
    const progress = new FormProgress();
    const iterator = progress[Symbol.asyncIterator]();
    const first = iterator.next();
    progress.begin(10);
    progress.advance(4);
    expect((await first).value).toMatchObject({ received: 4, total: 10 });
    const second = iterator.next();
    progress.advance(6);
    expect((await second).value).toMatchObject({ received: 10 });
    const third = iterator.next();
    progress.end('complete');
    expect(await third).toEqual({ done: true, value: undefined });
  });

  test('that is slow misses figures, but never the last', async () => {
    const progress = begun(10);
    for (let i = 0; i < 10; i++) progress.advance(1);
    progress.end('complete');
    expect(await follow(progress)).toEqual([10]);
  });

  test('ends when the form failed', async () => {
    const progress = begun(10);
    const followed = follow(progress);
    progress.advance(3);
    await Promise.resolve();
    progress.end('failed');
    expect(await followed).toEqual([3]);
  });

  test('is one of any number', async () => {
    const progress = begun(2);
    const both = Promise.all([follow(progress), follow(progress)]);
    progress.advance(2);
    progress.end('complete');
    expect(await both).toEqual([[2], [2]]);
  });
});
