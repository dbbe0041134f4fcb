/** Two applications that share nonces and failures through Redis, and what becomes of them while it is away. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Controller, Get, type Request } from 'obol';
import { CheckDigest, digest, hexdigest, PasswordMap } from 'obol/auth';
import { redis, redisNonceStore, redisThrottleStore } from 'obol/redis';
import type { TestClient, TestResponse } from 'obol/testing';
import { Throttle } from 'obol/throttle';
import {
  authorization,
  challengesOf,
  type Answer,
  type Challenge,
} from '../../features/auth/digest/digest-client.js';
import { start } from '../../support/client.js';
import { RedisServer } from '../../support/redis.js';

const USER: Answer = { user: 'me', password: 'right', uri: '/zone' };

@Controller()
class Pages {
  @Get('/zone') @CheckDigest('Zone') zone(req: Request) {
    return { user: req.user };
  }
  @Get('/open') open() {
    return 'open';
  }
}

describe('two applications with one Redis', () => {
  let server: RedisServer;
  let apps: Awaited<ReturnType<typeof application>>[];

  async function application() {
    const authMap = new PasswordMap();
    authMap.set('Zone', 'me', hexdigest('me', 'Zone', 'right', 'SHA-256'));
    const connection = redis({ url: server.url });
    const guard = digest({
      secretKey: 'the same secret key in all of the processes',
      authMap,
      nonceStore: redisNonceStore(connection),
      throttle: new Throttle({ failures: 10, store: redisThrottleStore(connection) }),
    });
    return start(Pages, { features: [connection, guard] });
  }

  beforeEach(async () => {
    server = await RedisServer.start();
    apps = await Promise.all([application(), application()]);
  });

  afterEach(async () => {
    await Promise.all(apps.map(({ app }) => app.close()));
    await server.kill();
  });

  /** Of the one, or of the other. */
  function client(i: number): TestClient {
    const application = apps[i % 2];
    if (!application) throw new Error('There are two');
    return application.client;
  }

  async function challengeFrom(i: number): Promise<Challenge> {
    const [challenge = {}] = challengesOf(await client(i).get('/zone'));
    return challenge;
  }

  function answer(i: number, challenge: Challenge, changes: Partial<Answer> = {}): Promise<TestResponse> {
    const headers = { Authorization: authorization(challenge, { ...USER, ...changes }) };
    return client(i).get('/zone', { headers });
  }

  /** The status, and whether the nonce was stale. */
  async function told(response: Promise<TestResponse>): Promise<[number, string | undefined]> {
    const { status, headers } = await response;
    return [status, /stale=(\w+)/.exec(headers.getAll('www-authenticate').join())?.[1]];
  }

  test('take a nonce of each other from the first, and each count once', async () => {
    const challenge = await challengeFrom(0);
    const nc = (count: number): Partial<Answer> => ({ nc: count.toString(16).padStart(8, '0') });
    expect(await told(answer(1, challenge, nc(1)))).toEqual([200, undefined]);
    expect(await told(answer(0, challenge, nc(1)))).toEqual([401, 'true']);
    expect(await told(answer(0, challenge, nc(2)))).toEqual([200, undefined]);
    expect(await told(answer(1, challenge, nc(2)))).toEqual([401, 'true']);
    const together = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => (await answer(i, challenge, nc(3))).status),
    );
    expect(together.filter((status) => status === 200)).toHaveLength(1);
  });

  test('take no nonce any more that was used before Redis lost its memory, and new ones at once', async () => {
    const old = await challengeFrom(0);
    expect(await told(answer(0, old))).toEqual([200, undefined]);
    await server.kill();
    await server.restart();
    let last = await answer(1, old);
    while (last.status === 503) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      last = await answer(1, old);
    }
    expect([last.status, challengesOf(last)[0]?.['stale']]).toEqual([401, 'true']);
    expect(await told(answer(1, challengesOf(last)[0] ?? {}))).toEqual([200, undefined]);
  });

  test('count failures together, and tell of no more than the limit of them, all at once', async () => {
    const challenge = await challengeFrom(0);
    const guesses = Array.from({ length: 100 }, (_, i) => (i === 60 ? 'right' : `wrong ${i}`));
    const answers = await Promise.all(guesses.map((password, i) => answer(i, challenge, { password })));
    const statuses = answers.map(({ status }) => status);
    expect([statuses.filter((status) => status === 401).length, statuses[60]]).toEqual([10, 429]);
    for (const i of [0, 1]) {
      const response = await answer(i, await challengeFrom(i));
      expect([response.status, Number(response.headers.get('retry-after'))]).toEqual([429, 900]);
    }
  });

  test('forget the failures of whoever is right', async () => {
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 4; i++)
        expect((await answer(i, await challengeFrom(i), { password: 'wrong' })).status).toBe(401);
      expect((await answer(round, await challengeFrom(round))).status).toBe(200);
    }
  });

  test('answer 503 within a second while it is away, let nobody in, and recover', async () => {
    const challenge = await challengeFrom(0);
    const ask = async (changes?: Partial<Answer>): Promise<[number, boolean]> => {
      const begun = performance.now();
      const { status } = await answer(0, challenge, changes);
      return [status, performance.now() - begun < 1000];
    };
    await server.kill();
    expect(await Promise.all([ask(), ask({ password: 'wrong' }), ask()])).toEqual(Array(3).fill([503, true]));
    expect([(await client(0).get('/open')).status, (await client(0).get('/zone')).status]).toEqual([
      200, 401,
    ]);
    await server.restart();
    const begun = performance.now();
    while ((await ask())[0] === 503) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(performance.now() - begun).toBeLessThan(2000);
    expect((await answer(0, await challengeFrom(0))).status).toBe(200);
    const { warnings, errors } = apps[0]?.logger ?? { warnings: [], errors: ['there is none'] };
    expect(warnings).toEqual([
      expect.stringMatching('^Redis is away; requests that need it get 503: '),
      'Redis answers again.',
    ]);
    expect(errors).toEqual([]);
  });

  test('start without it, and find it when it comes', async () => {
    await server.kill();
    const late = await application();
    expect((await late.client.get('/zone')).status).toBe(401);
    expect(late.logger.warnings).toHaveLength(1);
    await server.restart();
    while (late.logger.warnings.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    let challenges = challengesOf(await late.client.get('/zone'));
    const statuses = [];
    for (let i = 0; i < 2; i++) {
      const headers = { Authorization: authorization(challenges[0] ?? {}, USER) };
      const response = await late.client.get('/zone', { headers });
      statuses.push(response.status);
      if (response.status === 401) challenges = challengesOf(response);
    }
    expect(statuses.at(-1)).toBe(200);
    await late.app.close();
  });
});
