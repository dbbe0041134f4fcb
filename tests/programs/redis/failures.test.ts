/** Failures counted in Redis: several processes count together, and nobody gets in while they cannot. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { HttpError } from 'obol';
import { redis, redisThrottleStore, type Redis } from 'obol/redis';
import { request } from 'obol/testing';
import { Throttle } from 'obol/throttle';
import { collectingLogger } from '../../support/collecting-logger.js';
import { RedisServer } from '../../support/redis.js';
import { describeThrottleStore } from '../../features/throttle/throttle-store-contract.js';

const SMITH = { account: 'smith', address: '192.0.2.7' };
const FROM_HOME = request('/login', { method: 'POST', remoteAddress: '192.0.2.7' });

describe('failures in Redis', () => {
  let server: RedisServer;
  let one: Redis;
  let two: Redis;

  beforeAll(async () => {
    server = await RedisServer.start();
    [one, two] = [redis({ url: server.url }), redis({ url: server.url })];
  });

  afterAll(async () => {
    for (const connection of [one, two]) connection.close();
    await server.kill();
  });

  describeThrottleStore('in Redis', async () => [redisThrottleStore(one), redisThrottleStore(two)]);

  /** Two that count together, as two processes have them. */
  function pair(prefix: string, failures: number): [Throttle, Throttle] {
    const of = (connection: Redis): Throttle =>
      new Throttle({ failures, store: redisThrottleStore(connection, { prefix }) });
    return [of(one), of(two)];
  }

  async function status(work: () => unknown): Promise<unknown> {
    try {
      return await work();
    } catch (error) {
      return error instanceof HttpError ? error.status : error;
    }
  }

  test('block in all processes together, and are cleared in all', async () => {
    const [here, there] = pair('together:', 3);
    for (const throttle of [here, there]) await throttle.fail(SMITH);
    expect(await there.check(SMITH)).toBe(true);
    await here.succeed(SMITH);
    expect(await there.check(SMITH)).toBe(false);
    for (const throttle of [here, there, there]) await throttle.fail(SMITH);
    for (const throttle of [here, there]) {
      expect(await status(() => throttle.check(SMITH))).toBe(429);
      expect(await status(() => throttle.fail(SMITH))).toBe(429);
      expect(await status(() => throttle.attempt(FROM_HOME, 'smith', () => true))).toBe(429);
    }
  });

  test('of many guesses at once in all processes no more are told than the limit', async () => {
    const throttles = pair('guesses:', 20);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => status(() => throttles[i % 2]?.fail(SMITH))),
    );
    expect(answers.filter((answer) => answer !== 429)).toHaveLength(20);
    let asked = 0;
    const others = pair('attempts:', 20);
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        status(() => others[i % 2]?.attempt(FROM_HOME, 'smith', () => (asked++, false))),
      ),
    );
    expect(asked).toBe(20);
  });

  test('are keys that begin with the prefix, tell no name, and end by themselves', async () => {
    const [throttle] = pair('keys:', 3);
    await throttle.fail(SMITH);
    const keys = (await one.send('KEYS', 'keys:*')) as string[];
    expect(keys.sort()).toEqual([
      expect.stringMatching(/^keys:account:[\w-]{43}$/),
      'keys:address:192.0.2.7',
      expect.stringMatching(/^keys:login:[\w-]{43}:192\.0\.2\.7$/),
    ]);
    for (const key of keys) expect(await one.send('PTTL', key)).toBeGreaterThan(890_000);
  });

  test('have an end even where somebody took it away', async () => {
    const store = redisThrottleStore(one, { prefix: 'endless:' });
    await store.increment('a', 1000);
    await one.send('PERSIST', 'endless:a');
    expect(await store.increment('a', 60_000)).toEqual({ count: 2, remaining: 60_000 });
    expect(await one.send('PTTL', 'endless:a')).toBeGreaterThan(50_000);
  });
});

describe('while Redis is away', () => {
  let server: RedisServer;
  let connection: Redis;

  beforeEach(async () => {
    server = await RedisServer.start();
    connection = redis({ url: server.url });
    connection.start({ logger: collectingLogger() });
  });

  afterEach(async () => {
    connection.close();
    await server.kill();
  });

  test('nobody gets in, nobody is counted, and it recovers', async () => {
    const throttle = new Throttle({ failures: 1, store: redisThrottleStore(connection) });
    await throttle.check(SMITH);
    await server.kill();
    let asked = 0;
    const tries: (() => unknown)[] = [
      () => throttle.check(SMITH),
      () => throttle.fail(SMITH),
      () => throttle.succeed(SMITH),
      () => throttle.attempt(FROM_HOME, 'smith', () => (asked++, true)),
    ];
    for (const attempt of tries)
      await expect(Promise.resolve().then(attempt)).rejects.toMatchObject({ status: 503 });
    expect(asked).toBe(0);
    await server.restart();
    const isBack = (): Promise<boolean> => connection.send('PING').then(() => true, () => false); // prettier-ignore
    while (!(await isBack())) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await throttle.attempt(FROM_HOME, 'smith', () => true)).toBe(true);
  });
});
