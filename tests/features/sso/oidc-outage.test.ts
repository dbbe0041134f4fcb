/** What the log is told of an OpenID provider that fails, what people get then, and how it comes back. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { CLIENT, type OidcFaults } from '../../support/oidc-provider.js';
import { html, open, text, toProvider, wayBack, type World } from '../../support/oidc-world.js';

afterEach(() => {
  jest.restoreAllMocks();
});

/** Warnings, but for the one that the tests come over HTTP. */
function told({ logger, provider }: World): string[] {
  return logger.warnings
    .filter((line) => !line.startsWith('The service '))
    .map((line) => line.replaceAll(provider.issuer, 'ID'));
}

function later(seconds: number): void {
  const time = Date.now() + seconds * 1000;
  jest.spyOn(Date, 'now').mockReturnValue(time);
}

const PREFIX = 'The OpenID provider ID/ cannot log people in: ';
const BACK = 'The OpenID provider ID/ logs people in again.';

describe('a provider that cannot be looked up', () => {
  test.each<[string, OidcFaults, string]>([
    ['fails', { status: 500 }, 'it answers 500 to ID/.well-known/openid-configuration'],
    ['is somebody else', { status: 404 }, 'it answers 404 to ID/.well-known/openid-configuration'],
    [
      'redirects',
      { status: 302 },
      'it redirects from ID/.well-known/openid-configuration, which is not followed',
    ],
    ['is too long', { body: ' '.repeat(262_145) }, 'its answer is longer than 256 KiB'],
    [
      'is a page',
      { body: '<p>a token' },
      'its answer is no JSON; is the setting issuer right? (failed to parse "response" body as JSON)',
    ],
    [
      'has another name',
      { metadata: { issuer: 'https://evil.example/a token' } },
      'the setting issuer is not exactly what it calls itself (discovered metadata issuer does not match the expected issuer)',
    ],
    ['has no keys', { metadata: { jwks_uri: undefined } }, 'it names no jwks_uri with https'],
    [
      'has tokens for everybody to read',
      { metadata: { token_endpoint: 'http://example.org/token' } },
      'it names no token_endpoint with https',
    ],
  ])('because it %s is told once, and that it is back', async (_what, faults, reason) => {
    await using world = await open();
    world.provider.faults = faults;
    for (let i = 0; i < 3; i++) expect((await world.client.get('/members', html)).status).toBe(503);
    later(5);
    expect((await world.client.get('/members', html)).status).toBe(503);
    expect(told(world)).toEqual([PREFIX + reason]);
    expect(world.logger.details.map((line) => line.replaceAll(world.provider.issuer, 'ID'))).toEqual([
      PREFIX + reason,
    ]);
    world.provider.faults = {};
    later(5);
    for (let i = 0; i < 2; i++) expect((await world.client.get('/members', html)).status).toBe(303);
    expect(told(world)).toEqual([PREFIX + reason, BACK]);
  });

  test('because it is down is told with the code of the system', async () => {
    await using world = await open();
    await world.provider.close();
    await world.client.get('/members', html);
    expect(told(world)).toEqual([`${PREFIX}the connection failed (ECONNREFUSED)`]);
    await world.provider.listen();
  });

  test.each<[string, OidcFaults]>([
    ['says nothing', { silent: true }],
    ['sends a byte now and then', { dripping: true }],
  ])('because it %s is waited for five seconds in all', async (_what, faults) => {
    await using world = await open();
    world.provider.faults = faults;
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const asked = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(40));
    expect((await world.client.get('/members', html)).status).toBe(503);
    expect(asked.mock.calls).toEqual([[5000]]);
    expect(told(world)).toEqual([`${PREFIX}it gave no whole answer within 5 seconds`]);
  });

  test('makes nobody wait longer when the clock is set back', async () => {
    await using world = await open();
    world.provider.faults = { status: 500 };
    await world.client.get('/members', html);
    world.provider.faults = {};
    later(-3600);
    expect((await world.client.get('/members', html)).status).toBe(303);
  });
});

