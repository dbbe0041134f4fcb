/** Logging in with a form: where it leads, what it refuses, and what it leaves behind. */
import { describe, expect, jest, test } from '@jest/globals';
import {
  Controller,
  Get,
  HttpError,
  Post,
  reply,
  type Middleware,
  type Request,
  type TrustProxy,
} from 'obol';
import { csrf, CSRF_FIELD, csrfField } from 'obol/csrf';
import { cookieLogin } from '../../../../src/features/auth/login/cookie.js';
import { CheckFormLogin, formLogin } from '../../../../src/features/auth/login/check-form-login.js';
import { FormLogin, type FormLoginOptions } from '../../../../src/features/auth/login/form.js';
import { logIn, loginOf, logins } from '../../../../src/features/auth/login/keeper.js';
import { returnPath } from '../../../../src/features/auth/login/return-path.js';
import { sessionLogin, type LoginSession } from '../../../../src/features/auth/login/session.js';
import { sessions } from '../../../../src/features/session/sessions.js';
import { request } from '../../../../src/hosts/testing/request.js';
import type { TestClient } from '../../../../src/hosts/testing/test-client.js';
import type { TestRequestInit } from '../../../../src/hosts/testing/test-client-options.js';
import { Throttle } from '../../../../src/features/throttle/throttle.js';
import { start } from '../../../support/client.js';
import { developerError } from '../../../support/errors.js';
import { problemsOf } from '../../../support/problems.js';
import { expectWithin } from '../../../support/timing.js';

describe('the way back', () => {
  test.each([
    ['/', '/'],
    ['/a/b?c=d&e=%2F#f', '/a/b?c=d&e=%2F#f'],
    ['/a/../b', '/b'],
    ['/%2F/evil.example', '/%2F/evil.example'],
    ['/a//b', '/a//b'],
    ['/?next=http://evil.example', '/?next=http://evil.example'],
  ])('%s is %s', (text, path) => {
    expect(returnPath(text)).toBe(path);
  });

  test.each([
    undefined,
    '',
    'a',
    '?a',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    'http://evil.example/',
    'http:evil.example',
    'https:/evil.example',
    'javascript:alert(1)',
    '/a\r\nSet-Cookie: a=b',
    '/a\0',
    '/ž',
    `/${'a'.repeat(2048)}`,
  ])('%j leads nowhere', (text) => {
    expect(returnPath(text)).toBeUndefined();
  });

  test('is looked at in linear time', () => {
    expectWithin(10, () => returnPath(`/${'../'.repeat(680)}`));
  });
});

@Controller()
class Pages {
  constructor(private readonly login: FormLogin) {}

  @Get('/login')
  form(req: Request) {
    return this.login.page(req);
  }
  @Post('/login')
  submit(req: Request) {
    return this.login.submit(req);
  }
  @Post('/logout')
  leave(req: Request) {
    return this.login.leave(req);
  }
  @Get('/who')
  who(req: Request) {
    return { user: req.user, groups: loginOf(req)?.groups };
  }
  @Get('/field')
  field(req: Request) {
    return reply(csrfField(req), 'text/plain');
  }
  @Get('/members/<rest:path>')
  @CheckFormLogin()
  members() {
    return 'in';
  }
  @Post('/members')
  @CheckFormLogin()
  change() {
    return 'in';
  }
}

const store = sessions({ keys: ['0123456789abcdef'.repeat(4)] });
const sessionOf = (req: Request) => store.of(req) as LoginSession;
const verify = (user: string, password: string): boolean => user === 'smith' && password === 'pw';

async function open(
  options: Partial<FormLoginOptions> = {},
  middleware: readonly Middleware[] = [],
  settings: { trustProxy?: TrustProxy } = {},
) {
  const users = { verify: jest.fn(verify) };
  const login = formLogin({
    users,
    keeper: sessionLogin(sessionOf),
    ...options,
  });
  const { client } = await start(Pages, { ...settings, features: [store, login], middleware });
  return { client, users };
}

