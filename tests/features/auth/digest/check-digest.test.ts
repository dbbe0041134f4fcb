/** `@CheckDigest` in an application: who is let in, what everyone else is told, and what is never let in. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  Controller,
  Get,
  HttpError,
  HttpState,
  Post,
  reply,
  Response,
  type Middleware,
  type Request,
} from 'obol';
import {
  CheckDigest,
  digest,
  hexdigest,
  memoryNonceStore,
  PasswordMap,
  type DigestOptions,
  type NonceStore,
  type NonceUse,
} from 'obol/auth';
import { ContextKey } from 'obol/kit';
import { TestClient } from 'obol/testing';
import { memoryThrottleStore, Throttle, type ThrottleStore } from 'obol/throttle';
import { start } from '../../../support/client.js';
import { problemsOf } from '../../../support/problems.js';
import { laterStore } from '../../throttle/later-store.js';
import { authorization, challengesOf, compute, login, quote, type Answer } from './digest-client.js';

const SECRET = '0123456789abcdef0123456789abcdef-secret';
const USERS = [
  ['user', 'looser'],
  ['foo', 'bar'],
  ['Ondřej', 'heslíčko'],
  ['quo"te\\', 'p"w'],
] as const;

const CONSTANT = new Response('the same for all');
const calls: string[] = [];

@Controller()
class Zones {
  @Get('/open') open() {
    return CONSTANT;
  }
  @Get('/zone') @CheckDigest('User Zone') zone(req: Request) {
    return { user: req.user };
  }
  @Get('/zone/<name>/<id:int>') @CheckDigest('User Zone') deep(req: Request, name: string, id: number) {
    return { user: req.user, scheme: req.get(ContextKey.AUTH_SCHEME), name, id };
  }
  @Get('/constant') @CheckDigest('User Zone') constant() {
    return CONSTANT;
  }
  @Get('/later') @CheckDigest('User Zone') async later() {
    return 'later';
  }
  @Get('/broken') @CheckDigest('User Zone') broken() {
    return reply('denied', { status: 401 });
  }
  @Get('/foo') @CheckDigest('User Zone', 'foo') foo() {
    return 'only foo';
  }
  @Get('/nobody') @CheckDigest('User Zone', 'nobody') nobody() {
    return 'nobody at all';
  }
  @Get('/zóna') @CheckDigest('Zóna "A\\B"') unicode(req: Request) {
    return { user: req.user };
  }
  @Post('/json') @CheckDigest('User Zone') json(req: Request) {
    calls.push('json');
    return { user: req.user, json: req.json };
  }
  @Post('/form') @CheckDigest('User Zone') form(req: Request) {
    return { a: req.form.getFirst('a'), data: req.data?.toString() };
  }
}

@CheckDigest('User Zone')
@Controller('/all')
class Guarded {
  @Get('/any') any(req: Request) {
    return { user: req.user };
  }
  @Get('/foo') @CheckDigest('User Zone', 'foo') foo(req: Request) {
    return { user: req.user };
  }
}

function users(hash: 'MD5' | 'SHA-256' | 'SHA-512-256' = 'SHA-256'): PasswordMap {
  const map = new PasswordMap();
  for (const [user, password] of USERS)
    map.set('User Zone', user, hexdigest(user, 'User Zone', password, hash));
  map.set('Zóna "A\\B"', 'user', hexdigest('user', 'Zóna "A\\B"', 'looser', hash));
  return map;
}

async function app(options: Partial<DigestOptions> = {}) {
  const settings = { secretKey: SECRET, authMap: users(), ...options };
  return start([Zones, Guarded], { features: [digest(settings)] });
}

const USER: Answer = { user: 'user', password: 'looser', uri: '/zone' };
const FOO: Answer = { user: 'foo', password: 'bar', uri: '/foo' };

afterEach(() => {
  jest.restoreAllMocks();
  calls.length = 0;
});

/** The time that the server sees. */
function clock(): { add(seconds: number): void } {
  let now = 1_800_000_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  return { add: (seconds) => (now += seconds * 1000) };
}

