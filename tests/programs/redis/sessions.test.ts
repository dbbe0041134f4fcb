/** Sessions in Redis: shared by processes, and what happens when it goes away. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { redis as connect, redisSessionStore, type Redis } from 'obol/redis';
import { Program } from '../../support/program.js';
import { RedisServer } from '../../support/redis.js';
import { cookieOf, dataFor, site } from '../../features/session/site.js';
import { describeStore, idFor, update } from '../../features/session/store-contract.js';

const SMITH = { user: 'smith' };

describe('sessions in Redis', () => {
  let redis: RedisServer;
  const connections: Redis[] = [];

  const connection = (): Redis => {
    const made = connect({ url: redis.url });
    connections.push(made);
    return made;
  };

  beforeAll(async () => {
    redis = await RedisServer.start();
  });

  afterAll(async () => {
    for (const each of connections) each.close();
    await redis.kill();
  });

  describeStore('in Redis', async () => [redisSessionStore(connection()), redisSessionStore(connection())]);

  test('have keys that begin with the prefix', async () => {
    const shared = connection();
    const [a, b] = [redisSessionStore(shared, { prefix: 'a:' }), redisSessionStore(shared, { prefix: 'b:' })];
    await a.create(idFor('prefix'), update({ '.n': '1' }));
    expect([await a.load(idFor('prefix')), await b.load(idFor('prefix'))]).toEqual([
      expect.anything(),
      undefined,
    ]);
    expect(await shared.send('EXISTS', `a:${idFor('prefix')}`)).toBe(1);
  });

  test('are one for two processes', async () => {
    const servers = [1, 2].map(() => {
      const args = ['--import', '@oxc-node/core/register', 'tests/programs/fixtures/session-server.ts'];
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
  });
});

describe('while Redis is away', () => {
  let redis: RedisServer;
  let at: Awaited<ReturnType<typeof site>>;

  /** A site with a connection of its own. */
  const open = () => {
    const connection = connect({ url: redis.url });
    return site({ store: redisSessionStore(connection) }, { features: [connection] });
  };

  beforeEach(async () => {
    redis = await RedisServer.start();
    at = await open();
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
      expect(at.logger.warnings).toEqual([
        expect.stringMatching('^Redis is away; requests that need it get 503: '),
        'Redis answers again.',
      ]);
      expect(at.logger.errors).toEqual([]);
    },
    30_000,
  );

  test('an application starts, and finds it when it comes', async () => {
    await redis.kill();
    const late = await open();
    const set = async (): Promise<number> => (await late.client.post('/set', { json: SMITH })).status;
    expect([await set(), (await late.client.get('/untouched')).status]).toEqual([503, 200]);
    expect(late.log.warnings.join()).toContain('ECONNREFUSED');
    await redis.restart();
    while ((await set()) !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await (await late.client.get('/data')).json()).toEqual(SMITH);
    await late.app.close();
  });
});
