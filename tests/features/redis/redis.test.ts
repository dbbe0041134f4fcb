/** The connection to Redis where there is none, and what its stores need; with a server: tests/programs/redis. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { bootstrap, Controller, Get, type Feature } from 'obol';
import { cookieLogin, digest, formLogin } from 'obol/auth';
import { redis, redisNonceStore, redisSessionStore, redisThrottleStore } from 'obol/redis';
import { sessions } from 'obol/session';
import { Throttle } from 'obol/throttle';
import { developerError } from '../../support/errors.js';
import { collectingLogger } from '../../support/collecting-logger.js';
import { problemsOf } from '../../support/problems.js';
import { connect, refusal } from '../../support/redis.js';

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

  test('is a 503, and is left again', async () => {
    const { connection, logger } = connect(`redis://127.0.0.1:${port}`);
    expect((await refusal(connection.send('PING'))).status).toBe(503);
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

describe('redisSessionStore', () => {
  test.each([
    [undefined, 'undefined'],
    [{}, 'it'],
    ['redis://127.0.0.1', 'a string'],
  ])('needs a connection, and not %j', (given, it) => {
    expect(() => redisSessionStore(given as never)).toThrow(
      developerError(
        'E_SETTING',
        `redisSessionStore: ${it} has no method send(); give a connection, as redis({ url }) makes one.`,
      ),
    );
  });
});

describe('redisNonceStore', () => {
  test('needs a connection', () => {
    expect(() => redisNonceStore(undefined as never)).toThrow(
      developerError(
        'E_SETTING',
        'redisNonceStore: undefined has no method send(); give a connection, as redis({ url }) makes one.',
      ),
    );
  });
});

describe('redisThrottleStore', () => {
  test('needs a connection', () => {
    expect(() => redisThrottleStore({} as never)).toThrow(
      developerError(
        'E_SETTING',
        'redisThrottleStore: it has no method send(); give a connection, as redis({ url }) makes one.',
      ),
    );
  });
});

describe('a connection that the application does not have', () => {
  const connection = redis({ url: 'redis://localhost:1' });
  const other = redis();
  const key = 'kept-for-the-tests-of-redis-connections';
  const authMap = { find: () => undefined };
  const sessionsOf = (): Feature => sessions({ store: redisSessionStore(connection) });
  const noncesOf = (): Feature =>
    digest({ secretKey: key, authMap, nonceStore: redisNonceStore(connection) });
  const throttled = { throttle: new Throttle({ store: redisThrottleStore(connection) }) };
  const digestOf = (): Feature => digest({ secretKey: key, authMap, ...throttled });
  const formOf = (): Feature =>
    formLogin({ users: { verify: () => false }, keeper: cookieLogin({ keys: [key] }), ...throttled });
  const stores = [sessionsOf, noncesOf, digestOf, formOf];

  test.each<[string, () => Feature, string]>([
    ['sessions()', sessionsOf, 'redisSessionStore'],
    ['digest() with its nonces', noncesOf, 'redisNonceStore'],
    ['digest() with its failures', digestOf, 'redisThrottleStore'],
    ['formLogin() with its failures', formOf, 'redisThrottleStore'],
  ])('is a mistake where %s needs it', async (_, make, store) => {
    const problem = {
      code: 'E_FEATURE',
      message:
        `A feature needs the connection of ${store}(), which the application does not have: ` +
        'add that to features, before what uses it.',
    };
    expect(await problemsOf([Empty], { features: [make()] })).toEqual([problem]);
    expect(await problemsOf([Empty], { features: [other, make()] })).toEqual([problem]);
  });

  test('is one mistake, however many features need it', async () => {
    expect(await problemsOf([Empty], { features: [digestOf(), formOf()] })).toHaveLength(1);
  });

  test.each(stores)('is none where it is there', async (make) => {
    const app = await bootstrap({
      controllers: [Empty],
      features: [connection, make()],
      logger: collectingLogger(),
    });
    await app.close();
  });

  test('is none where it is no feature, but only sends', async () => {
    const store = redisSessionStore({ send: () => Promise.resolve(null) } as never);
    const app = await bootstrap({ controllers: [Empty], features: [sessions({ store })] });
    await app.close();
  });
});

@Controller()
class Empty {
  @Get('/') get() {
    return 1;
  }
}
