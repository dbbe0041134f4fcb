/** Bearer tokens: those kept as hashes, JSON Web Tokens, and what clients without a good one are told. */
import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Controller, Get, reply, Response, type Request, type RunningServer } from 'obol';
import { ContextKey } from 'obol/kit';
import { bearerGuard, bearerLoginOf, CheckBearer } from '../../../../src/features/auth/bearer/bearer.js';
import { JwtTokens, type JosePackage, type JwtOptions } from '../../../../src/features/auth/bearer/jwt.js';
import {
  hashToken,
  newToken,
  StaticTokens,
  type BearerTokens,
} from '../../../../src/features/auth/bearer/tokens.js';
import { request } from '../../../../src/hosts/testing/request.js';
import { start } from '../../../support/client.js';
import { developerError, httpError } from '../../../support/errors.js';
import { problemsOf } from '../../../support/problems.js';
import { serve } from '../../../support/serve.js';

const TOKEN = 'a-token-of-30-characters-or-so';
const tokens = new StaticTokens([
  { hash: hashToken('another-token-of-someone'), user: 'jones' },
  { hash: hashToken(TOKEN), user: 'ci', scopes: ['deploy', 'read'] },
]);
const withToken = (token: string, remoteAddress = '127.0.0.1') =>
  request('/', { headers: { Authorization: `Bearer ${token}` }, remoteAddress });