describe('a challenge', () => {
  test('has all that RFC 7616 asks for', async () => {
    const { client } = await app();
    const response = await client.get('/zone');
    expect(response.status).toBe(401);
    expect(response.headers.getAll('www-authenticate')).toEqual([
      expect.stringMatching(
        /^Digest realm="User Zone", qop="auth", algorithm=SHA-256, nonce="[\w-]{40}", charset=UTF-8$/,
      ),
    ]);
  });

  test('comes once for each algorithm, the strongest first, each with a nonce of its own', async () => {
    const { client } = await app({ authAlgorithm: ['MD5', 'SHA-256-sess', 'MD5-sess', 'SHA-256'] });
    const challenges = challengesOf(await client.get('/zone'));
    expect(challenges.map((each) => each['algorithm'])).toEqual([
      'SHA-256-sess',
      'SHA-256',
      'MD5',
      'MD5-sess',
    ]);
    expect(new Set(challenges.map((each) => each['nonce'])).size).toBe(4);
  });

  test('names every qop, and userhash where it is asked for', async () => {
    const { client } = await app({ authQop: ['auth', 'auth-int'], authUserhash: true });
    expect(challengesOf(await client.get('/zone'))).toEqual([
      expect.objectContaining({ qop: 'auth, auth-int', userhash: 'true' }),
    ]);
  });

  test('quotes its realm, in UTF-8', async () => {
    const { client } = await app();
    const [line = ''] = (await client.get('/z%C3%B3na')).headers.getAll('www-authenticate');
    expect(Buffer.from(line, 'latin1').toString()).toContain('realm="Zóna \\"A\\\\B\\""');
  });

  test('is in the answer whatever page a state handler makes', async () => {
    @Controller()
    class Own {
      @Get('/zone') @CheckDigest('User Zone') zone() {
        return 'in';
      }
      @HttpState(401) page() {
        return 'please log in';
      }
    }
    const { client } = await start(Own, { features: [digest({ secretKey: SECRET, authMap: users() })] });
    const response = await client.get('/zone');
    expect([response.status, await response.text()]).toEqual([401, 'please log in']);
    expect(challengesOf(response)).toHaveLength(1);
  });
});