describe('a provider that fails when somebody comes back', () => {
  const unsigned =
    'its ID tokens are signed, or encrypted, in a way that is not supported; RS256, PS256, ES256 and EdDSA are';

  test.each<[string, OidcFaults, number, string]>([
    ['its token endpoint', { path: '/token', status: 503 }, 503, 'it answers 503 to ID/token'],
    [
      'a redirect of its token endpoint',
      { path: '/token', status: 307 },
      503,
      'it redirects from ID/token, which is not followed',
    ],
    [
      'too many tokens',
      { path: '/token', body: ' '.repeat(262_145) },
      503,
      'its answer is longer than 256 KiB',
    ],
    ['its key set', { path: '/keys', status: 404 }, 503, 'it answers 404 to ID/keys'],
    ['too many keys', { path: '/keys', body: ' '.repeat(262_145) }, 503, 'its answer is longer than 256 KiB'],
    [
      'what the application is called',
      { tokenError: 'invalid_client' },
      502,
      'it does not take this application (invalid_client); are clientId and clientSecret right?',
    ],
    [
      'an error with a text of its own',
      { tokenError: 'a token\nof somebody' },
      502,
      'it does not take this application (no code); are clientId and clientSecret right?',
    ],
    ['a key of somebody else', { foreignKey: true }, 403, 'JWT signature verification failed'],
    [
      'a key that is not in its set',
      { path: '/keys', body: '{"keys":[]}' },
      403,
      'its ID tokens are signed with a key that is not in its key set (error when selecting a JWT verification key, no applicable keys found)',
    ],
    [
      'another clock',
      { claims: { exp: 1 } },
      403,
      'its ID tokens are not valid now; do the clocks differ by more than 30 seconds? (unexpected JWT "exp" (expiration time) claim value, expiration is past current timestamp)',
    ],
    [
      'another application',
      { claims: { aud: 'other' } },
      403,
      'its ID tokens are of another issuer, or for another application; are issuer and clientId right? (unexpected JWT "aud" (audience) claim value)',
    ],
    [
      'an algorithm',
      { forgedAlgorithm: 'HS256', metadata: { id_token_signing_alg_values_supported: ['HS256'] } },
      403,
      `${unsigned} (unsupported JWS algorithm)`,
    ],
  ])('by %s is told once, and that it is back', async (_what, faults, status, reason) => {
    await using world = await open();
    world.provider.faults = { metadata: faults.metadata ?? {} };
    const paths = [await wayBack(world), await wayBack(world)];
    world.provider.faults = faults;
    for (const path of paths) expect((await world.client.get(path, text)).status).toBe(status);
    expect(told(world)).toEqual([PREFIX + reason]);
    world.provider.faults = {};
    later(60);
    expect((await world.client.get(await wayBack(world))).status).toBe(303);
    expect(told(world)).toEqual([PREFIX + reason, BACK]);
  });

  test.each<[string, OidcFaults]>([
    ['tokens', { path: '/token', dripping: true }],
    ['keys', { path: '/keys', dripping: true }],
  ])('is waited for five seconds in all for its %s', async (_what, faults) => {
    await using world = await open();
    const path = await wayBack(world);
    world.provider.faults = faults;
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(100));
    expect((await world.client.get(path, text)).status).toBe(503);
    expect(told(world)).toEqual([`${PREFIX}it gave no whole answer within 5 seconds`]);
  });

  test('never gets a secret, a code or a token into the log', async () => {
    await using world = await open();
    const faults: OidcFaults[] = [
      { status: 500 },
      { foreignKey: true },
      { tokenError: 'invalid_client' },
      { tokenError: 'invalid_grant' },
      { path: '/token', body: 'an access token' },
      { path: '/token', body: '{"access_token":"an access token"}' },
    ];
    const secrets = [CLIENT.clientSecret, 'an access token'];
    for (const each of faults) {
      world.provider.faults = {};
      const path = await wayBack(world);
      secrets.push(
        ...['code', 'state'].map((name) => new URLSearchParams(path.split('?')[1]).get(name) ?? ''),
      );
      world.provider.faults = each;
      expect((await world.client.get(path)).status).toBeGreaterThan(400);
    }
    const { errors, warnings, details } = world.logger;
    const log = [...errors, ...warnings, ...details];
    expect(log.length).toBeGreaterThan(faults.length);
    for (const secret of secrets) expect(log.join('\n')).not.toContain(secret);
  });
});

