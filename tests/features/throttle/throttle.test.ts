/** Who has to wait, for how long, and who has not. */
import { describe, expect, test } from '@jest/globals';
import { bootstrap, Controller, HttpError, Post, type Request } from 'obol';
import { request, TestClient } from 'obol/testing';
import {
  memoryThrottleStore,
  Throttle,
  type Attempt,
  type ThrottleOptions,
  type ThrottleStore,
} from 'obol/throttle';
import { developerError } from '../../support/errors.js';
import { deferred } from '../../support/serve.js';
import { laterStore } from './later-store.js';

const MINUTE = 60_000;
const SMITH: Attempt = { account: 'smith', address: '192.0.2.7' };

function throttleOf(options: ThrottleOptions = {}) {
  const clock = { time: 0 };
  return { clock, throttle: new Throttle({ now: () => clock.time, ...options }) };
}

function from(address: string): Request {
  return request('/login', { method: 'POST', remoteAddress: address });
}

const HOME = from('192.0.2.7');

/** What it gave, or the status and Retry-After of what it threw. */
async function outcome<T>(work: () => T | Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const wait = error.headers['Retry-After'];
    return `${String(error.status)}${wait === undefined ? '' : ` after ${String(wait)}`}`;
  }
}

/** Why an attempt would not be looked at. */
async function refusal(throttle: Throttle, attempt: Attempt): Promise<string | undefined> {
  const answer = await outcome(() => throttle.check(attempt));
  return typeof answer === 'string' ? answer : undefined;
}

/** Fails so often, one after the other. */
async function fail(throttle: Throttle, times: number, as: Attempt = SMITH): Promise<void> {
  for (let i = 0; i < times; i++) await outcome(() => throttle.fail(as));
}

