/** Logins in signed cookies: what is taken for one of ours, and for how long. */
import { describe, expect, jest, test } from '@jest/globals';
import { Controller, Get, Post, Response, type Request } from 'obol';
import {
  cookieLogin,
  SignedLogins,
  type CookieLoginOptions,
} from '../../../../src/features/auth/login/cookie.js';
import { logIn, loginOf, logins, logOut } from '../../../../src/features/auth/login/keeper.js';
import { buildRequest } from '../../../../src/hosts/testing/request.js';
import { start } from '../../../support/client.js';
import { developerError } from '../../../support/errors.js';

const KEY = 'one key of 32 bytes, or of even more than that';
const NEW_KEY = 'a newer key of 32 bytes, or of even more';

describe('signed logins', () => {
  const logs = new SignedLogins([KEY]);
  const login = { user: 'Žofie', groups: ['a', 'b'], since: 100, at: 200 };
  const text = logs.encode(login, 'login');

  test.each([login, { user: 'smith', since: 1, at: 2 }])('%j comes back', (each) => {
    expect(logs.decode(logs.encode(each, 'login'), 'login')).toEqual({ login: each, isOldKey: false });
  });

  test('no character can be changed', () => {
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      expect(logs.decode(changed, 'login')).toBeUndefined();
    }
  });

  test.each([
    '',
    '.',
    '...',
    'l1...',
    `${text}.`,
    `${text}=`,
    text.slice(0, -1),
    `${text} `,
    `l1.${'x'.repeat(5000)}`,
  ])('%.60j is none', (bad) => {
    expect(logs.decode(bad, 'login')).toBeUndefined();
  });

  test('belongs to one cookie', () => {
    expect(logs.decode(text, '__Host-login')).toBeUndefined();
  });

  test('an old key reads, a new one writes, and another does neither', () => {
    expect(new SignedLogins([NEW_KEY, KEY]).decode(text, 'login')).toEqual({ login, isOldKey: true });
    expect(new SignedLogins([NEW_KEY]).decode(text, 'login')).toBeUndefined();
    expect(logs.decode(new SignedLogins([NEW_KEY, KEY]).encode(login, 'login'), 'login')).toBeUndefined();
  });
});

@Controller()
class Pages {
  readonly #same = new Response('the same for everybody');

  @Get('/')
  index(req: Request) {
    return { user: req.user };
  }
  @Get('/same')
  same() {
    return this.#same;
  }
  @Get('/stream')
  *stream() {
    yield 'streamed';
  }
  @Post('/in/<user>')
  enter(req: Request, user: string) {
    logIn(req, user);
    return this.#same;
  }
  @Post('/out')
  leave(req: Request) {
    logOut(req);
    return { user: req.user, login: loginOf(req) ?? null };
  }
}

const open = (options: Partial<CookieLoginOptions> = {}) =>
  start(Pages, { features: [logins(cookieLogin({ keys: [KEY], ...options }))], trustProxy: ['127.0.0.1'] });
const https = { headers: { 'X-Forwarded-Proto': 'https' } };