const hidden = (html: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';

async function submit(client: TestClient, fields: Record<string, string>, init: object = {}) {
  const page = await (await client.get('/login')).text();
  return post(
    client,
    '/login',
    { [CSRF_FIELD]: hidden(page, CSRF_FIELD), user: 'smith', password: 'pw', ...fields },
    init,
  );
}

function post(client: TestClient, path: string, fields: Record<string, string>, init: object = {}) {
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    ...(init as { headers?: object }).headers,
  };
  return client.post(path, { ...init, headers, body: new URLSearchParams(fields).toString() });
}

describe('the form', () => {
  test('is a page that is not stored', async () => {
    const { client } = await open();
    const response = await client.get('/login?next=/members/1');
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const html = await response.text();
    expect([hidden(html, 'next'), hidden(html, CSRF_FIELD).length]).toEqual(['/members/1', 86]);
  });

  test.each(['//evil.example', '"><script>alert(1)</script>', 'http://evil.example'])(
    'forgets the way to %s',
    async (next) => {
      const { client } = await open();
      const html = await (await client.get(`/login?next=${encodeURIComponent(next)}`)).text();
      expect([hidden(html, 'next'), html.includes('<script>')]).toEqual(['/', false]);
    },
  );

  test('may look otherwise', async () => {
    const { client } = await open({
      page: ({ action, hidden: fields }) => `${action} ${String(fields.length)}`,
    });
    expect(await (await client.get('/login')).text()).toBe('/login 2');
  });

  test('is not shown to who is logged in', async () => {
    const { client } = await open({ home: '/home' });
    await submit(client, {});
    const response = await client.get('/login?next=/members/1');
    expect([response.status, response.headers.get('location')]).toEqual([303, '/members/1']);
  });
});

