/** Basic authentication: which headers are credentials, who is let in, and what a slow hash is spared. */
import { describe, expect, jest, test } from '@jest/globals';
import { Controller, Get, HttpError, type Request } from 'obol';
import { ContextKey } from 'obol/kit';
import { PasswordHashMap } from '../../../../src/features/auth/passwords/password-hash-map.js';
import { basicCredentials, basicToken } from '../../../../src/features/auth/basic/credentials.js';
import { VerifiedLogins } from '../../../../src/features/auth/basic/verified-logins.js';
import type { PasswordUsers } from '../../../../src/features/auth/passwords/password-users.js';
import { basicGuard, CheckBasic, type BasicOptions } from '../../../../src/features/auth/basic/basic.js';
import type { Guard } from '../../../../src/message/guard.js';
import { Addresses } from '../../../../src/http/address.js';
import { request } from '../../../../src/hosts/testing/request.js';
import { memoryThrottleStore } from '../../../../src/features/throttle/memory-store.js';
import { Throttle } from '../../../../src/features/throttle/throttle.js';
import { start } from '../../../support/client.js';
import { developerError, httpError } from '../../../support/errors.js';
import { problemsOf } from '../../../support/problems.js';
import { expectWithin } from '../../../support/timing.js';

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
const basic = (user: string, password: string): string => `Basic ${base64(`${user}:${password}`)}`;
const users = (known: Readonly<Record<string, string>> = { smith: 'pw' }) => ({
  verify: jest.fn((user: string, password: string) => Promise.resolve(known[user] === password)),
});
const withHeader = (authorization: string, remoteAddress = '127.0.0.1') =>
  request('/', { headers: { Authorization: authorization }, remoteAddress });

async function userAfter(guard: (req: Request) => unknown, req: Request): Promise<unknown> {
  await guard(req);
  return req.user;
}

describe('credentials', () => {
  test.each([
    ['Basic c21pdGg6cHc=', { user: 'smith', password: 'pw' }],
    ['basic c21pdGg6cHc=', { user: 'smith', password: 'pw' }],
    ['BASIC   c21pdGg6cHc=', { user: 'smith', password: 'pw' }],
    [basic('test', '123£'), { user: 'test', password: '123£' }],
    [basic('Aladdin', 'open sesame'), { user: 'Aladdin', password: 'open sesame' }],
    [basic('a', 'b:c:d'), { user: 'a', password: 'b:c:d' }],
    [basic('a', ''), { user: 'a', password: '' }],
    [basic('Zoe\u0308', 'pw'), { user: 'Zo\u00eb', password: 'pw' }],
    [basic('__proto__', 'pw'), { user: '__proto__', password: 'pw' }],
  ])('%s are %j', (header, expected) => {
    expect(basicCredentials(basicToken(header) ?? '')).toEqual(expected);
  });

  test.each([
    ['nothing', ''],
    ['another scheme', 'Bearer c21pdGg6cHc='],
    ['a scheme that begins alike', 'Basically c21pdGg6cHc='],
    ['no token', 'Basic'],
    ['two tokens', 'Basic c21pdGg6cHc= c21pdGg6cHc='],
    ['two headers', 'Basic c21pdGg6cHc=, Basic c21pdGg6cHc='],
    ['no base64', 'Basic ####'],
    ['base64 without padding', 'Basic c21pdGg6cHc'],
    [
      'base64 for URLs',
      `Basic ${base64(Buffer.from('a:\u07ff\u07ff\u07ff')).replaceAll('/', '_').replaceAll('+', '-')}_`,
    ],
    ['parameters', 'Basic user="smith"'],
    ['no colon', `Basic ${base64('smith')}`],
    ['an empty user', `Basic ${base64(':pw')}`],
    ['invalid UTF-8', `Basic ${base64(Buffer.from('sm\xefth:pw', 'latin1'))}`],
    ['a control character', `Basic ${base64('smi\nth:pw')}`],
    ['a zero byte in the password', `Basic ${base64('smith:p\0w')}`],
    ['1,025 bytes', `Basic ${base64(`smith:${'x'.repeat(1019)}`)}`],
    ['a header of 16 KiB', `Basic ${'A'.repeat(16_384)}`],
  ])('%s are none', (_what, header) => {
    expect(basicCredentials(basicToken(header) ?? '')).toBeUndefined();
  });

  test('may have 1,024 bytes', () => {
    const password = 'x'.repeat(1018);
    expect(basicCredentials(basicToken(basic('smith', password)) ?? '')).toEqual({ user: 'smith', password });
  });

  test.each([`Basic${' '.repeat(16_000)}x y`, `Basic ${'A'.repeat(1367)}`, `Basic ${'='.repeat(1368)}`])(
    'are looked for in linear time',
    (header) => {
      expectWithin(10, () => basicToken(header));
    },
  );
});