describe('lets in', () => {
  test.each(['MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess', 'SHA-512-256', 'SHA-512-256-sess'] as const)(
    'by %s',
    async (authAlgorithm) => {
      const hash = authAlgorithm.replace('-sess', '') as 'MD5';
      const { client } = await app({ authAlgorithm, authMap: users(hash) });
      const response = await login(client, USER);
      expect([response.status, await response.json()]).toEqual([200, { user: 'user' }]);
    },
  );

  test('by the second challenge', async () => {
    const authMap = users('MD5');
    const { client } = await app({ authAlgorithm: ['SHA-256', 'MD5'], authMap });
    expect((await login(client, USER, { algorithm: 'MD5' })).status).toBe(200);
    expect((await login(client, USER, { algorithm: 'SHA-256' })).status).toBe(401);
  });

  test('a user who has hashes for both challenges by either', async () => {
    const authMap = new PasswordMap();
    authMap.set('User Zone', 'user', [
      hexdigest('user', 'User Zone', 'looser'),
      hexdigest('user', 'User Zone', 'looser', 'SHA-256'),
    ]);
    const { client } = await app({ authAlgorithm: ['SHA-256', 'MD5'], authMap });
    for (const algorithm of ['MD5', 'SHA-256'])
      expect((await login(client, USER, { algorithm })).status).toBe(200);
  });

  test.each([
    [
      'a path with parameters',
      { uri: '/zone/smith/42' },
      { user: 'user', scheme: 'Digest', name: 'smith', id: 42 },
    ],
    ['a query', { uri: '/zone?a=%20&b=c%2Fd,e="f"' }, { user: 'user' }],
    ['the absolute form of the target', { uri: 'http://localhost/zone' }, { user: 'user' }],
    ['the absolute form with https and another case', { uri: 'HTTPS://LOCALHOST/zone' }, { user: 'user' }],
    ['an encoded path', { uri: '/%7Aone' }, { user: 'user' }],
    ['quotes in name and password', { user: 'quo"te\\', password: 'p"w' }, { user: 'quo"te\\' }],
    ['UTF-8 in name and password', { user: 'Ondřej', password: 'heslíčko' }, { user: 'Ondřej' }],
    [
      'username*',
      {
        user: 'Ondřej',
        password: 'heslíčko',
        sent: { username: undefined, 'username*': "UTF-8''Ond%C5%99ej" },
      },
      { user: 'Ondřej' },
    ],
    ['a quoted qop and algorithm', { sent: { qop: '"auth"', algorithm: '"sha-256"' } }, { user: 'user' }],
    ['upper-case digits', { nc: '0000000A' }, { user: 'user' }],
    ['a large count', { nc: 'ffffffff' }, { user: 'user' }],
  ])('with %s', async (_name, changes: Partial<Answer>, expected) => {
    const { client } = await app();
    const response = await login(client, { ...USER, ...changes });
    expect([response.status, await response.json()]).toEqual([200, expected]);
  });

  test('with a realm beyond ASCII', async () => {
    const { client } = await app();
    const [challenge = {}] = challengesOf(await client.get('/z%C3%B3na'));
    const realm = Buffer.from(challenge['realm'] ?? '', 'latin1').toString();
    const answer = { ...USER, uri: '/z%C3%B3na' };
    const response = await client.get('/z%C3%B3na', {
      headers: { Authorization: authorization({ ...challenge, realm }, answer) },
    });
    expect(await response.json()).toEqual({ user: 'user' });
  });

  test('with HEAD, by the method of the request', async () => {
    const { client } = await app();
    expect((await login(client, { ...USER, method: 'HEAD' })).status).toBe(200);
  });

  test('the one user only, where one is named', async () => {
    const { client } = await app();
    expect((await login(client, FOO)).status).toBe(200);
    expect((await login(client, { ...USER, uri: '/foo' })).status).toBe(401);
    expect((await login(client, { ...FOO, user: 'nobody', uri: '/nobody' })).status).toBe(401);
  });

  test('once for a class and its method together', async () => {
    const { client } = await app();
    expect(await (await login(client, { ...FOO, uri: '/all/foo' })).json()).toEqual({ user: 'foo' });
    expect(await (await login(client, { ...USER, uri: '/all/any' })).json()).toEqual({ user: 'user' });
    const refused = await login(client, { ...USER, uri: '/all/foo' });
    expect([refused.status, challengesOf(refused).length]).toEqual([401, 1]);
  });

  test('a new password at once, and the old one no more', async () => {
    const authMap = users();
    const { client } = await app({ authMap });
    authMap.set('User Zone', 'user', hexdigest('user', 'User Zone', 'new', 'SHA-256'));
    expect((await login(client, USER)).status).toBe(401);
    expect((await login(client, { ...USER, password: 'new' })).status).toBe(200);
  });

  test('users that are looked up elsewhere, with time', async () => {
    const known = users();
    const authMap = { find: async (...which: Parameters<PasswordMap['find']>) => known.find(...which) };
    const { client } = await app({ authMap });
    expect((await login(client, USER)).status).toBe(200);
    expect((await login(client, { ...USER, user: 'nobody' })).status).toBe(401);
  });
});

describe('userhash', () => {
  async function hashed(answer: Answer, options: Partial<DigestOptions> = { authUserhash: true }) {
    const { client } = await app(options);
    const [challenge = {}] = challengesOf(await client.get('/zone'));
    const { userhash = '' } = compute(challenge, answer);
    const sent = { username: quote(userhash), userhash: 'true', ...answer.sent };
    const headers = { Authorization: authorization(challenge, { ...answer, sent }) };
    return client.get('/zone', { headers });
  }

  test('stands for the user', async () => {
    expect(await (await hashed(USER)).json()).toEqual({ user: 'user' });
    expect(await (await hashed({ ...USER, user: 'Ondřej', password: 'heslíčko' })).json()).toEqual({
      user: 'Ondřej',
    });
  });

  test('is no way around the password, or into a name', async () => {
    expect((await hashed({ ...USER, password: 'x' })).status).toBe(401);
    expect((await hashed({ ...USER, user: 'nobody' })).status).toBe(401);
    expect((await hashed({ ...USER, sent: { username: '"user"' } })).status).toBe(401);
  });

  test('is not taken where it was not asked for', async () => {
    expect((await hashed(USER, {})).status).toBe(401);
  });

  test('a plain name is taken where a hash was asked for', async () => {
    const { client } = await app({ authUserhash: true });
    expect((await login(client, USER)).status).toBe(200);
  });

  test('knows users who were added later', async () => {
    const authMap = users();
    const { client } = await app({ authMap, authUserhash: true });
    const [challenge = {}] = challengesOf(await client.get('/zone'));
    const answer = { user: 'late', password: 'p', uri: '/zone' };
    const { userhash = '' } = compute(challenge, answer);
    const ask = (nc: string) =>
      client.get('/zone', {
        headers: {
          Authorization: authorization(challenge, {
            ...answer,
            nc,
            sent: { username: quote(userhash), userhash: 'true' },
          }),
        },
      });
    expect((await ask('00000001')).status).toBe(401);
    authMap.set('User Zone', 'late', hexdigest('late', 'User Zone', 'p', 'SHA-256'));
    expect((await ask('00000002')).status).toBe(200);
  });
});

