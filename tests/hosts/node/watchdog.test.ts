import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Exchange } from '../../../src/hosts/node/exchange.js';
import { Watchdog } from '../../../src/hosts/node/watchdog.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const LIMITS = {
  readTimeout: 10_000,
  bodyGrace: 20_000,
  bodyMinRate: 500,
  handlerTimeout: 30_000,
  writeTimeout: 60_000,
};

/** As much of an exchange as the watchdog looks at. */
function exchange(): {
  outgoing: { destroyed: boolean; writableFinished: boolean; headersSent: boolean };
  request: { readTimeout: number | undefined };
} & Exchange {
  const socket = { bytesRead: 0, bytesWritten: 0, writableLength: 0, destroy: jest.fn() };
  return {
    hasBody: false,
    slot: -1,
    request: { readTimeout: undefined },
    incoming: { complete: true, socket },
    outgoing: { destroyed: false, writableFinished: false, headersSent: false },
  } as unknown as ReturnType<typeof exchange>;
}

/** An exchange whose handler waits for more of the body. */
function uploading(): { readonly incoming: { socket: { bytesRead: number } } } & ReturnType<typeof exchange> {
  const uploads = exchange();
  const reading = { complete: false, readableFlowing: true, readableLength: 0, readableHighWaterMark: 1 };
  Object.assign(uploads, { hasBody: true });
  Object.assign(uploads.incoming, reading);
  return uploads;
}

describe('the watchdog', () => {
  test('gives up a handler once, when its time is over', () => {
    const giveUp = jest.fn();
    const watchdog = new Watchdog(LIMITS, giveUp);
    const watched = exchange();
    watchdog.watch(watched);
    jest.advanceTimersByTime(31_000);
    expect(giveUp).not.toHaveBeenCalled();
    jest.advanceTimersByTime(2000);
    expect(giveUp.mock.calls).toEqual([[watched, 503]]);
    jest.advanceTimersByTime(60_000);
    expect(giveUp).toHaveBeenCalledTimes(1);
    watchdog.stop();
  });

  test.each([
    ['when it is watched', false],
    ['later, as one inside another may', true],
  ])('keeps the shorter limit of an application that adopts a request %s', (_, isLate) => {
    const giveUp = jest.fn();
    const watchdog = new Watchdog({ ...LIMITS, bodyGrace: 0 }, giveUp);
    const watched = uploading();
    const adopt = (): void => void (watched.request.readTimeout = 100);
    if (!isLate) adopt();
    watchdog.watch(watched);
    jest.advanceTimersByTime(isLate ? 2000 : 0);
    adopt();
    const start = Date.now();
    while (giveUp.mock.calls.length === 0 && Date.now() < start + 5000) jest.advanceTimersByTime(5);
    // One look in the old rhythm may pass before the new one begins.
    expect(Date.now() - start).toBeLessThan(isLate ? 1200 : 200);
    expect(giveUp).toHaveBeenCalledWith(watched, 408);
    watchdog.stop();
  });

  test('gives up a body that stands still, however fast it came before', () => {
    const giveUp = jest.fn();
    const watchdog = new Watchdog(LIMITS, giveUp);
    const watched = uploading();
    watchdog.watch(watched);
    jest.advanceTimersByTime(2000);
    watched.incoming.socket.bytesRead = 10_000_000;
    jest.advanceTimersByTime(10_000);
    expect(giveUp).not.toHaveBeenCalled();
    jest.advanceTimersByTime(2000);
    expect(giveUp.mock.calls).toEqual([[watched, 408]]);
    watchdog.stop();
  });

  test.each([
    ['leaves a handler alone that takes the body slower than it comes', false, 0],
    ['gives up a handler that takes none of the body that comes', null, 1],
  ])('%s', (_, readableFlowing, times) => {
    const giveUp = jest.fn();
    const watchdog = new Watchdog(LIMITS, giveUp);
    const watched = uploading();
    Object.assign(watched.incoming, { readableFlowing, readableLength: 1 });
    watchdog.watch(watched);
    for (let second = 0; second < 60; second++) {
      watched.incoming.socket.bytesRead += 1000;
      jest.advanceTimersByTime(1000);
    }
    expect(giveUp).toHaveBeenCalledTimes(times);
    watchdog.stop();
  });

  test('leaves a body alone that stands still where that is allowed', () => {
    const giveUp = jest.fn();
    const watchdog = new Watchdog({ ...LIMITS, readTimeout: 0, bodyMinRate: 0 }, giveUp);
    watchdog.watch(uploading());
    jest.advanceTimersByTime(100_000);
    expect(giveUp).not.toHaveBeenCalled();
    watchdog.stop();
  });

  test.each(['destroyed', 'writableFinished'] as const)('forgets an exchange that is %s', (state) => {
    const giveUp = jest.fn();
    const watchdog = new Watchdog(LIMITS, giveUp);
    const watched = exchange();
    watchdog.watch(watched);
    watched.outgoing[state] = true;
    jest.advanceTimersByTime(60_000);
    expect(giveUp).not.toHaveBeenCalled();
    watchdog.stop();
  });

  test('leaves released exchanges alone', () => {
    const giveUp = jest.fn();
    const watchdog = new Watchdog(LIMITS, giveUp);
    const watched = exchange();
    watchdog.watch(watched);
    watchdog.release(watched);
    jest.advanceTimersByTime(60_000);
    expect(giveUp).not.toHaveBeenCalled();
    watchdog.stop();
  });

  test('has one timer, and none once it stopped', () => {
    const watchdog = new Watchdog(LIMITS, () => undefined);
    expect(jest.getTimerCount()).toBe(0);
    for (let i = 0; i < 3; i++) watchdog.watch(exchange());
    expect(jest.getTimerCount()).toBe(1);
    watchdog.stop();
    expect(jest.getTimerCount()).toBe(0);
  });
});