describe('the guard', () => {
  test('sets the user', async () => {
    expect(await userAfter(basicGuard('Zone', users()), withHeader(basic('smith', 'pw')))).toBe('smith');
  });

  test('takes users who answer at once', () => {
    const req = withHeader(basic('smith', 'pw'));
    expect(basicGuard('Zone', { verify: () => true }, { throttle: false })(req)).toBeUndefined();
    expect([req.user, req.get(ContextKey.AUTH_SCHEME)]).toEqual(['smith', 'Basic']);
  });

  const refused = [basic('smith', 'wrong'), basic('nobody', 'pw'), 'Basic ####', 'Bearer x'];

  test.each(refused)('refuses %s with the challenge', async (header) => {
    const guard = basicGuard('My "Zone"', users());
    await expect(userAfter(guard, withHeader(header))).rejects.toMatchObject({
      status: 401,
      message: 'Unauthorized',
      headers: {
        'WWW-Authenticate': ['Basic realm="My \\"Zone\\"", charset="UTF-8"'],
      },
    });
  });

  test('does no slow work for what is malformed', async () => {
    const map = users();
    await expect(userAfter(basicGuard('Zone', map), withHeader('Basic ####'))).rejects.toThrow(
      'Unauthorized',
    );
    expect(map.verify).not.toHaveBeenCalled();
  });

  test.each(['10.0.0.1', '::2', '2001:db8::1', '128.0.0.1', ''])(
    'does not even look over plain HTTP from %j',
    async (address) => {
      const map = users();
      const guard = basicGuard('Zone', map);
      await expect(userAfter(guard, withHeader(basic('smith', 'pw'), address))).rejects.toEqual(
        httpError(403, 'Basic authentication needs HTTPS'),
      );
      expect(map.verify).not.toHaveBeenCalled();
    },
  );

  test('works over plain HTTP where that is allowed', async () => {
    const guard = basicGuard('Zone', users(), { allowHttp: true });
    expect(await userAfter(guard, withHeader(basic('smith', 'pw'), '10.0.0.1'))).toBe('smith');
  });

  test.each([
    ['127.0.0.1', true],
    ['127.255.0.9', true],
    ['::1', true],
    ['0:0:0:0:0:0:0:1', true],
    ['::ffff:7f00:1', true],
    ['126.0.0.1', false],
    ['1::1', false],
    ['::11', false],
    ['127.evil.example', false],
  ])('takes %s for this machine: %s', (address, expected) => {
    expect(Addresses.LOOPBACK.has(address)).toBe(expected);
  });

  test.each([
    ['remember: -1', { remember: -1 }],
    ['remember: 61', { remember: 61 }],
    ['remember: NaN', { remember: NaN }],
  ])('refuses the option %s', (text, options) => {
    expect(() => basicGuard('Zone', users(), options)).toThrow(
      developerError('E_SETTING', `CheckBasic.${text} is not a whole number of seconds, 0 to 60.`),
    );
  });

  test.each(['', 'a\nb'])('refuses the realm %j', (realm) => {
    expect(() => basicGuard(realm, users())).toThrow(
      developerError(
        'E_SETTING',
        `CheckBasic.realm: ${JSON.stringify(realm)} is not text without control characters.`,
      ),
    );
  });
});