describe('a nonce', () => {
  async function asked(options: Partial<DigestOptions> = {}) {
    const { client } = await app(options);
    const [challenge = {}] = challengesOf(await client.get('/zone'));
    const ask = async (changes: Partial<Answer> = {}): Promise<[number, string | undefined]> => {
      const headers = { Authorization: authorization(challenge, { ...USER, ...changes }) };
      const response = await client.get('/zone', { headers });
      return [response.status, challengesOf(response)[0]?.['stale']];
    };
    return { client, challenge, ask };
  }

  test('is good for many requests, each with a higher count', async () => {
    const { ask } = await asked();
    for (const nc of ['00000001', '00000002', '00000010'])
      expect(await ask({ nc })).toEqual([200, undefined]);
  });

  test('is good for counts that arrive out of order', async () => {
    const { ask } = await asked();
    for (const nc of ['00000003', '00000001', '00000002'])
      expect(await ask({ nc })).toEqual([200, undefined]);
  });

  test('is stale for a count that was used', async () => {
    const { ask } = await asked();
    await ask();
    expect(await ask()).toEqual([401, 'true']);
    expect(await ask({ cnonce: 'another' })).toEqual([401, 'true']);
  });

  test('is stale for the count 0', async () => {
    const { ask } = await asked();
    expect(await ask({ nc: '00000000' })).toEqual([401, 'true']);
  });

  test.each([
    [299, 200],
    [300, 401],
  ])('after %i seconds it answers %i', async (seconds, status) => {
    const time = clock();
    const { ask } = await asked();
    time.add(seconds);
    expect(await ask()).toEqual([status, status === 401 ? 'true' : undefined]);
  });

  test('lives as long as the settings say', async () => {
    const time = clock();
    const { ask } = await asked({ authTimeout: 60 });
    time.add(60);
    expect(await ask()).toEqual([401, 'true']);
  });

  test('that is old tells nothing about a wrong password', async () => {
    const time = clock();
    const { ask } = await asked();
    time.add(301);
    expect(await ask({ password: 'wrong' })).toEqual([401, undefined]);
    expect(await ask({ user: 'nobody' })).toEqual([401, undefined]);
  });

  test('from a clock that is far ahead is stale', async () => {
    const time = clock();
    const { ask } = await asked();
    time.add(-301);
    expect(await ask()).toEqual([401, 'true']);
  });

  describe('that has let somebody in', () => {
    test('lets him in no more with a wrong password, and others with their own only', async () => {
      const { ask } = await asked();
      expect(await ask()).toEqual([200, undefined]);
      expect(await ask({ nc: '00000002', password: 'wrong' })).toEqual([401, undefined]);
      expect(await ask({ nc: '00000002', user: 'foo' })).toEqual([401, undefined]);
      expect(await ask({ nc: '00000002', user: 'foo', password: 'bar' })).toEqual([200, undefined]);
      expect(await ask({ nc: '00000003' })).toEqual([200, undefined]);
    });

    test('does so no more when he is not there any longer, or has another password', async () => {
      const authMap = users();
      const { ask } = await asked({ authMap });
      expect(await ask()).toEqual([200, undefined]);
      authMap.set('User Zone', 'user', hexdigest('user', 'User Zone', 'other', 'SHA-256'));
      expect(await ask({ nc: '00000002' })).toEqual([401, undefined]);
      expect(await ask({ nc: '00000002', password: 'other' })).toEqual([200, undefined]);
      authMap.delete('User Zone', 'user');
      expect(await ask({ nc: '00000003', password: 'other' })).toEqual([401, undefined]);
    });

    test('is none in another realm', async () => {
      const { client, challenge, ask } = await asked();
      expect(await ask()).toEqual([200, undefined]);
      const answer = { ...USER, uri: encodeURI('/zóna'), nc: '00000002' };
      const headers = { Authorization: authorization({ ...challenge, realm: 'Zóna "A\\B"' }, answer) };
      const response = await client.get(answer.uri, { headers });
      expect([response.status, challengesOf(response)[0]?.['stale']]).toEqual([401, undefined]);
    });

    test('is stale when it is old', async () => {
      const time = clock();
      const { ask } = await asked();
      expect(await ask()).toEqual([200, undefined]);
      time.add(300);
      expect(await ask({ nc: '00000002' })).toEqual([401, 'true']);
    });
  });

  test('of another process is stale, as that one alone knows its counts', async () => {
    const { challenge } = await asked();
    const { client } = await app();
    const headers = { Authorization: authorization(challenge, USER) };
    const response = await client.get('/zone', { headers });
    expect([response.status, challengesOf(response)[0]?.['stale']]).toEqual([401, 'true']);
  });

  test('of another process is good where both share a store, and its count once', async () => {
    const memory = memoryNonceStore();
    const uses: NonceUse[] = [];
    const nonceStore: NonceStore = {
      isShared: true,
      use: async (use) => {
        uses.push(use);
        return memory.use(use);
      },
    };
    const { challenge } = await asked({ nonceStore });
    const { client } = await app({ nonceStore });
    const headers = { Authorization: authorization(challenge, USER) };
    expect((await client.get('/zone', { headers })).status).toBe(200);
    expect((await client.get('/zone', { headers })).status).toBe(401);
    expect(uses[0]).toEqual({
      nonce: challenge['nonce'],
      count: 1,
      issuedAt: expect.any(Number),
      expiresAt: (uses[0]?.issuedAt ?? 0) + 300_000,
    });
  });
});