describe('check and fail', () => {
  test.each<[failures: number, outcome: string | undefined]>([
    [0, undefined],
    [4, undefined],
    [5, '429 after 900'],
    [9, '429 after 900'],
  ])('after %i failures: %s', async (failures, expected) => {
    const { throttle } = throttleOf();
    await fail(throttle, failures);
    expect(await refusal(throttle, SMITH)).toBe(expected);
  });

  test.each<[Attempt, string | undefined]>([
    [{ account: ' SMITH ', address: '192.0.2.7' }, '429 after 900'],
    [{ account: 'smith', address: '198.51.100.1' }, undefined],
    [{ account: 'smith' }, undefined],
    [{ account: 'jones', address: '192.0.2.7' }, undefined],
    [{ address: '192.0.2.7' }, undefined],
    [{}, undefined],
  ])('who failed five times is blocked there and as that account: %j is %s', async (attempt, expected) => {
    const { throttle } = throttleOf();
    await fail(throttle, 5);
    expect(await refusal(throttle, attempt)).toBe(expected);
  });

  test.each<[failures: number, account: string, outcome: string | undefined]>([
    [99, 'smith', undefined],
    [100, 'smith', '429 after 900'],
    [100, 'jones', undefined],
  ])('after %i failures as smith from as many addresses, %s: %s', async (failures, account, expected) => {
    const { throttle } = throttleOf();
    for (let i = 0; i < failures; i++)
      await throttle.fail({ account: 'smith', address: `10.0.0.${String(i)}` });
    expect(await refusal(throttle, { account, address: '198.51.100.1' })).toBe(expected);
    expect(await refusal(throttle, { account })).toBe(expected);
  });

  test.each<[failures: number, address: string, outcome: string | undefined]>([
    [19, '2001:db8::1', undefined],
    [20, '2001:db8::1', '429 after 900'],
    [20, '2001:db8::ffff:0:0:1', '429 after 900'],
    [20, '2001:db8:0:1::1', undefined],
    [20, '192.0.2.7', undefined],
    [20, '', undefined],
  ])('after %i failures with as many accounts, %j: %s', async (failures, address, expected) => {
    const { throttle } = throttleOf();
    for (let i = 0; i < failures; i++)
      await throttle.fail({ account: `name ${String(i)}`, address: `2001:db8::${i.toString(16)}` });
    expect(await refusal(throttle, { account: 'smith', address })).toBe(expected);
  });

  test.each<[at: number, outcome: string | undefined]>([
    [0, '429 after 900'],
    [1, '429 after 900'],
    [1000, '429 after 899'],
    [15 * MINUTE - 1, '429 after 1'],
    [15 * MINUTE, undefined],
  ])('%i milliseconds after the block began: %s', async (at, expected) => {
    const { clock, throttle } = throttleOf();
    await fail(throttle, 4);
    clock.time = 10 * MINUTE;
    await fail(throttle, 1);
    clock.time += at;
    expect(await refusal(throttle, SMITH)).toBe(expected);
  });

  test('failures before the window count for nothing', async () => {
    const { clock, throttle } = throttleOf();
    await fail(throttle, 4);
    clock.time = 15 * MINUTE;
    await fail(throttle, 4);
    expect(await refusal(throttle, SMITH)).toBeUndefined();
    await fail(throttle, 1);
    expect(await refusal(throttle, SMITH)).toBe('429 after 900');
  });

  test('who does not wait is not blocked for longer', async () => {
    const { clock, throttle } = throttleOf();
    await fail(throttle, 5);
    clock.time = 14 * MINUTE;
    await fail(throttle, 100);
    expect(await refusal(throttle, SMITH)).toBe('429 after 60');
  });

  test('after the block, all failures are to be had again', async () => {
    const { clock, throttle } = throttleOf();
    await fail(throttle, 5);
    clock.time = 15 * MINUTE;
    await fail(throttle, 4);
    expect(await refusal(throttle, SMITH)).toBeUndefined();
  });

  test('a success clears the account there, and neither the address nor the account elsewhere', async () => {
    const { throttle } = throttleOf({ addressFailures: 6, accountFailures: 6 });
    await fail(throttle, 4);
    await throttle.succeed(SMITH);
    await fail(throttle, 1);
    expect(await refusal(throttle, SMITH)).toBeUndefined();
    await fail(throttle, 1);
    expect(await refusal(throttle, { account: 'smith' })).toBe('429 after 900');
    expect(await refusal(throttle, { address: '192.0.2.7' })).toBe('429 after 900');
  });

  test.each<[remaining: number, message: string]>([
    [1, 'There were too many failures; try again in 1 second'],
    [1001, 'There were too many failures; try again in 2 seconds'],
    [119_000, 'There were too many failures; try again in 119 seconds'],
    [120_000, 'There were too many failures; try again in 2 minutes'],
    [120_001, 'There were too many failures; try again in 3 minutes'],
  ])('with %i milliseconds left it says so', async (remaining, message) => {
    const { clock, throttle } = throttleOf({ failures: 1, block: 200 });
    await throttle.fail(SMITH);
    clock.time = 200_000 - remaining;
    expect(() => throttle.check(SMITH)).toThrow(message);
  });
});