describe('memory', () => {
  async function askTwice(map: PasswordUsers & { verify: jest.Mock }, options: BasicOptions = {}) {
    const guard = basicGuard('Zone', map, options);
    for (let i = 0; i < 2; i++) await guard(withHeader(basic('smith', 'pw')));
    return map.verify.mock.calls.length;
  }

  test('spares the second check', async () => {
    expect(await askTwice(users() as never)).toBe(1);
  });

  test('spares nothing with remember: 0', async () => {
    expect(await askTwice(users() as never, { remember: 0 })).toBe(2);
  });

  test('is shared by all guards of the same users', async () => {
    const map = users();
    for (const realm of ['One', 'Two']) await basicGuard(realm, map)(withHeader(basic('smith', 'pw')));
    expect(map.verify).toHaveBeenCalledTimes(1);
  });

  test('ends after its time', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(1000);
    try {
      const map = users();
      const guard = basicGuard('Zone', map);
      await guard(withHeader(basic('smith', 'pw')));
      now.mockReturnValue(60_999);
      await guard(withHeader(basic('smith', 'pw')));
      expect(map.verify).toHaveBeenCalledTimes(1);
      now.mockReturnValue(61_000);
      await guard(withHeader(basic('smith', 'pw')));
      expect(map.verify).toHaveBeenCalledTimes(2);
    } finally {
      now.mockRestore();
    }
  });

  test('ends when the password is changed or the user taken away', async () => {
    const map = new PasswordHashMap();
    await map.set('smith', 'pw');
    const guard = basicGuard('Zone', map);
    expect(await userAfter(guard, withHeader(basic('smith', 'pw')))).toBe('smith');
    expect(guard(withHeader(basic('smith', 'pw')))).toBeUndefined();
    map.delete('smith');
    await expect(userAfter(guard, withHeader(basic('smith', 'pw')))).rejects.toThrow('Unauthorized');
  });

  test('does not keep what was wrong', async () => {
    const map = users();
    const guard = basicGuard('Zone', map, { throttle: false });
    for (let i = 0; i < 2; i++)
      await expect(userAfter(guard, withHeader(basic('smith', 'no')))).rejects.toThrow('Unauthorized');
    expect(map.verify).toHaveBeenCalledTimes(2);
  });

  test('checks once for all who ask at the same time', async () => {
    const map = users();
    const guard = basicGuard('Zone', map);
    await Promise.all([1, 2, 3].map(() => guard(withHeader(basic('smith', 'pw')))));
    expect(map.verify).toHaveBeenCalledTimes(1);
  });

  test('keeps a thousand logins at most', () => {
    const logins = new VerifiedLogins({ verify: () => true });
    const req = request('/');
    for (let i = 0; i < 1001; i++) void logins.verify(req, `token ${i}`, { user: 'smith', password: 'pw' });
    expect([logins.size, logins.find(req, 'token 0', 1e6), logins.find(req, 'token 1', 1e6)]).toEqual([
      1000,
      undefined,
      'smith',
    ]);
  });
});

describe('throttling', () => {
  const tooMany = expect.objectContaining({ status: 429, headers: { 'Retry-After': '900' } });
  const ask = async (guard: Guard, password: string, address = '127.0.0.1'): Promise<unknown> => {
    try {
      return await userAfter(guard, withHeader(basic('smith', password), address));
    } catch (error) {
      return (error as HttpError).status;
    }
  };

  test('sends away who was wrong too often, even with the right password, and nobody else', async () => {
    const map = users();
    const guard = basicGuard('Zone', map, { throttle: new Throttle({ failures: 2 }) });
    for (const guess of ['1', '2']) expect(await ask(guard, guess)).toBe(401);
    for (const guess of ['pw', '3']) expect(await ask(guard, guess)).toBe(429);
    expect(map.verify).toHaveBeenCalledTimes(2);
    await expect(userAfter(guard, withHeader(basic('smith', 'pw')))).rejects.toEqual(tooMany);
    expect(await ask(guard, 'pw', '127.0.0.2')).toBe('smith');
  });

  test('sends away who was let in a moment ago, too', async () => {
    const guard = basicGuard('Zone', users(), { throttle: new Throttle({ failures: 2 }) });
    for (const [guess, expected] of [
      ['pw', 'smith'],
      ['1', 401],
      ['pw', 'smith'],
      ['2', 401],
      ['pw', 429],
    ] as const)
      // prettier-ignore
      expect(await ask(guard, guess)).toBe(expected);
  });

  test('tells nothing of guesses that came all at once, nor later', async () => {
    const guard = basicGuard('Zone', users(), { throttle: new Throttle({ failures: 2 }) });
    const answers = await Promise.all(['1', '2', 'pw', '3'].map((guess) => ask(guard, guess)));
    expect(answers).toEqual([401, 401, 429, 429]);
    expect(await ask(guard, 'pw')).toBe(429);
  });

  test.each([
    ['wrong', 401, 1],
    ['pw', 'smith', 0],
  ])(
    'counts the same guess once, however often it comes at the same time: %s',
    async (guess, answer, count) => {
      const store = memoryThrottleStore();
      const map = users();
      const guard = basicGuard('Zone', map, { throttle: new Throttle({ failures: 2, store }) });
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(guard, guess)));
      expect(new Set(answers)).toEqual(new Set([answer]));
      expect(map.verify).toHaveBeenCalledTimes(1);
      expect(store.get('address:127.0.0.1')?.count ?? 0).toBe(count);
      expect(await ask(guard, 'another')).toBe(401);
    },
  );

  test('forgets failures after the right password', async () => {
    const guard = basicGuard('Zone', users(), { throttle: new Throttle({ failures: 2 }), remember: 0 });
    for (const guess of ['no', 'pw', 'no']) await ask(guard, guess);
    expect(await ask(guard, 'pw')).toBe('smith');
  });

  test('is one for all guards of the same users, and 100 failures where nothing else is said', async () => {
    const map = users();
    const [one, two] = [basicGuard('One', map), basicGuard('Two', map)];
    for (let i = 0; i < 100; i++) expect(await ask(i % 2 === 0 ? one : two, String(i))).toBe(401);
    expect([await ask(one, 'pw'), await ask(two, 'pw')]).toEqual([429, 429]);
    expect(await ask(basicGuard('Zone', users()), 'pw')).toBe('smith');
  });

  test('lets nobody in whose failures cannot be counted, not even who was let in a moment ago', async () => {
    const store = memoryThrottleStore();
    const guard = basicGuard('Zone', users(), { throttle: new Throttle({ store: {
      get: (key) => isAway ? Promise.reject(new HttpError(503)) : Promise.resolve(store.get(key)),
      increment: (key, lifetime) => isAway ? Promise.reject(new HttpError(503)) : store.increment(key, lifetime),
      decrement: (key) => { store.decrement(key); },
      expire: (key, lifetime) => { store.expire(key, lifetime); },
      reset: (key) => { store.reset(key); },
    } }) }); // prettier-ignore
    let isAway = false;
    expect([await ask(guard, 'pw'), await ask(guard, 'pw')]).toEqual(['smith', 'smith']);
    isAway = true;
    expect([await ask(guard, 'pw'), await ask(guard, 'no')]).toEqual([503, 503]);
  });
});