describe('Authentication-Info', () => {
  test('proves that the server knows the password', async () => {
    const { client } = await app();
    const [challenge = {}] = challengesOf(await client.get('/zone'));
    const headers = { Authorization: authorization(challenge, USER) };
    const { rspauth = '', cnonce = '' } = compute(challenge, USER);
    expect((await client.get('/zone', { headers })).headers.get('authentication-info')).toBe(
      `rspauth="${rspauth}", qop=auth, cnonce="${cnonce}", nc=00000001`,
    );
  });

  test('quotes what the client sent', async () => {
    const { client } = await app();
    const response = await login(client, { ...USER, cnonce: 'a"b\\c' });
    expect(response.headers.get('authentication-info')).toContain('cnonce="a\\"b\\\\c"');
  });

  test('gives the next nonce in the second half of a nonce\u2019s life, and it is good', async () => {
    const time = clock();
    const { client } = await app();
    const [challenge = {}] = challengesOf(await client.get('/zone'));
    const ask = (nonce: string, nc: string) =>
      client.get('/zone', {
        headers: { Authorization: authorization({ ...challenge, nonce }, { ...USER, nc }) },
      });
    time.add(150);
    const first = await ask(challenge['nonce'] ?? '', '00000001');
    expect(first.headers.get('authentication-info')).not.toContain('nextnonce');
    time.add(1);
    const second = await ask(challenge['nonce'] ?? '', '00000002');
    const [, next = ''] = /nextnonce="([^"]+)"/.exec(second.headers.get('authentication-info') ?? '') ?? [];
    time.add(200);
    expect((await ask(next, '00000001')).status).toBe(200);
  });

  test('is on answers that take their time', async () => {
    const { client } = await app();
    const response = await login(client, { ...USER, uri: '/later' });
    expect(response.headers.has('authentication-info')).toBe(true);
  });

  test('is on no answer to anybody else, not even where all get the same response', async () => {
    const { client } = await app();
    const response = await login(client, { ...USER, uri: '/constant' });
    expect(response.headers.has('authentication-info')).toBe(true);
    expect((await client.get('/open')).headers.has('authentication-info')).toBe(false);
  });

  test('is of its own client where several get the same response at the same time', async () => {
    let open: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (open = resolve));
    const slow: Middleware = async (request, next) => {
      const response = await next(request);
      if (request.headers.has('authorization')) await both;
      return response;
    };
    const features = [digest({ secretKey: SECRET, authMap: users() })];
    const { client } = await start(Zones, { features, middleware: [slow] });
    const [challenge = {}] = challengesOf(await client.get('/constant'));
    const answers = ['00000001', '00000002'].map((nc) =>
      client.get('/constant', {
        headers: { Authorization: authorization(challenge, { ...USER, uri: '/constant', nc }) },
      }),
    );
    open();
    const infos = (await Promise.all(answers)).map(({ headers }) => headers.get('authentication-info'));
    expect(infos).toEqual([expect.stringMatching(/nc=00000001$/), expect.stringMatching(/nc=00000002$/)]);
  });

  test('is on no 401', async () => {
    const { client } = await app();
    const response = await login(client, { ...USER, uri: '/broken' });
    expect([response.status, response.headers.has('authentication-info')]).toEqual([401, false]);
  });
});

