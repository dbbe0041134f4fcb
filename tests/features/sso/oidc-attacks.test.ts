/** What attackers try on the way to an OpenID provider and back, and that none of it logs in. */
import { describe, expect, test } from '@jest/globals';
import { HttpError, redirect } from 'obol';
import { oidcLogin } from '../../../src/features/sso/check-oidc-login.js';
import type { OidcOptions } from '../../../src/features/sso/oidc-login.js';
import { start } from '../../support/client.js';
import { OidcTestProvider, type OidcFaults } from '../../support/oidc-provider.js';
import { html, open, options, Pages, text, toProvider, wayBack } from '../../support/oidc-world.js';

const now = Math.floor(Date.now() / 1000);
const unbelievable = '403 What the OpenID provider says cannot be believed\n';

describe('an ID token', () => {
  const listed = (alg: string) => ({ id_token_signing_alg_values_supported: ['RS256', alg] });

  test.each<[string, OidcFaults]>([
    ['that nobody has signed', { forgedAlgorithm: 'none' }],
    [
      'that nobody has signed, where the provider lists that',
      { forgedAlgorithm: 'none', metadata: listed('none') },
    ],
    ['signed with the public key as a secret', { forgedAlgorithm: 'HS256' }],
    [
      'signed with the public key, where the provider lists that',
      { forgedAlgorithm: 'HS256', metadata: listed('HS256') },
    ],
    ['for another application', { claims: { aud: ['other'] } }],
    ['for another application, too', { claims: { aud: ['app', 'other'] } }],
    ['for another application, which asked for it', { claims: { aud: ['app', 'other'], azp: 'other' } }],
    ['for nobody', { claims: { aud: [] } }],
    ['that has ended, beyond what clocks may differ by', { claims: { exp: now - 40 } }],
    ['that is not valid yet', { claims: { nbf: now + 90 } }],
    ['with an end that is no number', { claims: { exp: '9999999999' } }],
    ['with a subject that is no text', { claims: { sub: ['smith'] } }],
  ])('%s is refused', async (_what, faults) => {
    await using world = await open();
    world.provider.faults = { metadata: faults.metadata ?? {} };
    const path = await wayBack(world);
    world.provider.faults = faults;
    const response = await world.client.get(path, text);
    expect([response.status, await response.text()]).toEqual([403, unbelievable]);
    expect(response.headers.getAll('set-cookie').join()).not.toContain('login=');
    expect((await world.client.get('/members', html)).status).toBe(303);
  });

  test.each<[string, OidcFaults]>([
    ['for this application alone, as a list', { claims: { aud: ['app'] } }],
    ['for several, that this one asked for', { claims: { aud: ['other', 'app'], azp: 'app' } }],
    ['that has just ended, as far as clocks tell', { claims: { exp: now - 1 } }],
  ])('%s is believed', async (_what, faults) => {
    await using world = await open();
    const path = await wayBack(world);
    world.provider.faults = faults;
    expect((await world.client.get(path)).status).toBe(303);
    expect(await (await world.client.get('/members')).json()).toEqual({ user: 'smith' });
  });
});