describe('@CheckBasic', () => {
  class Users implements PasswordUsers {
    verify(user: string, password: string) {
      return user === 'smith' && password === 'pw';
    }
  }
  class Nobody {}

  @Controller()
  class Pages {
    @Get('/map')
    @CheckBasic('Zone', new Users())
    map(req: Request) {
      return `Hello, ${String(req.user)}`;
    }

    @Get('/injected')
    @CheckBasic('Zone', Users)
    injected(req: Request) {
      return `Hello, ${String(req.user)}`;
    }
  }

  test.each(['/map', '/injected'])('lets in, and asks who is not: %s', async (path) => {
    const { client } = await start(Pages);
    const refused = await client.get(path);
    expect([refused.status, refused.headers.getAll('www-authenticate')]).toEqual([
      401,
      ['Basic realm="Zone", charset="UTF-8"'],
    ]);
    const letIn = await client.get(path, { headers: { Authorization: basic('smith', 'pw') } });
    expect(await letIn.text()).toBe('Hello, smith');
  });

  test('gives the same page for every failure', async () => {
    const { client } = await start(Pages);
    const pages = ['Basic x', basic('smith', 'no'), basic('nobody', 'pw')].map(async (header) =>
      (await client.get('/map', { headers: { Authorization: header } })).text(),
    );
    expect(new Set(await Promise.all(pages)).size).toBe(1);
  });

  test('says at bootstrap that it was given no users', async () => {
    @Controller()
    class Without {
      @Get('/')
      @CheckBasic('Zone', undefined as never)
      index() {
        return '';
      }
    }
    const [problem] = await problemsOf([Without]);
    expect(problem).toMatchObject({ code: 'E_SETTING', member: 'Without.index' });
    expect(problem?.message).toContain(
      'CheckBasic.users: undefined has no method verify(); give a PasswordHashMap',
    );
  });

  test('says at bootstrap that its users cannot check', async () => {
    @Controller()
    class Wrong {
      @Get('/')
      @CheckBasic('Zone', Nobody as never)
      index() {
        return '';
      }
    }
    expect(await problemsOf([Wrong])).toEqual([
      expect.objectContaining({
        code: 'E_SETTING',
        message:
          'The guard @CheckBasic could not be put together: CheckBasic.users: it has no method verify(); give a PasswordHashMap, or what can verify(user, password).',
      }),
    ]);
  });
});