describe('auth-int', () => {
  const body = '{"a":1}';
  const answer: Answer = { ...USER, method: 'POST', uri: '/json', qop: 'auth-int', body };
  const json = { headers: { 'Content-Type': 'application/json' }, body };

  async function post(options: Partial<DigestOptions>, changes: Partial<Answer>, uri = '/json', init = json) {
    const { client } = await app(options);
    const [challenge = {}] = challengesOf(await client.post(uri));
    const headers = {
      ...init.headers,
      Authorization: authorization(challenge, { ...answer, uri, ...changes }),
    };
    return client.post(uri, { ...init, headers });
  }

  test('lets a body through that is as the client sent it, and parses it', async () => {
    const response = await post({ authQop: 'auth-int' }, {});
    expect(await response.json()).toEqual({ user: 'user', json: { a: 1 } });
  });

  test.each(['application/x-www-form-urlencoded', 'text/plain'])('of type %s, too', async (type) => {
    const init = { headers: { 'Content-Type': type }, body: 'a=1' };
    const response = await post({ authQop: ['auth', 'auth-int'] }, { body: 'a=1' }, '/form', init);
    expect(await response.json()).toEqual(type === 'text/plain' ? { data: 'a=1' } : { a: '1', data: 'a=1' });
  });

  test('refuses another body, and calls nobody', async () => {
    const response = await post({ authQop: 'auth-int' }, { body: '{"a":2}' });
    expect([response.status, calls]).toEqual([401, []]);
  });

  test('takes a request without a body as one with nothing in it', async () => {
    const { client } = await app({ authQop: 'auth-int' });
    expect((await login(client, { ...USER, qop: 'auth-int' })).status).toBe(200);
  });

  test('reads no body of those who do not know where they are', async () => {
    const { client } = await app({ authQop: 'auth-int' });
    let pulled = 0;
    const stream = (function* () {
      pulled++;
      yield 'x';
    })();
    const headers = { Authorization: authorization({ realm: 'User Zone', nonce: 'invented' }, answer) };
    expect((await client.post('/json', { headers, body: stream })).status).toBe(401);
    expect(pulled).toBe(0);
  });

  test('answers 413 over the limit of JSON bodies', async () => {
    const { client } = await start(Zones, {
      features: [digest({ secretKey: SECRET, authMap: users(), authQop: 'auth-int' })],
      json: { limit: 6 },
    });
    const [challenge = {}] = challengesOf(await client.post('/json'));
    const headers = { ...json.headers, Authorization: authorization(challenge, answer) };
    expect((await client.post('/json', { ...json, headers })).status).toBe(413);
  });

  test('is not taken where it was not offered, nor the other', async () => {
    expect((await post({ authQop: 'auth' }, {})).status).toBe(401);
    expect((await post({ authQop: 'auth-int' }, { qop: 'auth' })).status).toBe(401);
  });
});

describe('with auth, a body', () => {
  test('is not read before the guard is passed', async () => {
    const { client } = await app();
    let pulled = 0;
    const body = (function* () {
      pulled++;
      yield '{}';
    })();
    const response = await client.post('/json', { headers: { 'Content-Type': 'application/json' }, body });
    expect([response.status, pulled, calls]).toEqual([401, 0, []]);
  });
});

