/** Slots: how much runs at once, how much waits, and who is turned away. */
import { expect, test } from '@jest/globals';
import { Slots } from '../../../src/features/processes/slots.js';
import { httpError } from '../../support/errors.js';

test('so many places are taken at once, and who waits comes in the order of asking', async () => {
  const slots = new Slots(2, 8);
  const taken: number[] = [];
  const all = [0, 1, 2, 3, 4].map((i) => slots.take().then(() => taken.push(i)));
  await Promise.all(all.slice(0, 2));
  expect(taken).toEqual([0, 1]);
  slots.release();
  await all[2];
  expect(taken).toEqual([0, 1, 2]);
  slots.release();
  slots.release();
  await Promise.all(all);
  expect(taken).toEqual([0, 1, 2, 3, 4]);
});

test('when all places are taken, in the queue too, the next is turned away with 503', async () => {
  const slots = new Slots(1, 1, 'Too many log-ins at once');
  await slots.take();
  const second = slots.take();
  await expect(slots.take()).rejects.toThrow(httpError(503, 'Too many log-ins at once'));
  slots.release();
  await second;
});

test('a place that was given back is free at once', async () => {
  const slots = new Slots(1, 0);
  await slots.take();
  expect(slots.takeNow()).toBe(false);
  slots.release();
  expect(slots.takeNow()).toBe(true);
});
