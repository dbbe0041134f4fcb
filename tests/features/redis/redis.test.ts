/** The connection to Redis: what it sends, what happens while the server is away, and what it never tells. */
import { spawnSync } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { HttpError } from 'obol';
import { redis, type Redis } from 'obol/redis';
import { collectingLogger, type CollectingLogger } from '../../support/collecting-logger.js';
import { developerError } from '../../support/errors.js';
import { describeWithRedis, RedisServer } from '../../support/redis.js';

/** A connection, and what it told. */
function connect(url: string): { connection: Redis; logger: CollectingLogger } {
  const logger = collectingLogger();
  const connection = redis({ url });
  connection.start({ logger });
  return { connection, logger };
}

/** What it was refused with, and whether within a second. */
async function refusal(sent: Promise<unknown>): Promise<[error: HttpError, inTime: boolean]> {
  const begun = performance.now();
  const error: unknown = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HttpError)) throw new Error('It was not refused', { cause: error });
  return [error, performance.now() - begun < 1000];
}

/** Asks until there is an answer. @returns milliseconds that it took */
async function untilAnswered(connection: Redis): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const answer = await connection.send('PING').catch(() => undefined);
    if (answer === 'PONG') return performance.now() - begun;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describeWithRedis('a connection', () => {
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
      const [error] = await refusal(connection.send('INCR', 'text'));
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

describeWithRedis('while the server is away', () => {
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
    '%s: every command is a 503 within a second, and it recovers by itself',
    async (_name, why, leave, back) => {
      await leave();
      for (let round = 0; round < 2; round++) {
        const refused = await Promise.all(
          Array.from({ length: 100 }, () => refusal(connection.send('PING'))),
        );
        expect(refused.every(([{ status }, inTime]) => status === 503 && inTime)).toBe(true);
      }
      const [error, inTime] = await refusal(connection.send('PING'));
      expect([error.headers, inTime]).toEqual([{ 'Retry-After': '1' }, true]);
      expect(String(error.cause)).toContain(why);
      await back();
      expect(await untilAnswered(connection)).toBeLessThan(2000);
      expect(logger.warnings).toEqual([
        expect.stringMatching(`^Redis is away; requests that need it get 503: .*${why}`),
        'Redis answers again.',
      ]);
    },
  );

  test('nobody has to ask for it to be found out, and to be found again', async () => {
    const told = async (count: number): Promise<void> => {
      while (logger.warnings.length < count) await new Promise((resolve) => setTimeout(resolve, 20));
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
    for (const [error, inTime] of await Promise.all(waiting))
      expect([error.status, inTime]).toEqual([503, true]);
    expect(logger.warnings).toHaveLength(1);
  });

  test('a connection begins without one, and finds it when it comes', async () => {
    await server.kill();
    const late = connect(server.url);
    expect((await refusal(late.connection.send('PING')))[0].status).toBe(503);
    expect(late.logger.warnings.join()).toContain('ECONNREFUSED');
    await server.restart();
    expect(await untilAnswered(late.connection)).toBeLessThan(2000);
    expect(late.logger.warnings).toHaveLength(2);
    late.connection.close();
  });

  test('nothing that is told has the password in it', async () => {
    await connection.send('CONFIG', 'SET', 'requirepass', 'other');
    for (const leave of [undefined, () => server.kill()]) {
      await leave?.();
      const late = connect(`redis://user:p4ssw0rd@127.0.0.1:${server.port}`);
      const [error] = await refusal(late.connection.send('PING'));
      const printed = inspect([error, late.connection], { depth: Infinity, showHidden: true });
      expect(printed + late.logger.warnings.join()).not.toContain('p4ssw0rd');
      expect(late.logger.warnings).toEqual([expect.stringMatching(/WRONGPASS|ECONNREFUSED/)]);
      late.connection.close();
    }
  });
});

describe('a server that takes connections and never says a word', () => {
  const sockets: Socket[] = [];
  let server: Server;
  let port: number;

  beforeAll(async () => {
    server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as { port: number }).port;
  });

  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('is a 503 within a second, and is left again', async () => {
    const { connection, logger } = connect(`redis://127.0.0.1:${port}`);
    const [error, inTime] = await refusal(connection.send('PING'));
    expect([error.status, inTime]).toEqual([503, true]);
    connection.close();
    expect(logger.warnings).toEqual([
      'Redis is away; requests that need it get 503: no answer within 700 ms',
    ]);
  });
});

test('a name with several addresses, none of which answers, is told of with the reason', async () => {
  const { connection, logger } = connect('redis://localhost:1');
  await refusal(connection.send('PING'));
  connection.close();
  expect(logger.warnings).toEqual([expect.stringMatching(/503: .*ECONNREFUSED/)]);
});

describe('redis()', () => {
  test('takes options, and no bare URL', () => {
    const message = 'redis: a string holds no options; give an object, such as { url: ... }.';
    expect(() => redis('redis://localhost' as never)).toThrow(developerError('E_SETTING', message));
  });

  test.each(['', 'localhost:6379', 'http://user:p4ssw0rd@localhost', 'redis//x'])(
    'takes no URL %j',
    (url) => {
      const message = 'redis.url: it is not a URL that begins with redis:// or rediss://.';
      expect(() => redis({ url })).toThrow(developerError('E_SETTING', message));
    },
  );

  test('names the package that it needs', () => {
    jest.doMock('@redis/client', () => {
      throw new Error('Cannot find module');
    });
    expect(() => redis()).toThrow(
      developerError('E_PACKAGE', 'redis() needs the package @redis/client: npm install @redis/client'),
    );
    jest.dontMock('@redis/client');
  });
});