describe('logging in', () => {
  test('goes on with GET, with another session', async () => {
    const { client } = await open({ groupsOf: () => ['admin'] });
    await client.get('/login');
    const before = client.cookies.toObject();
    const response = await submit(client, { next: '/members/1?a=b' });
    expect([
      response.status,
      response.headers.get('location'),
      response.headers.get('cache-control'),
    ]).toEqual([303, '/members/1?a=b', 'no-store']);
    expect(client.cookies.toObject()).not.toEqual(before);
    expect(await (await client.get('/who')).json()).toEqual({ user: 'smith', groups: ['admin'] });
  });

  test('regenerates the session, and keeps what it holds', () => {
    const data = new Map<string, unknown>([['cart', 1]]);
    const session = {
      load: () => undefined,
      get: (key: string) => data.get(key),
      set: (key: string, value: unknown) => data.set(key, value),
      regenerate: jest.fn(),
      destroy: jest.fn(),
    };
    sessionLogin(() => session).keep(request('/'), { user: 'smith' });
    expect(session.regenerate).toHaveBeenCalledTimes(1);
    expect([...data]).toEqual([
      ['cart', 1],
      ['login', { user: 'smith' }],
    ]);
  });

  test.each<[Record<string, string>]>([
    [{ password: 'wrong' }],
    [{ user: 'nobody' }],
    [{ user: '' }],
    [{ user: 'smi\0th' }],
    [{ password: '' }],
  ])('with %j shows the form again', async (fields) => {
    const { client } = await open();
    const response = await submit(client, { next: '/members/1', ...fields });
    const html = await response.text();
    expect([response.status, response.headers.get('www-authenticate'), hidden(html, 'next')]).toEqual([
      401,
      'Cookie realm="login", form-action="/login"',
      '/members/1',
    ]);
    expect(html).toContain('The name or the password is wrong.');
    expect(await (await client.get('/who')).json()).toEqual({ user: null });
  });

  test('shows the name again, escaped, and never the password', async () => {
    const { client } = await open();
    const html = await (await submit(client, { user: '"><script>', password: 'my secret' })).text();
    expect([html.includes('value="&quot;&gt;&lt;script&gt;"'), html.includes('my secret')]).toEqual([
      true,
      false,
    ]);
  });

  test.each(['', 'x', 'A'.repeat(86), 'A'.repeat(10_000)])(
    'is refused with the token %.20j',
    async (token) => {
      const { client, users } = await open();
      expect((await submit(client, { [CSRF_FIELD]: token })).status).toBe(403);
      expect(users.verify).not.toHaveBeenCalled();
    },
  );

  test.each([{ 'Sec-Fetch-Site': 'same-origin' }, { Origin: 'http://localhost' }])(
    'needs no token from a browser that says %j',
    async (headers) => {
      const { client } = await open();
      expect((await post(client, '/login', { user: 'smith', password: 'pw' }, { headers })).status).toBe(303);
    },
  );

  test('takes the tokens of an application that is protected as a whole', async () => {
    const { client } = await open({}, [csrf()]);
    expect((await submit(client, {})).status).toBe(303);
    expect(client.cookies.get('csrf')).toBeDefined();
  });

  test('is refused to other sites, over plain HTTP from elsewhere, and with a body that is no form', async () => {
    const { client } = await open();
    expect((await submit(client, {}, { headers: { 'Sec-Fetch-Site': 'cross-site' } })).status).toBe(403);
    expect((await submit(client, {}, { remoteAddress: '203.0.113.7' })).status).toBe(403);
    expect((await client.post('/login', { json: { user: 'smith' } })).status).toBe(415);
  });

  /** With a token that was planted together with its cookie. */
  test.each<[string, TestRequestInit, number]>([
    ['over HTTP from elsewhere', { remoteAddress: '203.0.113.7' }, 403],
    ['over HTTP from elsewhere, by IPv6', { remoteAddress: '2001:db8::7' }, 403],
    [
      'over HTTP from elsewhere, with Referer',
      { remoteAddress: '203.0.113.7', headers: { Referer: 'http://localhost/login' } },
      403,
    ],
    [
      'over HTTP from elsewhere, with Sec-Fetch-Mode',
      { remoteAddress: '203.0.113.7', headers: { 'Sec-Fetch-Mode': 'navigate' } },
      403,
    ],
    [
      'with the Origin of this server',
      { remoteAddress: '203.0.113.7', headers: { Origin: 'http://localhost' } },
      303,
    ],
    [
      'with Sec-Fetch-Site',
      { remoteAddress: '203.0.113.7', headers: { 'Sec-Fetch-Site': 'same-origin' } },
      303,
    ],
    [
      'with the Origin of another',
      { remoteAddress: '203.0.113.7', headers: { Origin: 'http://evil.example' } },
      403,
    ],
    ['from this machine', { remoteAddress: '127.0.0.9' }, 303],
    ['from this machine, by IPv6', { remoteAddress: '::ffff:7f00:1' }, 303],
  ])(
    'is taken over plain HTTP from a client that says where it comes from: %s, %j gets %i',
    async (_, init, status) => {
      const { client, users } = await open({ allowHttp: true });
      const response = await submit(client, {}, init);
      expect(response.status).toBe(status);
      if (status === 403) expect(users.verify).not.toHaveBeenCalled();
    },
  );

  test('says what an old client can do', async () => {
    const { client } = await open({ allowHttp: true });
    const response = await submit(
      client,
      {},
      { remoteAddress: '203.0.113.7', headers: { Accept: 'text/plain' } },
    );
    expect(await response.text()).toBe(
      '403 This client does not say where its forms come from, and over plain HTTP nothing else can prove that, so no user was ' +
        'logged in. Use HTTPS, or a browser that sends Origin.\n',
    );
  });

  test('is bound over HTTPS to a cookie that no other machine can plant', async () => {
    const { client } = await open({}, [], { trustProxy: ['203.0.113.7'] });
    const https = { remoteAddress: '203.0.113.7', headers: { 'X-Forwarded-Proto': 'https' } };
    const page = await client.get('/login', https);
    expect(client.cookies.get('__Host-csrf')).toBeDefined();
    const token = hidden(await page.text(), CSRF_FIELD);
    const form = { user: 'smith', password: 'pw', [CSRF_FIELD]: token };
    expect((await post(client, '/login', form, https)).status).toBe(303);
    const planted = await open({}, [], { trustProxy: ['203.0.113.7'] });
    const cookie = `csrf=${client.cookies.get('__Host-csrf') ?? ''}`;
    const headers = { ...https.headers, Cookie: cookie };
    expect((await post(planted.client, '/login', form, { ...https, headers })).status).toBe(403);
  });

  test('by a handler of its own is asked the same', async () => {
    @Controller()
    class Own {
      @Post('/own') own(req: Request) {
        logIn(req, 'smith');
        return 'in';
      }
      @Get('/back') back(req: Request) {
        logIn(req, 'smith');
        return 'in';
      }
    }
    const { client } = await start(Own, {
      features: [logins(cookieLogin({ keys: ['kept-for-the-tests-of-log-ins-by-a-form'] }))],
    });
    const elsewhere = { remoteAddress: '203.0.113.7' };
    expect((await client.post('/own', elsewhere)).status).toBe(403);
    expect(
      (await client.post('/own', { ...elsewhere, headers: { Origin: 'http://localhost' } })).status,
    ).toBe(200);
    expect((await client.post('/own')).status).toBe(200);
    expect((await client.get('/back', elsewhere)).status).toBe(200);
  });

  test('waits after too many failures, even with the right password', async () => {
    const { client, users } = await open({ throttle: new Throttle({ failures: 2 }) });
    for (let i = 0; i < 2; i++) await submit(client, { password: 'wrong' });
    const response = await submit(client, {});
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '900']);
    expect(await response.text()).toContain('Too many attempts. Try again later.');
    expect(users.verify).toHaveBeenCalledTimes(2);
  });

  test('is blocked by ten failures where nothing else is said', async () => {
    const { client } = await open();
    for (let i = 0; i < 10; i++) expect((await submit(client, { password: 'wrong' })).status).toBe(401);
    expect((await submit(client, {})).status).toBe(429);
  });

  test('tells nothing of guesses that come all at once, and shows the form again', async () => {
    const { client, users } = await open({ throttle: new Throttle({ failures: 2 }) });
    const answers = await Promise.all(
      ['1', '2', 'pw', '3'].map((password) =>
        post(client, '/login', { user: 'smith', password }, { headers: { Origin: 'http://localhost' } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 429, 429]);
    expect(users.verify).toHaveBeenCalledTimes(2);
    expect(hidden((await answers[2]?.text()) ?? '', 'next')).toBe('/');
  });

  test('is a 503 while the failures cannot be counted', async () => {
    const away = (): Promise<never> => Promise.reject(new HttpError(503));
    const store = { get: away, increment: away, decrement: away, expire: away, reset: away };
    const { client, users } = await open({ throttle: new Throttle({ store }) });
    expect((await submit(client, {})).status).toBe(503);
    expect(users.verify).not.toHaveBeenCalled();
  });

  test('is not throttled where that is not wanted', async () => {
    const { client } = await open({ throttle: false });
    for (let i = 0; i < 12; i++) await submit(client, { password: 'wrong' });
    expect((await submit(client, {})).status).toBe(303);
  });

  test('works with a cookie in place of a session', async () => {
    const { client } = await open({
      keeper: cookieLogin({ keys: ['a key of 32 bytes, or of even more'] }),
    });
    await submit(client, {});
    expect(await (await client.get('/who')).json()).toMatchObject({ user: 'smith' });
  });
});