describe('a way back', () => {
  test('is of its own state, nonce and verifier each time', async () => {
    await using world = await open();
    const begun = [await toProvider(world.client), await toProvider(world.client)];
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(new Set(begun.map((url) => url.searchParams.get(name))).size).toBe(2);
  });

  test('names its provider where the provider says that it does (RFC 9207)', async () => {
    await using world = await open();
    world.provider.faults = { metadata: { authorization_response_iss_parameter_supported: true } };
    const path = await wayBack(world);
    expect((await world.client.get(path)).status).toBe(403);
    const named = await wayBack(world);
    const issuer = encodeURIComponent(world.provider.issuer);
    expect((await world.client.get(`${named}&iss=${issuer}`)).status).toBe(303);
    expect(world.provider.tokenRequests.length).toBe(1);
  });

  test.each([
    ['another issuer', 'iss=https://evil.example'],
    ['two issuers', 'iss=a&iss=b'],
    ['two codes', 'code=a'],
    ['two states', 'state=a'],
    ['a token', 'id_token=a'],
    ['a signed answer', 'response=a'],
  ])('with %s takes no code to the provider', async (_what, more) => {
    await using world = await open();
    const response = await world.client.get(`${await wayBack(world)}&${more}`, text);
    expect([response.status, await response.text()]).toEqual([403, unbelievable]);
    expect(world.provider.tokenRequests).toEqual([]);
  });

  test('to one provider is none that was begun with another of the same host and keys', async () => {
    await using one = await OidcTestProvider.start();
    await using other = await OidcTestProvider.start();
    const [first, second] = await Promise.all(
      [one, other].map(({ issuer }) => start(Pages, { features: [oidcLogin({ ...options, issuer })] })),
    );
    const begun = await first?.client.get('/members', html);
    const back = one.authorize(new URL(begun?.headers.get('location') ?? ''));
    const cookies = first?.client.cookies.toObject() ?? {};
    const path = back.pathname + back.search;
    expect((await second?.client.get(path, { cookies }))?.status).toBe(400);
    expect([one.tokenRequests, other.tokenRequests]).toEqual([[], []]);
    expect((await first?.client.get(path))?.status).toBe(303);
  });

  test('leaves nothing of itself in the address, and nothing in caches', async () => {
    await using world = await open();
    const path = await wayBack(world);
    for (const status of [303, 400]) {
      const response = await world.client.get(path);
      expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'no-store']);
      expect(response.headers.get('location') ?? '').not.toMatch(/code|state/);
    }
  });

  test.each([
    ['//evil.example', '/home'],
    ['/\\evil.example', '/home'],
    ['\\\\evil.example', '/home'],
    ['https:evil.example', '/home'],
    ['/\t/evil.example', '/home'],
    ['/..//evil.example', '/home'],
    ['/.%2f/evil.example', '/.%2f/evil.example'],
    ['/%2f%2fevil.example', '/%2f%2fevil.example'],
    ['/%5cevil.example', '/%5cevil.example'],
    ['/a?next=//evil.example', '/a?next=//evil.example'],
    ['/a\r\nSet-Cookie: a=b', '/home'],
  ])('that is to lead to %j leads to %s of this host', async (next, expected) => {
    await using world = await open({ home: '/home' });
    const path = await wayBack(world, `/login?next=${encodeURIComponent(next)}`);
    const location = (await world.client.get(path)).headers.get('location') ?? '';
    expect(location).toBe(expected);
    expect(new URL(location, 'https://app.example.org').origin).toBe('https://app.example.org');
  });
});

describe('an application that says who somebody is', () => {
  const failing = (user: OidcOptions['user']) => open({ user });

  test('and fails is told in the log, without the code', async () => {
    await using world = await failing(() => {
      throw new RangeError('no such account');
    });
    const path = await wayBack(world);
    expect((await world.client.get(path)).status).toBe(500);
    expect(world.logger.errors).toEqual([
      expect.stringMatching(
        /^A user whom the OpenID provider knows cannot be logged in: RangeError: no such account/,
      ),
    ]);
    const code = new URLSearchParams(path.split('?')[1]).get('code') ?? '';
    expect(world.logger.errors.join()).not.toContain(code);
  });

  test.each<[string, () => never, number, string | undefined]>([
    [
      'a status',
      () => {
        throw new HttpError(402, 'Pay first');
      },
      402,
      undefined,
    ],
    ['another page', () => redirect('/register'), 302, '/register'],
  ])('may answer with %s, and the state is spent', async (_what, user, status, location) => {
    await using world = await failing(user);
    const path = await wayBack(world);
    const response = await world.client.get(path);
    expect([response.status, response.headers.get('location')]).toEqual([status, location]);
    expect((await world.client.get(path)).status).toBe(400);
  });
});