describe('too many failures', () => {
  const wrong = { ...USER, password: 'wrong' };
  const time = { now: 0 };
  let client: TestClient;

  beforeEach(async () => {
    time.now = 0;
    const throttle = new Throttle({ failures: 3, window: 10, block: 10, now: () => time.now });
    ({ client } = await app({ throttle }));
  });

  test('answer 429 with the time to wait, the right password included, until it is over', async () => {
    for (let i = 0; i < 3; i++) expect((await login(client, wrong)).status).toBe(401);
    time.now = 4000;
    for (const answer of [USER, wrong, USER]) {
      const response = await login(client, answer);
      expect([response.status, response.headers.get('retry-after')]).toEqual([429, '6']);
    }
    time.now = 10_000;
    expect((await login(client, USER)).status).toBe(200);
  });

  test('of one who is not there answer the same', async () => {
    const nobody = { ...wrong, user: 'nobody' };
    for (let i = 0; i < 3; i++) expect((await login(client, nobody)).status).toBe(401);
    expect((await login(client, nobody)).status).toBe(429);
  });

  test('of an account stand in nobody else\u2019s way', async () => {
    for (let i = 0; i < 4; i++) await login(client, wrong);
    expect((await login(client, { ...FOO, uri: '/zone' })).status).toBe(200);
    expect((await login(client, USER, { remoteAddress: '192.0.2.1' })).status).toBe(200);
    expect((await login(client, USER)).status).toBe(429);
  });

  test('from an address do, for all who come from there', async () => {
    for (let i = 0; i < 12; i++) await login(client, { ...wrong, user: `name ${String(i)}` });
    expect((await login(client, USER)).status).toBe(429);
    expect((await login(client, USER, { remoteAddress: '192.0.2.1' })).status).toBe(200);
  });

  test('are forgotten with a success', async () => {
    for (const answer of [wrong, wrong, USER, wrong, wrong, USER]) await login(client, answer);
    expect((await login(client, USER)).status).toBe(200);
  });

  test('are not forgotten when somebody sends again what was sent before', async () => {
    const [challenge = {}] = challengesOf(await client.get('/zone'));
    const headers = { Authorization: authorization(challenge, USER) };
    expect((await client.get('/zone', { headers })).status).toBe(200);
    for (let i = 0; i < 2; i++) await login(client, wrong);
    expect((await client.get('/zone', { headers })).status).toBe(401);
    await login(client, wrong);
    expect((await login(client, USER)).status).toBe(429);
  });

  test('do not hold up a client that goes on with a nonce which let the same user in', async () => {
    const [challenge = {}] = challengesOf(await client.get('/zone'));
    const send = (answer: Parameters<typeof authorization>[1]) =>
      client.get('/zone', { headers: { Authorization: authorization(challenge, answer) } });
    expect((await send({ ...USER, nc: '00000001' })).status).toBe(200);
    for (let i = 0; i < 4; i++) await login(client, wrong);
    expect((await login(client, USER)).status).toBe(429);
    expect((await send({ ...USER, nc: '00000002' })).status).toBe(200);
    expect((await send({ ...wrong, nc: '00000003' })).status).toBe(429);
  });

  test('are not counted where nobody guesses: old nonces, other paths, no credentials', async () => {
    for (let i = 0; i < 5; i++) {
      await client.get('/zone');
      await login(client, USER, { headers: {} });
      await login(client, { ...USER, sent: { uri: '"/open"' } });
      await login(client, { ...USER, nc: '00000000' });
    }
    expect((await login(client, USER)).status).toBe(200);
  });

  test('are as many as anybody likes where the throttle is off', async () => {
    const { client: other } = await app({ throttle: false });
    for (let i = 0; i < 120; i++) expect((await login(other, wrong)).status).toBe(401);
    expect((await login(other, USER)).status).toBe(200);
  });

  test('are a hundred in five minutes where nothing else is said', async () => {
    const { client: other } = await app();
    for (let i = 0; i < 100; i++) expect((await login(other, wrong)).status).toBe(401);
    const response = await login(other, USER);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '300']);
  });
});