describe('logging out', () => {
  test('ends the session and goes home', async () => {
    const { client } = await open({ home: '/bye' });
    await submit(client, {});
    const token = hidden(await (await client.get('/field')).text(), CSRF_FIELD);
    const response = await post(client, '/logout', { [CSRF_FIELD]: token });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/bye']);
    expect(await (await client.get('/who')).json()).toEqual({ user: null });
  });

  test.each<[string, Record<string, string>, number]>([
    ['of this page', { 'Sec-Fetch-Site': 'same-origin' }, 303],
    ['of another page', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['of a page that says nothing', {}, 403],
    [
      'of this page, with an empty text',
      { 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'text/plain' },
      303,
    ],
  ])('needs no body: a request %s', async (_, headers, status) => {
    const { client } = await open();
    await submit(client, {});
    expect((await client.post('/logout', { headers: { ...headers, 'Content-Length': '0' } })).status).toBe(
      status,
    );
  });

  test('needs the token', async () => {
    const { client } = await open();
    await submit(client, {});
    expect((await post(client, '/logout', {})).status).toBe(403);
    expect(await (await client.get('/who')).json()).toEqual({ user: 'smith' });
  });
});

describe('@CheckFormLogin', () => {
  const html = { headers: { Accept: 'text/html' } };

  test.each([
    ['/members/1', '/login?next=%2Fmembers%2F1'],
    ['/members/a%20b?c=%C5%BE&d', '/login?next=%2Fmembers%2Fa%2520b%3Fc%3D%25C5%25BE%26d'],
    ['http://localhost/members/1', '/login'],
  ])('sends people from %s to %s', async (target, location) => {
    const { client } = await open();
    const response = await client.get(target, html);
    expect([response.status, response.headers.get('location')]).toEqual([303, location]);
  });

  test.each<[string, Promise<unknown>]>([
    ['a POST', open().then(({ client }) => client.post('/members', html))],
    [
      'a program',
      open().then(({ client }) => client.get('/members/1', { headers: { Accept: 'application/json' } })),
    ],
    [
      'a script',
      open().then(({ client }) =>
        client.get('/members/1', { headers: { Accept: 'text/html', 'X-Requested-With': 'XMLHttpRequest' } }),
      ),
    ],
  ])('answers 401 to %s', async (_who, asking) => {
    const response = (await asking) as Awaited<ReturnType<TestClient['get']>>;
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Cookie realm="login", form-action="/login"',
    ]);
  });

  test('lets in who is logged in', async () => {
    const { client } = await open();
    await submit(client, {});
    expect((await client.get('/members/1')).status).toBe(200);
  });

  test('says at bootstrap that there is no form', async () => {
    @Controller()
    class Alone {
      @Get('/')
      @CheckFormLogin()
      index() {
        return '';
      }
    }
    expect((await problemsOf([Alone])).map(({ code, message }) => [code, message])).toEqual([
      [
        'E_AUTH',
        'The guard @CheckFormLogin could not be put together: there is no form to log in with. Add features: ' +
          '[formLogin({ ... })] to those of bootstrap.',
      ],
    ]);
  });
});

