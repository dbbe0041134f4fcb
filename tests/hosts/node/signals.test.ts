import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { closeOnSignals } from '../../../src/hosts/node/signals.js';

const exit = jest
  .spyOn(process, 'exit')
  .mockImplementation((() => undefined) as unknown as typeof process.exit);

const before = process.listeners('SIGTERM');

afterAll(() => {
  exit.mockRestore();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    for (const listener of process.listeners(name))
      if (!before.includes(listener)) process.off(name, listener);
  }
});

/** What the process does at a signal, called without one: other listeners of the process shall not hear of it. */
function signal(): void {
  const listener = process.listeners('SIGTERM').at(-1);
  listener?.('SIGTERM');
}

describe('a signal', () => {
  test('closes every server, and ends the process with 0 after the last; another one ends it at once', async () => {
    const closed: string[] = [];
    let finish: (() => void) | undefined;
    const forget = closeOnSignals(() => {
      closed.push('first');
      return Promise.reject(new Error('broken'));
    });
    closeOnSignals(() => {
      closed.push('second');
      return new Promise((resolve) => (finish = resolve));
    });
    signal();
    expect(closed).toEqual(['first', 'second']);
    forget();
    await new Promise((resolve) => setImmediate(resolve));
    expect(exit).not.toHaveBeenCalled();
    signal();
    expect(exit.mock.calls[0]).toEqual([1]);
    exit.mockClear();
    finish?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(exit.mock.calls.at(-1)).toEqual([0]);
  });
});
