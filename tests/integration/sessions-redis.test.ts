/** Sessions in Redis: shared by processes, and what happens when it goes away. */
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { redisStore } from 'obol/session';
import { developerError } from '../support/errors.js';
import { Program } from '../support/program.js';
import { describeWithRedis, RedisServer } from '../support/redis.js';
import { cookieOf, dataFor, site } from '../session/site.js';
import { describeStore, idFor, update } from '../session/store-contract.js';

const SMITH = { user: 'smith' };

describeWithRedis('sessions in Redis', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.start();
  });

  afterAll(() => redis.kill());

  describeStore('in Redis', async () => [redisStore({ url: redis.url }), redisStore({ url: redis.url })]);

  test('have keys that begin with the prefix', async () => {
    const [a, b] = [
      redisStore({ url: redis.url, prefix: 'a:' }),
      redisStore({ url: redis.url, prefix: 'b:' }),
    ];
    await a.create(idFor('prefix'), update({ '.n': '1' }));
    expect([await a.load(idFor('prefix')), await b.load(idFor('prefix'))]).toEqual([
      expect.anything(),
      undefined,
    ]);
    await a.close?.();
    await b.close?.();
  });

  test('are one for two processes', async () => {
    const servers = [1, 2].map(() => {
      const args = ['--import', '@oxc-node/core/register', 'tests/integration/fixtures/session-server.ts'];
      return new Program(args, { REDIS: redis.url });
    });
    try {
      const listening = servers.map((server) => server.prints(/Listening on (http:\/\/[\d.:]+)\n/));
      const [first, second] = (await Promise.all(listening)).map(([, url = '']) => url);
      const begun = await fetch(`${first}/`, { method: 'POST' });
      const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? '';
      for (const [url, expected] of [
        [second, 2],
        [first, 3],
        [second, 4],
      ])
        // prettier-ignore
        expect(await (await fetch(`${url}/`, { method: 'POST', headers: { cookie } })).json()).toBe(expected);
      expect(await (await fetch(`${first}/`, { headers: { cookie } })).json()).toBe(4);
      for (const server of servers) server.process.kill('SIGTERM');
      expect(await Promise.all(servers.map((server) => server.exited))).toEqual([0, 0]);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  }, 30_000);
});

describeWithRedis('while Redis is away', () => {
  let redis: RedisServer;
  let at: Awaited<ReturnType<typeof site>>;

  beforeEach(async () => {
    redis = await RedisServer.start();
    at = await site({ store: redisStore({ url: redis.url }) });
    await at.client.post('/set', { json: SMITH });
  });

  afterEach(async () => {
    await at.app.close();
    redis.thaw();
    await redis.kill();
  });

  /** The status, and whether it came within a second. */
  async function ask(path = '/data'): Promise<[status: number, inTime: boolean]> {
    const begun = performance.now();
    const { status } = await at.client.get(path);
    return [status, performance.now() - begun < 1000];
  }

  /** Asks until the answer is another. @returns milliseconds that it took */
  async function untilOk(): Promise<number> {
    const begun = performance.now();
    while ((await ask())[0] !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
    return performance.now() - begun;
  }

  const away: [string, () => Promise<void> | void, () => Promise<void> | void][] = [
    ['it is not running', () => redis.kill(), () => redis.restart()],
    ['it does not answer', () => { redis.freeze(); }, () => { redis.thaw(); }], // prettier-ignore
  ];

  test.each(away)(
    '%s: 503 within a second for who needs a session, and it recovers',
    async (_name, leave, back) => {
      const token = cookieOf(at.client);
      await leave();
      expect(await ask()).toEqual([503, true]);
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask()));
      expect(answers.every(([status, inTime]) => status === 503 && inTime)).toBe(true);
      at.client.cookies.clear();
      expect(await ask('/untouched')).toEqual([200, true]);
      const starting = await at.client.post('/set', { json: SMITH });
      expect([starting.status, starting.headers.has('set-cookie')]).toEqual([503, false]);
      at.client.cookies.set('SESSID', token);
      await back();
      expect(await untilOk()).toBeLessThan(2000);
      expect(await (await at.client.post('/set', { json: SMITH })).json()).toEqual(SMITH);
      expect(await dataFor(at.newClient(), cookieOf(at.client))).toEqual(SMITH);
      expect(at.log.warnings).toHaveLength(2);
      expect(at.log.warnings[1]).toBe('The session store answers again.');
      expect(at.logger.errors).toEqual([]);
    },
    30_000,
  );

  test('an application starts, and finds it when it comes', async () => {
    await redis.kill();
    const late = await site({ store: redisStore({ url: redis.url }) });
    const set = async (): Promise<number> => (await late.client.post('/set', { json: SMITH })).status;
    expect([await set(), (await late.client.get('/untouched')).status]).toEqual([503, 200]);
    expect(late.log.warnings.join()).toContain('ECONNREFUSED');
    await redis.restart();
    while ((await set()) !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await (await late.client.get('/data')).json()).toEqual(SMITH);
    await late.app.close();
  }, 30_000);

  test('its password is in no message', async () => {
    await redis.kill();
    const url = `redis://user:p4ssw0rd@127.0.0.1:${redis.port}`;
    const store = redisStore({ url });
    const late = await site({ store }, { debug: true });
    const response = await late.client.post('/set', { json: SMITH });
    const seen = (await response.text()) + late.log.warnings.join() + late.logger.errors.join();
    expect(seen + inspect(store, { depth: Infinity, showHidden: true })).not.toContain('p4ssw0rd');
    await late.app.close();
  });

  test('a store that was closed asks nobody any more', async () => {
    const store = redisStore({ url: redis.url });
    await store.load(idFor('closed'));
    await store.close?.();
    await store.close?.();
    await expect(store.load(idFor('closed'))).rejects.toThrow('The store is closed');
  });
});

describe('redisStore', () => {
  test.each(['', 'localhost:6379', 'http://user:p4ssw0rd@localhost', 'redis//x'])(
    'takes no URL %j',
    (url) => {
      const message = 'redisStore: url is no URL that begins with redis:// or rediss://.';
      expect(() => redisStore({ url })).toThrow(developerError('E_SETTING', message));
    },
  );

  test('names the package that it needs', () => {
    jest.doMock('@redis/client', () => {
      throw new Error('Cannot find module');
    });
    expect(() => redisStore()).toThrow(
      developerError('E_PACKAGE', 'redisStore() needs the package @redis/client: npm install @redis/client'),
    );
    jest.dontMock('@redis/client');
  });
});