test('sessionLogin takes a function', () => {
  expect(() => sessionLogin(store as never)).toThrow(
    developerError(
      'E_SETTING',
      'sessionLogin: a SessionFeature is not a function (request) => store.of(request), where store is sessions({ ... }).',
    ),
  );
});

describe('a session', () => {
  const data = { load: () => Promise.resolve(), set: () => 0, regenerate: () => 0, destroy: () => undefined };

  test.each<[unknown, unknown]>([
    [{ user: 'smith' }, { user: 'smith' }],
    [
      { user: 'smith', groups: ['a'] },
      { user: 'smith', groups: ['a'] },
    ],
    [undefined, undefined],
    ['smith', undefined],
    [{ user: 1 }, undefined],
    [null, undefined],
  ])('with %j has the login %j, once it is loaded', async (value, login) => {
    const keeper = sessionLogin(() => ({ ...data, get: () => value }));
    expect(await keeper.find(request('/'))).toEqual({ login });
  });
});

test.each<[Partial<FormLoginOptions>, string]>([
  [{ path: '//evil.example' }, 'formLogin.path: "//evil.example" is not a path of this server.'],
  [{ home: 'home' }, 'formLogin.home: "home" is not a path of this server.'],
  [
    { keeper: store as never },
    'formLogin.keeper: it has no method find(); give cookieLogin({ keys }), or sessionLogin((request) => store.of(request)) where store is sessions({ ... }).',
  ],
  [
    { users: {} as never },
    'formLogin.users: it has no method verify(); give a PasswordHashMap, or what can verify(user, password).',
  ],
])('refuses the options %j', (options, message) => {
  const good = { users: { verify }, keeper: sessionLogin(sessionOf) };
  expect(() => formLogin({ ...good, ...options })).toThrow(developerError('E_SETTING', message));
});
