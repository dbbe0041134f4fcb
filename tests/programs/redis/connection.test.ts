/** The connection to Redis: what it sends, what happens while the server is away, and what it never tells. */
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Redis } from 'obol/redis';
import type { CollectingLogger } from '../../support/collecting-logger.js';
import { connect, refusal, RedisServer } from '../../support/redis.js';

/** Asks until there is an answer. */
async function untilAnswered(connection: Redis): Promise<void> {
  while ((await connection.send('PING').catch(() => undefined)) !== 'PONG') await pause(20);
}

describe('a connection', () => {
  let server: RedisServer;
  let connection: Redis;
  let logger: CollectingLogger;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(() => server.kill());

  beforeEach(() => {
    ({ connection, logger } = connect(server.url));
  });

  afterEach(() => {
    connection.close();
  });

  test('gives what Redis answers', async () => {
    expect(await connection.send('SET', 'a', 'Jürgen ❤\r\n')).toBe('OK');
    expect(await connection.send('GET', 'a')).toBe('Jürgen ❤\r\n');
    expect(await connection.send('GET', 'nothing')).toBeNull();
    expect(await connection.send('EVAL', "return {1, 'b', {2}}", '0')).toEqual([1, 'b', [2]]);
  });

  test('sends in order, those before it is there among them', async () => {
    const answers = Array.from({ length: 200 }, () => connection.send('INCR', 'order'));
    expect(await Promise.all(answers)).toEqual(answers.map((_, i) => i + 1));
  });

  test('is made when it is first needed, and once', async () => {
    const clients = async (): Promise<number> =>
      String(await connection.send('CLIENT', 'LIST'))
        .split('\n')
        .filter(Boolean).length;
    const before = await clients();
    const { connection: other } = connect(server.url);
    expect(await clients()).toBe(before);
    await Promise.all([other.send('PING'), other.send('PING')]);
    expect(await clients()).toBe(before + 1);
    other.close();
    await expect(other.send('PING')).rejects.toMatchObject({
      status: 503,
      cause: new Error('The connection is closed'),
    });
  });

  test('refuses what Redis refuses, tells of each kind once, and goes on', async () => {
    await connection.send('SET', 'text', 'x');
    for (let i = 0; i < 3; i++) {
      const error = await refusal(connection.send('INCR', 'text'));
      expect([error.status, error.message, error.headers]).toEqual([
        503,
        'Redis does not answer',
        { 'Retry-After': '1' },
      ]);
      expect(String(error.cause)).toContain('value is not an integer');
      expect(await connection.send('PING')).toBe('PONG');
    }
    await refusal(connection.send('HGETALL', 'text'));
    expect(logger.warnings).toEqual([
      'Redis refuses a command; requests that need it get 503: ERR value is not an integer or out of range',
      'Redis refuses a command; requests that need it get 503: WRONGTYPE Operation against a key holding the wrong kind of value',
    ]);
  });

  test('lets no more than a thousand commands wait', async () => {
    await connection.send('PING');
    const results = await Promise.allSettled(Array.from({ length: 1200 }, () => connection.send('PING')));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1000);
  });

  test('can be started again after it was closed', async () => {
    await connection.send('PING');
    connection.close();
    connection.close();
    connection.start({ logger });
    expect(await connection.send('PING')).toBe('PONG');
    expect(logger.warnings).toEqual([]);
  });

  test.each([
    ['is connected', () => server.url],
    ['finds no server', () => 'redis://127.0.0.1:1'],
  ])('keeps no process alive that is done, when it %s', (_when, url) => {
    const code = `
      import { redis } from './src/features/redis/redis.ts';
      const connection = redis({ url: ${JSON.stringify(url())} });
      console.log(await connection.send('PING').catch((error) => error.status));`;
    const args = ['--import', '@oxc-node/core/register', '--input-type=module', '-e', code];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
    expect([status, stdout]).toEqual([0, url() === server.url ? 'PONG\n' : '503\n']);
  });
});

describe('while the server is away', () => {
  let server: RedisServer;
  let connection: Redis;
  let logger: CollectingLogger;

  beforeEach(async () => {
    server = await RedisServer.start();
    ({ connection, logger } = connect(server.url));
    await connection.send('PING');
  });

  afterEach(async () => {
    connection.close();
    server.thaw();
    await server.kill();
  });

  const away: [string, string, () => Promise<void> | void, () => Promise<void> | void][] = [
    ['it is not running', '', () => server.kill(), () => server.restart()],
    ['it stands still', 'no answer within 700 ms', () => { server.freeze(); }, () => { server.thaw(); }], // prettier-ignore
  ];

  test.each(away)(
    '%s: every command is a 503, and it recovers by itself',
    async (_name, why, leave, back) => {
      await leave();
      for (let round = 0; round < 2; round++) {
        const refused = await Promise.all(
          Array.from({ length: 100 }, () => refusal(connection.send('PING'))),
        );
        expect(refused.every(({ status }) => status === 503)).toBe(true);
      }
      const error = await refusal(connection.send('PING'));
      expect(error.headers).toEqual({ 'Retry-After': '1' });
      expect(String(error.cause)).toContain(why);
      await back();
      await untilAnswered(connection);
      expect(logger.warnings).toEqual([
        expect.stringMatching(`^Redis is away; requests that need it get 503: .*${why}`),
        'Redis answers again.',
      ]);
    },
  );

  test('nobody has to ask for it to be found out, and to be found again', async () => {
    const told = async (count: number): Promise<void> => {
      while (logger.warnings.length < count) await pause(20);
    };
    server.freeze();
    await told(1);
    server.thaw();
    await told(2);
    expect(await connection.send('PING')).toBe('PONG');
    expect(logger.warnings).toHaveLength(2);
  });

  test('commands that wait for an answer when it goes are refused', async () => {
    server.freeze();
    const waiting = Array.from({ length: 10 }, () => refusal(connection.send('INCR', 'n')));
    await server.kill();
    for (const { status } of await Promise.all(waiting)) expect(status).toBe(503);
    expect(logger.warnings).toHaveLength(1);
  });

  test('a connection begins without one, and finds it when it comes', async () => {
    await server.kill();
    const late = connect(server.url);
    expect((await refusal(late.connection.send('PING'))).status).toBe(503);
    expect(late.logger.warnings.join()).toContain('ECONNREFUSED');
    await server.restart();
    await untilAnswered(late.connection);
    expect(late.logger.warnings).toHaveLength(2);
    late.connection.close();
  });

  test('nothing that is told has the password in it', async () => {
    await connection.send('CONFIG', 'SET', 'requirepass', 'other');
    for (const leave of [undefined, () => server.kill()]) {
      await leave?.();
      const late = connect(`redis://user:p4ssw0rd@127.0.0.1:${server.port}`);
      const error = await refusal(late.connection.send('PING'));
      const printed = inspect([error, late.connection], { depth: Infinity, showHidden: true });
      expect(printed + late.logger.warnings.join()).not.toContain('p4ssw0rd');
      expect(late.logger.warnings).toEqual([expect.stringMatching(/WRONGPASS|ECONNREFUSED/)]);
      late.connection.close();
    }
  });
});
