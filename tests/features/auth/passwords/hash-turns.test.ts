/** Turns: how much runs at once, how much waits, and who is sent away. */
import { expect, test } from '@jest/globals';
import { Turns } from '../../../../src/features/auth/passwords/hash-turns.js';
import { httpError } from '../../../support/errors.js';
import { deferred } from '../../../support/serve.js';

test('so many run at once, and who waits comes in the order of asking', async () => {
  const turns = new Turns(2, 8);
  const gates = Array.from({ length: 5 }, () => deferred());
  const started: number[] = [];
  const done = gates.map(({ promise }, i) =>
    turns.take(async () => {
      started.push(i);
      await promise;
      return i;
    }),
  );
  expect(started).toEqual([0, 1]);
  gates[1]?.resolve();
  await done[1];
  expect(started).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  expect(await Promise.all(done)).toEqual([0, 1, 2, 3, 4]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

test('when all places are taken, the next is sent away with 503', async () => {
  const turns = new Turns(1, 1);
  const gate = deferred();
  const first = turns.take(() => gate.promise);
  const second = turns.take(async () => 'second');
  await expect(turns.take(async () => 'third')).rejects.toThrow(httpError(503, 'Too many log-ins at once'));
  gate.resolve();
  await first;
  expect(await second).toBe('second');
});

test('work that fails gives its place back', async () => {
  const turns = new Turns(1, 0);
  await expect(turns.take(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await turns.take(async () => 'next')).toBe('next');
});
