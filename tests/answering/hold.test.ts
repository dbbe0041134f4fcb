/** What a controller of a request waits for before it is called. */
import { expect, test } from '@jest/globals';
import { callWhenReady, hold } from '../../src/answering/hold.js';
import { request } from '../../src/hosts/testing/request.js';
import { deferred } from '../support/serve.js';

test('calls at once where nothing holds the request', () => {
  expect(callWhenReady(request('/'), () => 'called')).toBe('called');
});

test('calls when the promise is fulfilled, and from then on at once', async () => {
  const req = request('/');
  const { promise, resolve } = deferred();
  hold(req, promise);
  const calls: string[] = [];
  const call = callWhenReady(req, () => calls.push('called'));
  await Promise.resolve();
  expect(calls).toEqual([]);
  resolve();
  expect(await call).toBe(1);
  expect(callWhenReady(req, () => 'again')).toBe('again');
});

test('waits for all that hold it, those that come later too', async () => {
  const req = request('/');
  const [first, second] = [deferred(), deferred()];
  hold(req, first.promise);
  const calls: string[] = [];
  const early = callWhenReady(req, () => calls.push('early'));
  hold(req, second.promise);
  const late = callWhenReady(req, () => calls.push('late'));
  first.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toEqual([]);
  second.resolve();
  await Promise.all([early, late]);
  expect(calls.sort()).toEqual(['early', 'late']);
});

test('does not call when one is rejected, and rejects with the same', async () => {
  const req = request('/');
  hold(req, Promise.reject(new RangeError('gone')));
  await expect(Promise.resolve(callWhenReady(req, () => 'called'))).rejects.toThrow(new RangeError('gone'));
  await expect(Promise.resolve(callWhenReady(req, () => 'called'))).rejects.toThrow(new RangeError('gone'));
});

test('a rejection that nobody waits for is nobody’s crash', async () => {
  const rejections: unknown[] = [];
  const note = (error: unknown): void => void rejections.push(error);
  process.on('unhandledRejection', note);
  hold(request('/'), Promise.reject(new RangeError('gone')));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(rejections).toEqual([]);
});

test('what one application waits for holds no controller of another', async () => {
  const outer = request('/');
  const inner = outer.below().adopt({ within: (settings) => settings });
  hold(inner, Promise.reject(new Error('no store')));
  await expect(callWhenReady(inner, () => 'inner')).rejects.toThrow('no store');
  expect(callWhenReady(outer, () => 'outer')).toBe('outer');
});
