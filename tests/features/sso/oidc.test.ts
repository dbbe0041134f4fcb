/** Single sign-on by OpenID Connect against a provider on a real socket: the whole way, and all that must not work. */
import { inspect } from 'node:util';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Controller, Get, Response } from 'obol';
import { CheckOidcLogin, oidcLogin } from '../../../src/features/sso/check-oidc-login.js';
import type { OidcOptions } from '../../../src/features/sso/oidc-login.js';
import { TestClient } from '../../../src/hosts/testing/test-client.js';
import { start } from '../../support/client.js';
import { developerError } from '../../support/errors.js';
import { CLIENT, OidcTestProvider, type OidcFaults } from '../../support/oidc-provider.js';
import { html, keys, open, options, Pages, text, toProvider, wayBack } from '../../support/oidc-world.js';
import { problemsOf } from '../../support/problems.js';

const COOKIE = '__Host-oidc-state';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('the whole way', () => {
  test('asks for a code with S256, state and nonce', async () => {
    await using world = await open({ scopes: ['email', 'openid'] });
    const url = await toProvider(world.client);
    expect(`${url.origin}${url.pathname}`).toBe(`${world.provider.issuer}/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'app',
      response_type: 'code',
      redirect_uri: 'https://app.example.org/login/callback',
      scope: 'openid email',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{22}$/),
      nonce: expect.stringMatching(/^[\w-]{22}$/),
    });
  });

  test('keeps the rest in a sealed cookie that lives ten minutes', async () => {
    await using world = await open();
    const response = await world.client.get('/members', html);
    expect([response.status, response.headers.get('cache-control')]).toEqual([303, 'no-store']);
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-oidc-state=[\w-]+; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    );
  });

  test('leads back without the code, lets in, and proves the application by Basic', async () => {
    await using world = await open();
    const entered = await world.client.get(await wayBack(world));
    expect([entered.status, entered.headers.get('location'), entered.headers.get('cache-control')]).toEqual([
      303,
      '/members?a=b',
      'no-store',
    ]);
    expect(await (await world.client.get('/members')).json()).toEqual({ user: 'smith' });
    expect(world.provider.discoveries).toBe(1);
    const [{ authorization, form } = { authorization: '', form: new URLSearchParams() }] =
      world.provider.tokenRequests;
    expect(authorization).toMatch(/^Basic /);
    expect(form.get('code_verifier')).toMatch(/^[\w-]{43}$/);
  });

  test('works for a public client', async () => {
    await using world = await open({ clientSecret: undefined });
    expect((await world.client.get(await wayBack(world))).status).toBe(303);
    expect(world.provider.tokenRequests[0]?.authorization).toBeUndefined();
  });

  test('goes from several pages at once, and forgets the oldest of five', async () => {
    await using world = await open();
    const paths: string[] = [];
    for (const page of [1, 2, 3, 4, 5]) paths.push(await wayBack(world, `/members?page=${page}`));
    const statuses: number[] = [];
    for (const path of paths) statuses.push((await world.client.get(path)).status);
    expect(statuses).toEqual([400, 303, 303, 303, 303]);
  });

  test('asks the application who somebody is', async () => {
    await using world = await open({ user: ({ sub }) => ({ user: `id:${String(sub)}`, groups: ['staff'] }) });
    await world.client.get(await wayBack(world));
    expect(await (await world.client.get('/members')).json()).toEqual({ user: 'id:smith' });
  });

  test.each<[string, OidcOptions['user']]>([
    ['nobody', () => undefined],
    ['an empty name', () => ''],
    ['a name of two lines', () => ({ user: 'a\nb' })],
  ])('answers 403 when that is %s', async (_what, user) => {
    await using world = await open({ user });
    const response = await world.client.get(await wayBack(world), text);
    expect([response.status, await response.text()]).toEqual([403, '403 You may not log in here\n']);
  });

  test('logs out here and there', async () => {
    await using world = await open();
    await world.client.get(await wayBack(world));
    const response = await world.client.post('/logout');
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      `${world.provider.issuer}/end?post_logout_redirect_uri=https%3A%2F%2Fapp.example.org%2F&client_id=app`,
    ]);
    expect((await world.client.get('/members', html)).status).toBe(303);
  });

  test('logs out here alone of a provider that has no place for it', async () => {
    await using world = await open();
    world.provider.faults = { metadata: { end_session_endpoint: undefined } };
    expect((await world.client.post('/logout')).headers.get('location')).toBe('/');
  });

  test('logs nobody out by a form of another site', async () => {
    await using world = await open();
    const response = await world.client.post('/logout', { headers: { 'Sec-Fetch-Site': 'cross-site' } });
    expect(response.status).toBe(403);
  });
});

describe('the ID token', () => {
  const past = Math.floor(Date.now() / 1000) - 3600;
  const unbelievable = '403 What the OpenID provider says cannot be believed\n';

  test.each<[string, OidcFaults]>([
    ['another nonce', { claims: { nonce: 'x' } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['another issuer', { claims: { iss: 'https://evil.example' } }],
    ['another audience', { claims: { aud: 'other' } }],
    ['an end that is past', { claims: { exp: past, iat: past - 60 } }],
    ['no end', { claims: { exp: undefined } }],
    ['no subject', { claims: { sub: undefined } }],
    ['a signature of somebody else', { foreignKey: true }],
  ])('with %s is refused', async (_what, faults) => {
    await using world = await open();
    const path = await wayBack(world);
    world.provider.faults = faults;
    const response = await world.client.get(path, text);
    expect([response.status, await response.text()]).toEqual([403, unbelievable]);
    expect((await world.client.get('/members', html)).status).toBe(303);
  });
});

describe('the way back', () => {
  const strange = '400 This login was not begun here, or too long ago; open the page again\n';

  async function refused(client: TestClient, path: string, cookies: Record<string, string> = {}) {
    const response = await client.get(path, { ...text, cookies });
    return [response.status, await response.text()];
  }

  test('is no good in another browser', async () => {
    await using world = await open();
    const path = await wayBack(world);
    expect(await refused(new TestClient(world.app), path)).toEqual([400, strange]);
    const other = new TestClient(world.app);
    await toProvider(other);
    expect(await refused(other, path)).toEqual([400, strange]);
    expect(world.provider.tokenRequests).toEqual([]);
  });

  test('is good once', async () => {
    await using world = await open();
    const path = await wayBack(world);
    expect((await world.client.get(path)).status).toBe(303);
    expect(await refused(world.client, path)).toEqual([400, strange]);
  });

  test('is good for ten minutes', async () => {
    await using world = await open();
    const path = await wayBack(world);
    const late = Date.now() + 600_000;
    jest.spyOn(Date, 'now').mockReturnValue(late);
    expect(await refused(world.client, path)).toEqual([400, strange]);
  });

  test.each([
    ['a short one', 'x'],
    ['one that does not open', 'x'.repeat(100)],
    ['a long one', 'x'.repeat(5000)],
  ])('needs a cookie of ours, not %s', async (_what, value) => {
    await using world = await open();
    const path = await wayBack(world);
    expect(await refused(new TestClient(world.app), path, { [COOKIE]: value })).toEqual([400, strange]);
  });

  test('opens cookies of an older key', async () => {
    await using provider = await OidcTestProvider.start();
    const [old, young] = await Promise.all(
      [keys, ['another key of more than 32 bytes', ...keys]].map((each) =>
        start(Pages, {
          features: [oidcLogin({ ...options, issuer: provider.issuer, keys: each })],
        }),
      ),
    );
    const begun = await old?.client.get('/members', html);
    const back = provider.authorize(new URL(begun?.headers.get('location') ?? ''));
    const cookies = old?.client.cookies.toObject() ?? {};
    expect((await young?.client.get(back.pathname + back.search, { cookies }))?.status).toBe(303);
  });

  test('with the code of somebody else does not log in as him', async () => {
    await using world = await open();
    const stolen = new URL(await wayBack(world), 'https://app.example.org').searchParams.get('code') ?? '';
    const thief = new TestClient(world.app);
    const own = await toProvider(thief);
    const path = `/login/callback?code=${stolen}&state=${own.searchParams.get('state')}`;
    expect(await refused(thief, path)).toEqual([403, '403 The OpenID provider does not take this code\n']);
  });

  test.each([
    ['access_denied', 403, 'Logging in was refused'],
    ['%3Cscript%3E', 403, 'Logging in was refused'],
    ['login_required', 401, 'The OpenID provider has not logged you in'],
    ['temporarily_unavailable', 503, 'Service Unavailable'],
  ])('with the error %s answers %i, and spends the state', async (error, status, detail) => {
    await using world = await open();
    const state = (await toProvider(world.client)).searchParams.get('state');
    const path = `/login/callback?error=${error}&error_description=hello&state=${state}`;
    expect(await refused(world.client, path)).toEqual([status, `${status} ${detail}\n`]);
    expect(await refused(world.client, path)).toEqual([400, strange]);
  });

  test('with an error that nobody asked for spends nothing', async () => {
    await using world = await open();
    const path = await wayBack(world);
    expect(await refused(world.client, '/login/callback?error=access_denied')).toEqual([400, strange]);
    expect((await world.client.get(path)).status).toBe(303);
  });

  test('takes one code', async () => {
    await using world = await open();
    const path = await wayBack(world);
    expect((await world.client.get(`${path}&code=other`)).status).toBe(403);
  });

  test('is for GET', async () => {
    await using world = await open();
    const response = await world.client.post('/login/callback');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect((await world.client.head('/login/callback?state=x')).status).toBe(405);
  });

  test.each([
    ['another host', 'https://evil.example/'],
    ['a host without a scheme', '//evil.example'],
    ['a host behind a backslash', '/\\evil.example'],
    ['a host behind dots', '/.//evil.example'],
    ['a script', 'javascript:alert(1)'],
    ['a path that is too long', `/${'a'.repeat(500)}`],
  ])('never leads to %s', async (_what, next) => {
    await using world = await open({ home: '/home' });
    const path = await wayBack(world, `/login?next=${encodeURIComponent(next)}`);
    expect((await world.client.get(path)).headers.get('location')).toBe('/home');
  });

  test('leads to the path that was asked for', async () => {
    await using world = await open();
    const path = await wayBack(world, '/login?next=/members%3Fc=d');
    expect((await world.client.get(path)).headers.get('location')).toBe('/members?c=d');
  });
});

describe('a provider that fails', () => {
  test('is asked again some seconds later, and not with every request', async () => {
    await using world = await open();
    world.provider.faults = { status: 500 };
    for (let i = 0; i < 3; i++) {
      const response = await world.client.get('/members', html);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    }
    expect(world.provider.discoveries).toBe(1);
    world.provider.faults = {};
    const later = Date.now() + 5000;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    expect((await world.client.get('/members', html)).status).toBe(303);
    expect(world.provider.discoveries).toBe(2);
  });

  test('answers 503 when it is down, and works again when it is up', async () => {
    await using world = await open();
    await world.provider.close();
    expect((await world.client.get('/members', html)).status).toBe(503);
    await world.provider.listen();
    const later = Date.now() + 5000;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    expect((await world.client.get('/members', html)).status).toBe(303);
  });

  test.each([
    ['when it is looked up', () => '/members'],
    ['for its tokens', wayBack],
  ])('is waited for no longer than five seconds %s', async (_what, pathOf) => {
    await using world = await open();
    const path = await pathOf(world);
    world.provider.faults = { silent: true };
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const asked = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(20));
    expect((await world.client.get(path, html)).status).toBe(503);
    expect(asked.mock.calls).toEqual([[5000]]);
  });

  test.each([
    ['another issuer', { issuer: 'http://127.0.0.1:1' }],
    ['a token endpoint over plain HTTP elsewhere', { token_endpoint: 'http://example.org/token' }],
    ['no keys', { jwks_uri: undefined }],
  ])('answers 503 when it says it has %s', async (_what, metadata) => {
    await using world = await open();
    world.provider.faults = { metadata };
    expect((await world.client.get('/members', html)).status).toBe(503);
  });

  test.each<[string, OidcFaults, number]>([
    ['is down when the code comes', { status: 500 }, 503],
    ['does not know the application', { tokenError: 'invalid_client' }, 502],
    ['does not know the code', { tokenError: 'invalid_grant' }, 403],
  ])('which %s', async (_what, faults, status) => {
    await using world = await open();
    const path = await wayBack(world);
    world.provider.faults = faults;
    expect((await world.client.get(path)).status).toBe(status);
    expect(world.logger.errors.join() + world.logger.warnings.join()).not.toContain(CLIENT.clientSecret);
  });

  test('does not keep anybody from logging out', async () => {
    await using world = await open();
    await world.provider.close();
    const response = await world.client.post('/logout');
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    await world.provider.listen();
  });
});

test('a program gets 401', async () => {
  const { client } = await start(Pages, { features: [oidcLogin(options)] });
  const response = await client.get('/members', { headers: { Accept: 'application/json' } });
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Cookie realm="login"']);
});

test.each<[Partial<OidcOptions>, string]>([
  [{ issuer: 'id' }, 'oidcLogin.issuer: "id" is not a URL, such as "https://id.example.org".'],
  [
    { issuer: 'http://id.example.org' },
    'oidcLogin.issuer: "http://id.example.org" is not https, so that an attacker on the way could log in.',
  ],
  [{ service: 'https://a?b' }, 'oidcLogin.service: "https://a?b" may have no query and no fragment.'],
  [{ redirectPath: '//x' }, 'oidcLogin.redirectPath: "//x" is not a path of this server.'],
  [{ redirectPath: '/x?y' }, 'oidcLogin.redirectPath: "/x?y" is not a path without a query and a fragment.'],
  [{ home: 'x' }, 'oidcLogin.home: "x" is not a path of this server.'],
  [{ clientId: '' }, 'oidcLogin.clientId: "" is not the name of this application at the provider.'],
  [{ clientSecret: '' }, 'oidcLogin.clientSecret: it is not a secret; leave it out for a public client.'],
  [{ scopes: ['a b'] }, 'oidcLogin.scopes[0]: "a b" is not a scope, which has no space in it.'],
  [{ keys: [] }, 'oidcLogin.keys: it must be a list of at least one, such as [process.env.LOGIN_KEY].'],
])('refuses the options %j', (over, message) => {
  expect(() => oidcLogin({ ...options, ...over })).toThrow(developerError('E_SETTING', message));
});

test('printing it shows no secret', () => {
  const shown = inspect(oidcLogin(options).providers, { depth: 9, showHidden: true });
  expect(shown).toContain('OidcLogin { keeper: CookieLoginKeeper {');
  expect(shown).not.toContain(CLIENT.clientSecret);
});

test('@CheckOidcLogin says at bootstrap that there is no provider', async () => {
  @Controller()
  class Alone {
    @Get('/')
    @CheckOidcLogin()
    index() {
      return new Response('');
    }
  }
  expect((await problemsOf([Alone])).map(({ code }) => code)).toEqual(['E_AUTH']);
});