describe('the cookie', () => {
  test.each<[string, Partial<CookieLoginOptions>, object, string]>([
    ['plain HTTP', {}, {}, 'login=V; Path=/; HttpOnly; SameSite=Lax'],
    ['HTTPS', {}, https, '__Host-login=V; Path=/; Secure; HttpOnly; SameSite=Lax'],
    [
      'a path',
      { cookie: { path: '/a' } },
      https,
      '__Secure-login=V; Path=/a; Secure; HttpOnly; SameSite=Lax',
    ],
    [
      'a domain',
      { cookie: { domain: 'example.org', name: 'who', sameSite: 'Strict' } },
      { headers: { ...https.headers, Host: 'www.example.org' } },
      '__Secure-who=V; Domain=example.org; Path=/; Secure; HttpOnly; SameSite=Strict',
    ],
    [
      'a name with a prefix',
      { cookie: { name: '__Host-who', secure: true } },
      {},
      '__Host-who=V; Path=/; Secure; HttpOnly; SameSite=Lax',
    ],
    ['secure: false', { cookie: { secure: false } }, https, 'login=V; Path=/; HttpOnly; SameSite=Lax'],
    [
      'persistent',
      { cookie: { persistent: true } },
      {},
      'login=V; Max-Age=7200; Path=/; HttpOnly; SameSite=Lax',
    ],
    [
      'persistent, and the end before',
      { cookie: { persistent: true }, maxAge: 60 },
      {},
      'login=V; Max-Age=60; Path=/; HttpOnly; SameSite=Lax',
    ],
  ])('with %s', async (_what, options, init, expected) => {
    const { client } = await open(options);
    const response = await client.post('/in/smith', init);
    expect(response.headers.get('set-cookie')?.replace(/=l1[^;]+/, '=V')).toBe(expected);
    const cookies = client.cookies.toObject();
    expect(await (await client.get('/', { ...init, cookies })).json()).toEqual({ user: 'smith' });
  });

  test('is read where the application wants no cookies for its handlers', async () => {
    const features = [logins(cookieLogin({ keys: [KEY] }))];
    const { client } = await start(Pages, { features, autoCookies: false });
    await client.post('/in/smith');
    expect(await (await client.get('/')).json()).toEqual({ user: 'smith' });
  });

  test('is taken away by logging out', async () => {
    const { client } = await open();
    await client.post('/in/smith');
    const response = await client.post('/out');
    expect(response.headers.get('set-cookie')).toMatch(/^login=; Max-Age=0; /);
    expect(await response.json()).toEqual({ user: null, login: null });
    expect(await (await client.get('/')).json()).toEqual({ user: null });
  });

  test('is taken away when it is no good', async () => {
    const { client } = await open();
    const response = await client.get('/', { cookies: { login: 'l1.x.y.z' } });
    expect(response.headers.get('set-cookie')).toMatch(/^login=; Max-Age=0; /);
    expect(await response.json()).toEqual({ user: null });
  });

  test('never goes to somebody else who gets the same response', async () => {
    const { client } = await open();
    expect((await client.post('/in/smith')).headers.has('set-cookie')).toBe(true);
    client.cookies.clear();
    const response = await client.get('/same');
    expect([response.headers.has('set-cookie'), response.headers.has('vary')]).toEqual([false, false]);
  });

  test('makes streams private, too', async () => {
    const { client } = await open();
    await client.post('/in/smith');
    const response = await client.get('/stream');
    expect([await response.text(), response.headers.get('cache-control')]).toEqual(['streamed', 'private']);
  });
});

describe('time', () => {
  async function at(steps: readonly number[], options: Partial<CookieLoginOptions> = {}) {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'], now: 1e12 });
    try {
      const { client } = await open(options);
      await client.post('/in/smith');
      const seen: unknown[] = [];
      for (const seconds of steps) {
        jest.setSystemTime(1e12 + seconds * 1000);
        const response = await client.get('/');
        seen.push([(await response.json<{ user: unknown }>()).user, response.headers.has('set-cookie')]);
      }
      return seen;
    } finally {
      jest.useRealTimers();
    }
  }

  test('ends a login that is not used', async () => {
    expect(await at([7199])).toEqual([['smith', true]]);
    expect(await at([7200])).toEqual([[null, true]]);
  });

  test('prolongs it past the middle only', async () => {
    expect(await at([3599, 3600, 3601])).toEqual([
      ['smith', false],
      ['smith', true],
      ['smith', false],
    ]);
  });

  test('ends it at last however much it is used', async () => {
    expect(await at([7000, 9999, 10_000], { maxAge: 10_000 })).toEqual([
      ['smith', true],
      ['smith', false],
      [null, true],
    ]);
  });
});

describe('mistakes', () => {
  test.each<[string, Partial<CookieLoginOptions>, string]>([
    [
      'a key that is in no list',
      { keys: 'a key of 32 bytes, or of even more' as never },
      'cookieLogin.keys: it must be a list of at least one, such as [process.env.LOGIN_KEY].',
    ],
    [
      'no keys',
      { keys: [] },
      'cookieLogin.keys: it must be a list of at least one, such as [process.env.LOGIN_KEY].',
    ],
    ['no time', { maxAge: -1 }, 'cookieLogin.maxAge: -1 is not a whole number of seconds, 1 or more.'],
  ])('%s', (_what, options, message) => {
    expect(() => cookieLogin({ keys: [KEY], ...options })).toThrow(developerError('E_SETTING', message));
  });

  test('a weak key is not shown', () => {
    expect(() => cookieLogin({ keys: ['hunter2'] })).toThrow(
      /^cookieLogin\.keys\[0\]: it must hold at least 32 random bytes/,
    );
  });

  test('a cookie that browsers would refuse', () => {
    expect(() => cookieLogin({ keys: [KEY], cookie: { name: 'a b' } })).toThrow(
      /^The cookie "__Host-a b" cannot be set/,
    );
  });

  test.each([
    logOut,
    (req: Request) => {
      logIn(req, 'smith');
    },
  ])('logging in and out where nothing keeps logins', (change) => {
    expect(() => {
      change(buildRequest('/', {}));
    }).toThrow(
      developerError(
        'E_AUTH',
        'Nothing keeps logins: add features: [logins(keeper)] or formLogin() to bootstrap.',
      ),
    );
  });

  test('a user who was known before stays', async () => {
    const { client } = await open();
    await client.post('/in/smith');
    expect(await (await client.get('/', { user: 'jones' })).json()).toEqual({ user: 'jones' });
  });
});