describe('attempt', () => {
  test.each<[result: unknown, failures: number]>([
    [true, 0],
    [{ name: 'smith' }, 0],
    ['', 0],
    [0, 0],
    [false, 1],
    [null, 1],
    [undefined, 1],
  ])('gives %j, which is %i failures', async (result, failures) => {
    const store = memoryThrottleStore();
    const throttle = new Throttle({ store });
    expect(await throttle.attempt(HOME, 'smith', () => result)).toBe(result);
    expect(await throttle.attempt(HOME, 'smith', async () => result)).toBe(result);
    expect(store.get('address:192.0.2.7')?.count ?? 0).toBe(2 * failures);
    expect(store.size).toBe(3 * failures);
  });

  test.each<[error: Error, failures: number]>([
    [new HttpError(401), 1],
    [new HttpError(403), 1],
    [new HttpError(499), 1],
    [new HttpError(500), 0],
    [new HttpError(503), 0],
    [new Error('the database is away'), 0],
  ])('passes on %s, which is %i failures', async (error, failures) => {
    const store = memoryThrottleStore();
    const throttle = new Throttle({ store });
    const verify = (): never => {
      throw error;
    };
    await expect(throttle.attempt(HOME, 'smith', verify)).rejects.toBe(error);
    await expect(throttle.attempt(HOME, 'smith', () => Promise.reject(error))).rejects.toBe(error);
    expect(store.get('address:192.0.2.7')?.count ?? 0).toBe(2 * failures);
  });

  test('refuses the sixth without asking, right or wrong, until the block is over', async () => {
    const { clock, throttle } = throttleOf();
    let asked = 0;
    const login = (password: string): Promise<unknown> =>
      outcome(() => throttle.attempt(HOME, 'smith', () => (asked++, password === 'right')));
    const wrong = [];
    for (let i = 0; i < 7; i++) wrong.push(await login('wrong'));
    expect(wrong).toEqual([false, false, false, false, false, '429 after 900', '429 after 900']);
    expect(await login('right')).toBe('429 after 900');
    clock.time = 15 * MINUTE - 1;
    expect(await login('right')).toBe('429 after 1');
    expect(asked).toBe(5);
    clock.time = 15 * MINUTE;
    expect(await login('right')).toBe(true);
    expect(asked).toBe(6);
  });

  test('counts a success as if there had been no failure', async () => {
    const { throttle } = throttleOf({ addressFailures: 1000, accountFailures: 1000 });
    const results: unknown[] = [];
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 4; i++) results.push(await throttle.attempt(HOME, 'smith', () => false));
      results.push(await throttle.attempt(HOME, 'smith', () => true));
    }
    expect(results.filter((result) => result === true)).toHaveLength(20);
  });

  test('does not let an own account buy guesses at others', async () => {
    const { throttle } = throttleOf();
    let guesses = 0;
    for (let i = 0; i < 100; i++) {
      await outcome(() => throttle.attempt(HOME, `victim ${String(i)}`, () => (guesses++, false)));
      await outcome(() => throttle.attempt(HOME, 'own', () => true));
    }
    expect(guesses).toBe(20);
  });

  test('what is refused for the account does not count for the address, nor the other way round', async () => {
    const store = memoryThrottleStore();
    const throttle = new Throttle({ store, addressFailures: 7 });
    for (let i = 0; i < 50; i++) await outcome(() => throttle.attempt(HOME, 'smith', () => false));
    expect(store.get('address:192.0.2.7')?.count).toBe(5);
    for (let i = 0; i < 50; i++) await outcome(() => throttle.attempt(HOME, 'jones', () => false));
    expect(store.get('address:192.0.2.7')?.count).toBe(7);
    await throttle.check({ account: 'jones', address: '192.0.2.8' });
  });

  test('without an address, counts the account alone', async () => {
    const { throttle } = throttleOf();
    for (let i = 0; i < 100; i++)
      expect(await throttle.attempt(from(''), String(i), () => false)).toBe(false);
    for (let i = 0; i < 5; i++) await throttle.attempt(from(''), 'smith', () => false);
    expect(await outcome(() => throttle.attempt(from(''), 'smith', () => true))).toBe('429 after 900');
  });

  test('10,000 addresses, each wrong once, block nobody and stay within bounds', async () => {
    const store = memoryThrottleStore();
    const throttle = new Throttle({ store });
    for (let i = 0; i < 10_001; i++)
      await throttle.attempt(
        from(`10.1.${String(i >> 8)}.${String(i & 255)}`),
        `name ${String(i)}`,
        () => false,
      );
    expect(store.size).toBe(10_000);
    expect(await throttle.attempt(HOME, 'smith', () => true)).toBe(true);
  });

  test('10,000 addresses that guess at one account have a hundred guesses together', async () => {
    const { throttle } = throttleOf();
    let guesses = 0;
    for (let i = 0; i < 10_000; i++)
      await outcome(() =>
        throttle.attempt(
          from(`10.1.${String(i >> 8)}.${String(i & 255)}`),
          'smith',
          () => (guesses++, false),
        ),
      );
    expect(guesses).toBe(100);
  });
});

