import { describe, expect, test } from '@jest/globals';
import { figuresOf, FormProgress, UNREAD, type FormReading } from '../../src/body/progress.js';

function begun(total?: number): FormReading {
  return { ...UNREAD, state: 'running', total, began: performance.now() };
}

/** What a reader writes when more has arrived. */
function advance(reading: FormReading, bytes: number): void {
  reading.received += bytes;
  reading.now = performance.now();
  reading.onChange?.();
}

function end(reading: FormReading, state: 'complete' | 'failed'): void {
  reading.state = state;
  reading.onChange?.();
}

/** Everything that a follower is given, as `received` figures. */
async function follow(progress: FormProgress): Promise<number[]> {
  const taken: number[] = [];
  for await (const { received } of progress) taken.push(received);
  return taken;
}

describe('the figures', () => {
  test('are what has arrived, of what, how fast, and the last file', () => {
    const reading = { ...begun(10), filename: 'a.txt', received: 4, began: 1000, now: 3000 };
    expect(figuresOf(reading)).toEqual({ received: 4, total: 10, rate: 2, filename: 'a.txt' });
  });

  test('have a finite rate from the first byte on', () => {
    const reading = begun();
    advance(reading, 5);
    const { rate } = figuresOf({ ...reading, now: reading.began });
    expect(rate).toBe(5000);
  });
});

describe('the latest figures', () => {
  test('are undefined before the first byte', () => {
    expect(new FormProgress(begun(10)).latest).toBeUndefined();
  });

  test('have no total when the client named none', () => {
    const reading = begun();
    advance(reading, 1);
    const { latest } = new FormProgress(reading);
    expect(latest).toEqual({ received: 1, total: undefined, rate: expect.any(Number), filename: undefined });
  });
});

test('the state is that of the reading', () => {
  const reading = { ...UNREAD };
  const progress = new FormProgress(reading);
  const states = [progress.state];
  reading.state = 'running';
  expect([...states, progress.state]).toEqual(['waiting', 'running']);
});

describe('a follower', () => {
  test('gets the figures as they come, and ends with the form', async () => {
    const reading = begun(10);
    const iterator = new FormProgress(reading)[Symbol.asyncIterator]();
    const first = iterator.next();
    advance(reading, 4);
    expect((await first).value).toMatchObject({ received: 4, total: 10 });
    const second = iterator.next();
    advance(reading, 6);
    expect((await second).value).toMatchObject({ received: 10 });
    const third = iterator.next();
    end(reading, 'complete');
    expect(await third).toEqual({ done: true, value: undefined });
  });

  test('that is slow misses figures, but never the last', async () => {
    const reading = begun(10);
    const progress = new FormProgress(reading);
    for (let i = 0; i < 10; i++) advance(reading, 1);
    end(reading, 'complete');
    expect(await follow(progress)).toEqual([10]);
  });

  test('that comes late gets what has arrived before', async () => {
    const reading = begun(10);
    advance(reading, 3);
    const followed = follow(new FormProgress(reading));
    advance(reading, 4);
    await Promise.resolve();
    end(reading, 'complete');
    expect((await followed).at(-1)).toBe(7);
  });

  test('ends when the form failed', async () => {
    const reading = begun(10);
    const followed = follow(new FormProgress(reading));
    advance(reading, 3);
    await Promise.resolve();
    end(reading, 'failed');
    expect(await followed).toEqual([3]);
  });

  test('of a form that is never read ends with the request', async () => {
    const progress = new FormProgress({ ...UNREAD });
    const followed = follow(progress);
    progress.abandon();
    expect(await followed).toEqual([]);
  });

  test('is one of any number', async () => {
    const reading = begun(2);
    const progress = new FormProgress(reading);
    const both = Promise.all([follow(progress), follow(progress)]);
    advance(reading, 2);
    end(reading, 'complete');
    expect(await both).toEqual([[2], [2]]);
  });
});