describe('what is one person’s matter is for debugging only', () => {
  test.each<[string, (world: World) => void, string, string]>([
    [
      'a code that is not taken',
      ({ provider }) => (provider.faults = { tokenError: 'invalid_grant' }),
      '',
      'it does not take a code',
    ],
    [
      'another nonce',
      ({ provider }) => (provider.faults = { claims: { nonce: 'x' } }),
      '',
      'its ID token has another nonce',
    ],
    [
      'a refusal',
      () => undefined,
      '&error=access_denied',
      'it sent a user back with an error (access_denied)',
    ],
    [
      'an error in somebody’s own words',
      () => undefined,
      '&error=a%0Ab',
      'it sent a user back with an error (no code)',
    ],
    ['another issuer', () => undefined, '&iss=https://evil.example', 'the way back is of another issuer'],
    ['two codes', () => undefined, '&code=x', 'the way back has not exactly one code'],
  ])('%s', async (_what, prepare, more, reason) => {
    await using world = await open();
    const path = await wayBack(world);
    prepare(world);
    expect((await world.client.get(path + more)).status).toBe(403);
    expect(told(world)).toEqual([]);
    expect(world.logger.details).toEqual([
      `The OpenID provider ${world.provider.issuer}/ has not logged a user in: ${reason}`,
    ]);
  });
});

describe('a provider that is set up anew', () => {
  test('with keys of other names is believed at once, a minute after its old ones were seen', async () => {
    await using world = await open();
    await world.client.get(await wayBack(world));
    world.provider.changeKeys('two');
    world.client.cookies.clear();
    later(60);
    expect((await world.client.get(await wayBack(world))).status).toBe(303);
    expect([world.provider.keyRequests, world.provider.discoveries]).toEqual([2, 1]);
  });

  test.each(['one', 'two'])('with a key of the name %s is believed by the second attempt', async (kid) => {
    await using world = await open();
    await world.client.get(await wayBack(world));
    world.provider.changeKeys(kid);
    world.client.cookies.clear();
    later(5);
    expect((await world.client.get(await wayBack(world))).status).toBe(403);
    expect((await world.client.get(await wayBack(world))).status).toBe(303);
    expect(world.provider.discoveries).toBe(2);
  });

  test('is not asked for all it knows with every token that is no good', async () => {
    await using world = await open();
    const paths = [await wayBack(world), await wayBack(world), await wayBack(world)];
    world.provider.faults = { foreignKey: true };
    later(5);
    for (const path of paths) expect((await world.client.get(path)).status).toBe(403);
    await toProvider(world.client);
    expect(world.provider.discoveries).toBe(2);
  });

  test('with other endpoints is known within an hour', async () => {
    await using world = await open();
    await toProvider(world.client);
    world.provider.faults = { metadata: { authorization_endpoint: `${world.provider.issuer}/new` } };
    later(3599);
    expect((await toProvider(world.client)).pathname).toBe('/authorize');
    later(1);
    expect((await toProvider(world.client)).pathname).toBe('/new');
  });
});

describe('a service of https that is asked over HTTP', () => {
  const warning =
    'The service https://app.example.org is https, and requests to log in come over HTTP: ' +
    'behind a proxy, name it in trustProxy; else cookies of logins are not Secure.';

  test('is told once', async () => {
    await using world = await open();
    for (let i = 0; i < 2; i++) await toProvider(world.client);
    expect(world.logger.warnings).toEqual([warning]);
  });

  test('is none behind a proxy that is trusted, and cookies are of this host and of HTTPS', async () => {
    await using world = await open({}, { trustProxy: ['127.0.0.1'] });
    const headers = { Accept: 'text/html', 'X-Forwarded-Proto': 'https' };
    const begun = await world.client.get('/members', { headers });
    const back = world.provider.authorize(new URL(begun.headers.get('location') ?? ''));
    const entered = await world.client.get(back.pathname + back.search, { headers });
    expect(entered.headers.getAll('set-cookie').map((cookie) => cookie.replace(/=[^;]*/, ''))).toEqual([
      '__Host-oidc-state; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly; SameSite=Lax',
      '__Host-login; Path=/; Secure; HttpOnly; SameSite=Lax',
    ]);
    expect(world.logger.warnings).toEqual([]);
  });
});