describe.each<[string, () => ThrottleStore]>([
  ['in memory', () => memoryThrottleStore()],
  ['in a store that answers later', laterStore],
])('many attempts at once, counted %s', (_, create) => {
  test('are no more than one after another', async () => {
    const throttle = new Throttle({ store: create() });
    const verified = deferred();
    let asked = 0;
    const attempts = Array.from({ length: 100 }, () =>
      outcome(() => throttle.attempt(HOME, 'smith', () => (asked++, verified.promise.then(() => false)))),
    );
    const refused = await Promise.all(attempts.slice(5));
    expect(new Set(refused)).toEqual(new Set(['429 after 1']));
    expect(asked).toBe(5);
    verified.resolve();
    expect(await Promise.all(attempts.slice(0, 5))).toEqual([false, false, false, false, false]);
    expect(await outcome(() => throttle.attempt(HOME, 'smith', () => true))).toBe('429 after 900');
  });

  test('leave nothing behind when they were right', async () => {
    const store = create();
    const throttle = new Throttle({ store });
    const verified = deferred();
    const attempts = Array.from({ length: 8 }, () =>
      outcome(() => throttle.attempt(HOME, 'smith', () => verified.promise.then(() => true))),
    );
    await Promise.all(attempts.slice(5));
    verified.resolve();
    expect(await Promise.all(attempts.slice(0, 5))).toEqual([true, true, true, true, true]);
    expect(await store.get('address:192.0.2.7')).toBeUndefined();
    expect(await throttle.attempt(HOME, 'smith', () => true)).toBe(true);
  });

  test('one that breaks off gives its place back', async () => {
    const throttle = new Throttle({ store: create() });
    const broken = Promise.allSettled(
      Array.from({ length: 5 }, () =>
        throttle.attempt(HOME, 'smith', () => Promise.reject(new Error('the database is away'))),
      ),
    );
    await broken;
    expect(await throttle.attempt(HOME, 'smith', () => true)).toBe(true);
  });
});

describe('failures that are counted', () => {
  test('one too many is refused, and counts for nothing', async () => {
    const store = memoryThrottleStore();
    const throttle = new Throttle({ store, addressFailures: 7 });
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push(await outcome(() => throttle.fail(SMITH)));
    expect(answers).toEqual([...Array<undefined>(5), '429 after 900', '429 after 900']);
    expect(store.get('address:192.0.2.7')?.count).toBe(5);
    for (let i = 0; i < 3; i++)
      answers.push(await outcome(() => throttle.fail({ ...SMITH, account: 'jones' })));
    expect(answers.slice(7)).toEqual([undefined, undefined, '429 after 900']);
    expect(await refusal(throttle, { account: 'jones' })).toBeUndefined();
  });

  test('are told of by check, at once, as long as they may be cleared', () => {
    const { throttle } = throttleOf();
    expect(throttle.check(SMITH)).toBe(false);
    expect(throttle.fail({ address: '192.0.2.7' })).toBeUndefined();
    expect(throttle.check(SMITH)).toBe(false);
    expect(throttle.fail(SMITH)).toBeUndefined();
    expect(throttle.check(SMITH)).toBe(true);
    expect(throttle.succeed(SMITH)).toBeUndefined();
    expect(throttle.check(SMITH)).toBe(false);
  });

  test('in a store that answers later, are asked for in the order in which they come', async () => {
    const throttle = new Throttle({ failures: 3, store: laterStore() });
    const answers = await Promise.all([
      outcome(() => throttle.check(SMITH)),
      ...Array.from({ length: 2 }, () => outcome(() => throttle.fail(SMITH))),
      outcome(() => throttle.check(SMITH)),
      ...Array.from({ length: 2 }, () => outcome(() => throttle.fail(SMITH))),
      outcome(() => throttle.check(SMITH)),
    ]);
    const blocked = '429 after 900';
    expect(answers).toEqual([false, undefined, undefined, true, undefined, blocked, blocked]);
    await throttle.succeed(SMITH);
    expect(await throttle.check(SMITH)).toBe(false);
  });
});

test('an attempt gives its places back when one of them cannot be counted, and tells why', async () => {
  const store = memoryThrottleStore();
  const failing = (key: string): boolean => key.startsWith('account:');
  const throttle = new Throttle({
    store: {
      get: (key) => store.get(key),
      increment: (key, lifetime) =>
        failing(key) ? Promise.reject(new HttpError(503)) : store.increment(key, lifetime),
      decrement: (key) => {
        store.decrement(key);
      },
      expire: () => undefined,
      reset: () => undefined,
    },
  });
  expect(await outcome(() => throttle.attempt(HOME, 'smith', () => true))).toBe('503');
  expect(store.size).toBe(0);
});