describe('static tokens', () => {
  test.each([
    [TOKEN, 'ci'],
    ['another-token-of-someone', 'jones'],
    ['', undefined],
    [`${TOKEN}x`, undefined],
    [hashToken(TOKEN), undefined],
  ])('%j stands for %s', (token, user) => {
    expect(tokens.verify(token)?.user).toBe(user);
  });

  test('are hashed with SHA-256', () => {
    expect(hashToken('abcdefghijklmnopqrstuvwxyz')).toBe(
      '71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73',
    );
  });

  test('are made of 32 random bytes', () => {
    const { token, hash } = newToken();
    expect([/^[\w-]{43}$/.test(token), hash === hashToken(token), newToken().token === token]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('have at least 20 characters', () => {
    expect(() => hashToken('x'.repeat(19))).toThrow(
      developerError(
        'E_PASSWORD',
        'A token has at least 20 characters, best random ones: newToken() makes them.',
      ),
    );
  });

  test.each([TOKEN, '', 'x'.repeat(64)])('are told from %j, which is no hash and is not shown', (hash) => {
    expect(() => new StaticTokens([{ hash, user: 'ci' }])).toThrow(
      developerError(
        'E_PASSWORD',
        'Token 1 has no hash of 64 hexadecimal digits; make it with hashToken(token).',
      ),
    );
  });
});

describe('the guard', () => {
  test.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER   ${TOKEN} `])('takes %j', (Authorization) => {
    const req = request('/', { headers: { Authorization } });
    expect(bearerGuard(tokens)(req)).toBeUndefined();
    expect([req.user, bearerLoginOf(req)]).toEqual(['ci', { user: 'ci', scopes: ['deploy', 'read'] }]);
    expect(req.get(ContextKey.AUTH_SCHEME)).toBe('Bearer');
  });

  const invalid = 'Bearer realm="api", error="invalid_token", scope="read"';
  test.each([
    ['Basic YTpi', 'Bearer realm="api", scope="read"'],
    ['Bearerx', 'Bearer realm="api", scope="read"'],
    ['Bearer', invalid],
    ['Bearer a b', invalid],
    [`Bearer ${TOKEN}, Bearer ${TOKEN}`, invalid],
    ['Bearer token="x"', invalid],
    [`Bearer ${'x'.repeat(8193)}`, invalid],
    ['Bearer wrong-token', invalid],
  ])('refuses %.40j with %s', (Authorization, challenge) => {
    const guard = bearerGuard(tokens, { realm: 'api', scope: 'read' });
    expect(() => guard(request('/', { headers: { Authorization } }))).toThrow(
      expect.objectContaining({ status: 401, headers: { 'WWW-Authenticate': [challenge] } }),
    );
  });

  test('asks with the bare scheme where there is nothing to say', () => {
    expect(() => bearerGuard(tokens)(request('/'))).toThrow(
      expect.objectContaining({ headers: { 'WWW-Authenticate': ['Bearer'] } }),
    );
  });

  test('refuses a token that is good for other things with 403', () => {
    const guard = bearerGuard(tokens, { scope: ['read', 'write'] });
    expect(() => guard(withToken(TOKEN))).toThrow(
      expect.objectContaining({
        status: 403,
        message: 'The token is not good for this',
        headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="read write"' },
      }),
    );
  });

  test('waits for tokens that are looked up', async () => {
    const guard = bearerGuard({
      verify: (token) => Promise.resolve(token === TOKEN ? { user: 1 } : undefined),
    });
    const req = withToken(TOKEN);
    await guard(req);
    expect(req.user).toBe(1);
    await expect(guard(withToken('wrong'))).rejects.toEqual(httpError(401, 'Unauthorized'));
  });

  test('looks at nothing over plain HTTP from elsewhere, unless that is allowed', () => {
    expect(() => bearerGuard(tokens)(withToken(TOKEN, '10.0.0.1'))).toThrow(
      httpError(403, 'Bearer authentication needs HTTPS'),
    );
    expect(bearerGuard(tokens, { allowHttp: true })(withToken(TOKEN, '10.0.0.1'))).toBeUndefined();
  });

  test.each([
    [{ scope: 'a b' }, 'CheckBearer.scope: "a b" is not a scope, which has no space in it.'],
    [{ scope: ['a', ''] }, 'CheckBearer.scope[1]: "" is not a scope, which has no space in it.'],
    [{ realm: 'a\nb' }, 'CheckBearer.realm: "a\\nb" is not text without control characters.'],
  ])('refuses the options %j', (options, message) => {
    expect(() => bearerGuard(tokens, options)).toThrow(developerError('E_SETTING', message));
  });
});

describe('@CheckBearer', () => {
  class Tokens implements BearerTokens {
    verify(token: string) {
      return token === TOKEN ? { user: 'injected' } : undefined;
    }
  }
  @Controller()
  class Pages {
    @Get('/static')
    @CheckBearer(tokens)
    index(req: Request) {
      return reply(req.user, 'text/plain');
    }
    @Get('/injected')
    @CheckBearer(Tokens, { realm: 'api' })
    injected(req: Request) {
      return reply(req.user, 'text/plain');
    }
  }

  test.each([
    ['/static', 'ci'],
    ['/injected', 'injected'],
  ])('%s lets in %s', async (path, user) => {
    const { client } = await start(Pages);
    expect((await client.get(path)).status).toBe(401);
    const answer = await client.get(path, { headers: { Authorization: `Bearer ${TOKEN}` } });
    expect(await answer.text()).toBe(user);
  });

  test('says at bootstrap that its tokens cannot check', async () => {
    class Nothing {}
    @Controller()
    class Wrong {
      @Get('/')
      @CheckBearer(Nothing as never)
      index() {
        return '';
      }
    }
    expect((await problemsOf([Wrong])).map(({ code, message }) => [code, message])).toEqual([
      [
        'E_SETTING',
        'The guard @CheckBearer could not be put together: CheckBearer.tokens: it has no method verify(); give StaticTokens, JwtTokens, or what can verify(token).',
      ],
    ]);
  });
});

describe('JSON Web Tokens', () => {
  const secret = Buffer.from('0123456789abcdef0123456789abcdef');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const seconds = Math.floor(Date.now() / 1000);
  const good = { iss: 'https://issuer.example', aud: 'api', sub: 'smith', exp: seconds + 300 };
  const jwk = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
  const options = (over: Partial<JwtOptions> = {}): JwtOptions => ({
    issuer: 'https://issuer.example',
    audience: 'api',
    algorithms: ['RS256'],
    keys: rsa.publicKey,
    ...over,
  });
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  /** Made by hand, so that jose does not check what jose has made. */
  function rs256(
    claims: object,
    { key = rsa.privateKey, head = {} }: { key?: KeyObject; head?: object } = {},
  ) {
    const text = `${part({ alg: 'RS256', typ: 'JWT', kid: 'one', ...head })}.${part(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  }

  function hs256(claims: object, key: Uint8Array, alg = 'HS256') {
    const text = `${part({ alg, typ: 'JWT' })}.${part(claims)}`;
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  }

  test('stand for their subject', async () => {
    expect(await new JwtTokens(options()).verify(rs256(good))).toEqual({
      user: 'smith',
      scopes: [],
      claims: good,
    });
  });

  test.each([
    [{ scope: 'read write' }, ['read', 'write']],
    [{ scope: '' }, []],
    [{ scp: ['read', 1, 'write'] }, ['read', 'write']],
    [{ scope: 7 }, []],
  ])('with %j are good for %j', async (claims, scopes) => {
    expect((await new JwtTokens(options()).verify(rs256({ ...good, ...claims })))?.scopes).toEqual(scopes);
  });

  test('are taken from several audiences, and within the tolerance of clocks', async () => {
    const verifier = new JwtTokens(options({ audience: ['api', 'web'], type: 'at+jwt' }));
    const token = rs256({ ...good, aud: ['x', 'web'], exp: seconds - 50 }, { head: { typ: 'at+jwt' } });
    expect((await verifier.verify(token))?.user).toBe('smith');
  });

  const nobody = { ...good, sub: undefined };
  const endless = { ...good, exp: undefined };
  const pem = Buffer.from(rsa.publicKey.export({ format: 'pem', type: 'spki' }));
  const bad: [what: string, token: string, over?: Partial<JwtOptions>][] = [
    ['text that is none', 'x'],
    ['two parts', 'e30.e30'],
    ['another signature', rs256(good, { key: other.privateKey })],
    ['a changed claim', rs256(good).replace(/\.[^.]+\./, `.${part({ ...good, sub: 'root' })}.`)],
    ['no signature', `${part({ alg: 'none' })}.${part(good)}.`],
    ['HMAC with the public key', hs256(good, pem)],
    ['an algorithm that is not listed', rs256(good), { algorithms: ['PS256'] }],
    ['an unknown critical extension', rs256(good, { head: { crit: ['x'], x: 1 } })],
    ['another issuer', rs256({ ...good, iss: 'https://issuer.example.evil.example' })],
    ['another audience', rs256({ ...good, aud: 'web' })],
    ['an end long ago', rs256({ ...good, exp: seconds - 61 })],
    ['a beginning to come', rs256({ ...good, nbf: seconds + 120 })],
    ['no end', rs256(endless)],
    ['no subject', rs256(nobody)],
    ['another type', rs256(good), { type: 'at+jwt' }],
    ['a user who is refused', rs256(good), { user: () => null }],
    ['a key that is not in the set', rs256(good, { head: { kid: 'two' } }), { keys: { keys: [jwk] } }],
  ];
  test.each(bad.map(([what, token, over = {}]) => [what, token, over] as const))(
    'with %s are refused',
    async (_what, token, over) => {
      expect(await new JwtTokens(options(over)).verify(token)).toBeUndefined();
    },
  );

  test('are checked with a key set', async () => {
    expect((await new JwtTokens(options({ keys: { keys: [jwk] } })).verify(rs256(good)))?.user).toBe('smith');
  });

  test('are checked with a shared secret', async () => {
    const verifier = new JwtTokens(
      options({ keys: secret, algorithms: ['HS256'], user: ({ sub }) => [sub] }),
    );
    expect((await verifier.verify(hs256(good, secret)))?.user).toEqual(['smith']);
    expect(await verifier.verify(hs256(good, Buffer.alloc(32)))).toBeUndefined();
  });

  test.each<[Partial<JwtOptions>, string]>([
    [{ issuer: '' }, 'issuer: "" is not a name.'],
    [{ audience: [] }, 'audience: there is none; give a name or several.'],
    [{ algorithms: [] }, 'algorithms: there is none; give a list of algorithms.'],
    [{ algorithms: ['none'] }, 'algorithms[0]: "none" is not an algorithm for public keys, such as "RS256".'],
    [
      { algorithms: ['RS256', 'HS256'] },
      'algorithms[1]: "HS256" is not an algorithm for public keys, such as "RS256".',
    ],
    [
      { keys: secret, algorithms: ['RS256'] },
      'algorithms[0]: "RS256" is not an algorithm for a secret, such as "HS256".',
    ],
    [{ keys: Buffer.alloc(31), algorithms: ['HS256'] }, 'keys: a secret has at least 32 bytes.'],
    [
      { keys: new URL('http://issuer.example/keys') },
      'keys: http://issuer.example is not https, so that an attacker on the way could give other keys.',
    ],
    [{ keys: 'secret' as never }, 'keys: it is not a URL object, a key set, a public key or bytes.'],
    [{ clockTolerance: 601 }, 'clockTolerance: 601 is not a whole number of seconds, 0 to 600.'],
  ])('refuse the options %j', (over, message) => {
    expect(() => new JwtTokens(options(over))).toThrow(developerError('E_SETTING', `JwtTokens.${message}`));
  });

  describe('with the key set of a URL', () => {
    let server: RunningServer;
    let answer: () => Response;
    let asked = 0;
    const keySet = () => new Response(JSON.stringify({ keys: [jwk] }), { contentType: 'application/json' });

    beforeAll(async () => {
      ({ server } = await serve(() => {
        asked++;
        return answer();
      }));
    });
    afterAll(() => server.close());
    const verifier = () => new JwtTokens(options({ keys: new URL(`${server.url}/keys`) }));

    test('fetches it once', async () => {
      answer = keySet;
      asked = 0;
      const jwts = verifier();
      expect((await jwts.verify(rs256(good)))?.user).toBe('smith');
      expect((await jwts.verify(rs256(good)))?.user).toBe('smith');
      expect(asked).toBe(1);
    });

    test('refuses a key that it does not have', async () => {
      answer = keySet;
      expect(await verifier().verify(rs256(good, { head: { kid: 'two' } }))).toBeUndefined();
    });

    const unavailable = expect.objectContaining({
      status: 503,
      message: 'The keys for this token cannot be had',
      headers: { 'Retry-After': '30' },
    });

    test.each<[string, () => Response]>([
      ['is not there', () => new Response('', { status: 404 })],
      ['is no JSON', () => new Response('<html>')],
      ['is no key set', () => new Response('[]')],
      ['is elsewhere', () => new Response('', { status: 302, headers: { Location: 'http://127.0.0.1/' } })],
    ])('answers 503 when it %s', async (_what, response) => {
      answer = response;
      await expect(verifier().verify(rs256(good))).rejects.toEqual(unavailable);
    });

    test('answers 503 when nobody answers', async () => {
      const failing: () => Promise<JosePackage> = async () => ({
        ...(await import('jose')),
        jwtVerify: () => Promise.reject(new TypeError('fetch failed')),
      });
      const jwts = new JwtTokens(options({ keys: new URL('https://issuer.example/keys') }), failing);
      await expect(jwts.verify('x')).rejects.toEqual(unavailable);
    });
  });

  test('public keys may come as PEM through node:crypto', async () => {
    expect((await new JwtTokens(options({ keys: createPublicKey(pem) })).verify(rs256(good)))?.user).toBe(
      'smith',
    );
  });
});