describe('a throttle whose store', () => {
  const wrong = { ...USER, password: 'wrong' };
  const throttleOf = (store: ThrottleStore) => new Throttle({ failures: 3, store });

  test('is in memory is asked for nothing while nobody has failed, and lets in at once', async () => {
    const store = memoryThrottleStore();
    const asked = jest.spyOn(store, 'get');
    const { client } = await app({ throttle: throttleOf(store) });
    expect((await login(client, USER)).status).toBe(200);
    expect(asked).not.toHaveBeenCalled();
    await login(client, wrong);
    expect(asked).not.toHaveBeenCalled();
    await login(client, USER);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  test.each([
    ['in memory', () => memoryThrottleStore()],
    ['far away', laterStore],
  ])('is %s tells no more of guesses that come all at once', async (_where, create) => {
    const { client } = await app({ throttle: throttleOf(create()) });
    const [challenge = {}] = challengesOf(await client.get('/zone'));
    const guesses = ['1', '2', '3', '4', 'looser', '5'].map(async (password) => {
      const headers = { Authorization: authorization(challenge, { ...USER, password }) };
      return (await client.get('/zone', { headers })).status;
    });
    expect(await Promise.all(guesses)).toEqual([401, 401, 401, 429, 429, 429]);
  });

  test('is away lets nobody in, and tells nobody that he was wrong', async () => {
    const away = (): Promise<never> => Promise.reject(new HttpError(503));
    const store = { get: away, increment: away, decrement: away, expire: away, reset: away };
    const { client } = await app({ throttle: throttleOf(store) });
    for (const answer of [USER, wrong]) expect((await login(client, answer)).status).toBe(503);
    expect((await client.get('/zone')).status).toBe(401);
  });
});

test('a store of nonces is started before the first request, and closed with the application', async () => {
  const calls: string[] = [];
  const nonceStore: NonceStore = {
    isShared: true,
    use: () => true,
    start: async () => void calls.push('start'),
    close: () => void calls.push('close'),
  };
  const { app: application } = await app({ nonceStore });
  expect(calls).toEqual(['start']);
  await application.close();
  expect(calls).toEqual(['start', 'close']);
});

describe('bootstrap says', () => {
  test('that the settings are missing, and how to give them', async () => {
    const problems = await problemsOf([Zones]);
    expect(problems[0]).toEqual(
      expect.objectContaining({
        code: 'E_AUTH',
        member: 'Zones.zone',
        message:
          'The guard @CheckDigest could not be put together: there is no digest authentication. ' +
          'Add features: [digest({ secretKey, authMap })] to those of bootstrap.',
      }),
    );
  });

  test.each(['', 'a:b', 'a\nb', undefined as never])('that %j is no realm', async (realm) => {
    @Controller()
    class Bad {
      @Get('/') @CheckDigest(realm) index() {
        return 1;
      }
    }
    const features = [digest({ secretKey: SECRET, authMap: users() })];
    expect(await problemsOf([Bad], { features })).toEqual([
      expect.objectContaining({ code: 'E_SETTING', member: 'Bad.index' }),
    ]);
  });

  test('that the hashes of a realm are of another kind', async () => {
    const features = [digest({ secretKey: SECRET, authMap: users('MD5') })];
    const [problem] = await problemsOf([Zones], { features });
    expect(problem?.code).toBe('E_SETTING');
    expect(problem?.message).toContain(
      'authMap has no user in the realm "User Zone" with a hash for SHA-256. Set authAlgorithm to what the hashes were ' +
        'made with (those of 32 digits with MD5), or make new ones: obol digest -s.',
    );
  });
});

test('nothing that is printed shows a secret, a user or a hash', async () => {
  const settings = digest({ secretKey: SECRET, authMap: users() });
  const { app: application } = await start(Zones, { features: [settings] });
  const printed = inspect([settings, users(), application], { depth: Infinity, showHidden: true });
  expect(printed).not.toContain(SECRET);
  expect(printed).not.toContain('Ondřej');
  expect(printed).not.toContain(hexdigest('user', 'User Zone', 'looser', 'SHA-256'));
  expect(JSON.stringify([settings, users()])).toBe(
    '[{"providers":[{"useValue":{}},{"useValue":{}}],"middleware":[null],"needs":[]},{}]',
  );
});

test('an error behind the guard logs no credentials', async () => {
  @Controller()
  class Crashing {
    @Get('/zone') @CheckDigest('User Zone') zone() {
      throw new Error('crash');
    }
  }
  const { client, logger } = await start(Crashing, {
    debug: true,
    features: [digest({ secretKey: SECRET, authMap: users() })],
  });
  const response = await login(client, USER);
  const text = (await response.text()) + logger.errors.join();
  expect(response.status).toBe(500);
  for (const secret of ['looser', SECRET, 'cnonce', 'response=']) expect(text).not.toContain(secret);
});