test('an attempt that breaks off tells why, even when the store breaks off, too', async () => {
  const store = memoryThrottleStore();
  const away = (): Promise<never> => Promise.reject(new HttpError(503));
  const throttle = new Throttle({
    store: {
      get: away,
      increment: (key, lifetime) => store.increment(key, lifetime),
      decrement: away,
      expire: away,
      reset: away,
    },
  });
  const broken = new Error('the database is away');
  await expect(throttle.attempt(HOME, 'smith', () => Promise.reject(broken))).rejects.toBe(broken);
});

test('a store that is away lets nobody in', async () => {
  const away = (): Promise<never> => Promise.reject(new HttpError(503));
  const throttle = new Throttle({
    store: { get: away, increment: away, decrement: away, expire: away, reset: away },
  });
  let asked = 0;
  expect(await outcome(() => throttle.attempt(HOME, 'smith', () => (asked++, true)))).toBe('503');
  expect(await refusal(throttle, SMITH)).toBe('503');
  expect(asked).toBe(0);
});

test('a login of an application answers 429 with Retry-After to anybody behind one address', async () => {
  const throttle = new Throttle({ failures: 2, addressFailures: 3, block: 60, now: () => 0 });
  @Controller()
  class Login {
    @Post('/login') login(req: Request) {
      const name = req.form.getFirst('name', '');
      return throttle.attempt(req, name, () => {
        if (req.form.getFirst('password') !== 'secret') throw new HttpError(401);
        return `hello ${name}`;
      });
    }
  }
  const app = await bootstrap({ controllers: [Login], trustProxy: ['127.0.0.1'] });
  const login = async (name: string, password: string, address: string): Promise<unknown> => {
    const headers = {
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Forwarded-For': address,
      Accept: 'text/plain',
    };
    const response = await new TestClient(app).post('/login', {
      headers,
      body: new URLSearchParams({ name, password }).toString(),
    });
    return [response.status, response.headers.get('retry-after'), await response.text()];
  };
  const wrong = [401, undefined, '401 Unauthorized\n'];
  const tooMany = [429, '60', '429 There were too many failures; try again in 60 seconds\n'];
  expect(await login('smith', 'wrong', '192.0.2.7')).toEqual(wrong);
  expect(await login('smith', 'secret', '192.0.2.7')).toEqual([200, undefined, 'hello smith']);
  expect(await login('smith', 'wrong', '192.0.2.7')).toEqual(wrong);
  expect(await login('smith', 'wrong', '192.0.2.7')).toEqual(wrong);
  expect(await login('smith', 'secret', '192.0.2.7')).toEqual(tooMany);
  expect(await login('smith', 'secret', '192.0.2.8')).toEqual([200, undefined, 'hello smith']);
  expect(await login('jones', 'secret', '192.0.2.7')).toEqual(tooMany);
  expect(await login('jones', 'secret', '192.0.2.8')).toEqual([200, undefined, 'hello jones']);
});

test('works by the clock of the system, which nobody has to set', async () => {
  const throttle = new Throttle({ failures: 1, window: 30, block: 60 });
  await throttle.fail(SMITH);
  expect(await refusal(throttle, SMITH)).toBe('429 after 60');
});

test.each<[ThrottleOptions, string]>([
  [{ failures: 0 }, 'Throttle.failures: 0 is not a whole number of failures, 1 or more.'],
  [{ failures: NaN }, 'Throttle.failures: NaN is not a whole number of failures, 1 or more.'],
  [{ accountFailures: 0 }, 'Throttle.accountFailures: 0 is not a whole number of failures, 1 or more.'],
  [{ addressFailures: -1 }, 'Throttle.addressFailures: -1 is not a whole number of failures, 1 or more.'],
  [
    { store: {} as never },
    'Throttle.store: it has no method get(); give a ThrottleStore, such as redisThrottleStore(connection).',
  ],
  [{ window: 1.5 }, 'Throttle.window: 1.5 is not a whole number of seconds, 1 or more.'],
  [{ block: Infinity }, 'Throttle.block: Infinity is not a whole number of seconds, 1 or more.'],
])('%j is refused', (options, message) => {
  expect(() => new Throttle(options)).toThrow(developerError('E_SETTING', message));
});
