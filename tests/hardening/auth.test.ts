/** Flaws that servers were known for when they ask who somebody is, over real connections: rows A1 to A8. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { abort, bootstrap, Controller, Get, type Request } from 'obol';
import { request, TestClient } from 'obol/testing';
import {
  CheckBasic,
  CheckBearer,
  CheckDigest,
  cookieLogin,
  digest,
  hashToken,
  hexdigest,
  PasswordMap,
  StaticTokens,
  Tickets,
  type DigestOptions,
} from 'obol/auth';
import { csrf } from 'obol/csrf';
import { basicAuth } from '../../src/cli/basic-auth.js';
import {
  authorization,
  compute,
  parseChallenge,
  type Answer,
  type Challenge,
} from '../features/auth/digest/digest-client.js';
import { collectingLogger, type CollectingLogger } from '../support/collecting-logger.js';
import { RawClient, type RawResponse } from '../support/raw-client.js';

const TOKEN = 'pXg1cP0m7lHqJ3sY9vZ2tN8wD5kR4bTf6uQeA1iOyLs';
const tokens = new StaticTokens([{ hash: hashToken(TOKEN), user: 'ci' }]);
const passwords = new Map([
  ['me', 'secret'],
  ['colons', 'a:b::c'],
  ['empty', ''],
  ['Zoë', 'pässwörd'],
  ['__proto__', 'secret'],
]);
const users = { verify: (user: string, password: string) => passwords.get(user) === password };

@Controller()
class Zones {
  @Get('/dig/f.txt') @CheckDigest('zone') file(req: Request) {
    return { user: req.user };
  }
  @Get('/x/dig/f.txt') @CheckDigest('zone') longer(req: Request) {
    return { user: req.user };
  }
  @Get('/') @CheckDigest('zone') root(req: Request) {
    return { user: req.user };
  }
  @Get('/other') @CheckDigest('other zone') other(req: Request) {
    return { user: req.user };
  }
  @Get('/basic') @CheckBasic('zone', users, { throttle: false }) basic(req: Request) {
    return { user: req.user };
  }
  @Get('/bearer') @CheckBearer(tokens) bearer(req: Request) {
    return { user: req.user };
  }
  @Get('/abort') aborted() {
    abort(401);
  }
}

const SECRET = 'f3b1c2d4e5a697887960514233241506'.repeat(2);
const PATH = '/dig/f.txt';
const ME: Answer = { user: 'me', password: 'secret', uri: PATH };

interface Zone {
  readonly port: number;
  readonly logger: CollectingLogger;
  ask(target: string, authorization?: string, method?: string): Promise<RawResponse>;
  challenge(target?: string): Promise<Challenge>;
  close(): Promise<void>;
}

async function zone(options: Partial<DigestOptions> = {}): Promise<Zone> {
  const authMap = new PasswordMap();
  for (const realm of ['zone', 'other zone'])
    authMap.set(realm, 'me', [hexdigest('me', realm, 'secret'), hexdigest('me', realm, 'secret', 'SHA-256')]);
  const logger = collectingLogger();
  const settings = { secretKey: SECRET, authMap, throttle: false as const, ...options };
  const app = await bootstrap({ controllers: [Zones], logger, features: [digest(settings)] });
  const server = await app.listen({ port: 0, signals: false, drainLinger: 20, drainTimeout: 500 });
  const ask: Zone['ask'] = async (target, header, method = 'GET') => {
    const client = await RawClient.connect(server.port);
    try {
      const fields = header === undefined ? [] : [`Authorization: ${header}`];
      return await client.request(`${method} ${target}`, fields).response(method);
    } finally {
      client.destroy();
    }
  };
  const challenge: Zone['challenge'] = async (target = PATH) =>
    parseChallenge((await ask(target)).header('www-authenticate') ?? '');
  return { port: server.port, logger, ask, challenge, close: () => server.close() };
}

let server: Zone;

beforeAll(async () => {
  server = await zone();
});

afterAll(() => server.close());

/** What a refusal says, without what is new each time. */
function refusal({ status, fields, text }: RawResponse): unknown {
  const told = fields
    .filter(([name]) => name !== 'date')
    .map(([name, value]) => [name, value.replace(/nonce="[^"]+"/, 'nonce')]);
  return { status, told, text };
}

test('a right answer is let in', async () => {
  const response = await server.ask(PATH, authorization(await server.challenge(), ME));
  expect([response.status, response.text]).toEqual([200, '{"user":"me"}']);
});

describe('A1 a response that is nearly right', () => {
  test.each([
    ['the last digit', (text: string) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')],
    ['the first digit', (text: string) => (text.startsWith('0') ? '1' : '0') + text.slice(1)],
    ['a byte less', (text: string) => text.slice(0, -2)],
    ['a byte more', (text: string) => `${text}00`],
    ['all zeros', (text: string) => '0'.repeat(text.length)],
    ['half of it', (text: string) => text.slice(0, 32)],
  ])('differs in %s: 401', async (_name, change) => {
    const challenge = await server.challenge();
    const { response = '' } = compute(challenge, ME);
    const header = authorization(challenge, { ...ME, sent: { response: `"${change(response)}"` } });
    expect((await server.ask(PATH, header)).status).toBe(401);
  });
});

describe('A1 a bearer token that is nearly right', () => {
  test('is let in when it is right', async () => {
    expect((await server.ask('/bearer', `Bearer ${TOKEN}`)).text).toBe('{"user":"ci"}');
  });

  test.each([
    ['another last character', `${TOKEN.slice(0, -1)}t`],
    ['another first character', `q${TOKEN.slice(1)}`],
    ['a character less', TOKEN.slice(0, -1)],
    ['a character more', `${TOKEN}A`],
    ['padding', `${TOKEN}=`],
    ['its first half', TOKEN.slice(0, 21)],
    ['itself twice', TOKEN + TOKEN],
    ['other letter case', TOKEN.toLowerCase()],
    ['its hash', hashToken(TOKEN)],
    ['nothing', ''],
  ])('with %s: 401', async (_name, token) => {
    expect((await server.ask('/bearer', `Bearer ${token}`)).status).toBe(401);
  });
});

describe('A1 a Basic password that is nearly right', () => {
  const right = { user: 'me', password: 'secret' };
  const wrong = [
    'secre',
    'secret ',
    'secrett',
    'Secret',
    'secreu',
    'tecret',
    'secretsecret',
    '',
    's',
    ':secret',
  ];

  test.each(wrong)('%j: 401, behind the guard and in obol serve', async (password) => {
    const header = basic(`me:${password}`);
    expect((await server.ask('/basic', header)).status).toBe(401);
    expect(() => served(right, header)).toThrow('A name and a password are needed here');
  });
});

describe('A4 a secret that others can find out is refused, and not shown', () => {
  const weak = [
    '',
    'hunter2',
    'k'.repeat(64),
    'your-secret-key-at-least-32-characters',
    'f3b1c2d4e5a69788'.repeat(2),
  ];
  const makers: [string, (secret: string) => unknown][] = [
    ['digest', (secretKey) => digest({ secretKey, authMap: new PasswordMap() })],
    ['cookieLogin', (key) => cookieLogin({ keys: [key] })],
    ['cookieLogin, an old key', (key) => cookieLogin({ keys: [SECRET, key] })],
    ['Tickets', (secret) => new Tickets([secret], 'SHA256')],
    ['csrf', (key) => csrf({ key })],
  ];

  test.each(makers.flatMap(([name, make]) => weak.map((secret) => [name, secret, make] as const)))(
    'by %s: %j',
    (_name, secret, make) => {
      const refused = expect.objectContaining({
        code: 'E_SETTING',
        message: expect.stringMatching(/must hold at least 32 random bytes, the same in every process/),
      }) as unknown as Error;
      expect(() => make(secret)).toThrow(refused);
      if (secret !== '') expect(() => make(secret)).not.toThrow(secret);
      expect(() => make(SECRET)).not.toThrow();
    },
  );
});

describe('A2, A4 an invented nonce', () => {
  const invented = [
    'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    'A'.repeat(40),
    Buffer.alloc(30, 0xff).toString('base64url'),
    Buffer.from(`${String(Date.now())}:x`).toString('base64'),
    '',
  ];
  test.each(invented)('%j is not let in, and is not called stale', async (nonce) => {
    const challenge = { ...(await server.challenge()), nonce };
    const response = await server.ask(PATH, authorization(challenge, ME));
    expect(response.status).toBe(401);
    expect(response.header('www-authenticate')).not.toContain('stale');
  });

  test('of a server with another secret is not let in', async () => {
    const other = await zone({ secretKey: 'another secret of thirty-two bytes' });
    try {
      const response = await server.ask(PATH, authorization(await other.challenge(), ME));
      expect(response.status).toBe(401);
      expect(response.header('www-authenticate')).not.toContain('stale');
    } finally {
      await other.close();
    }
  });

  test('of another realm is not let in', async () => {
    const challenge = { ...(await server.challenge('/other')), realm: 'zone' };
    expect((await server.ask(PATH, authorization(challenge, ME))).status).toBe(401);
  });
});

describe('A3 the same credentials a second time', () => {
  test('are refused as stale, on the same and on another connection, for ever', async () => {
    const header = authorization(await server.challenge(), ME);
    expect((await server.ask(PATH, header)).status).toBe(200);
    const client = await RawClient.connect(server.port);
    for (let i = 0; i < 3; i++) {
      const response = await client.request(`GET ${PATH}`, [`Authorization: ${header}`]).response();
      expect(response.status).toBe(401);
      expect(response.header('www-authenticate')).toContain('stale=true');
    }
    client.destroy();
    expect((await server.ask(PATH, header)).status).toBe(401);
  });

  test('are refused when a hundred come at once: one is let in', async () => {
    const header = authorization(await server.challenge(), ME);
    const answers = await Promise.all(Array.from({ length: 100 }, () => server.ask(PATH, header)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(99);
  });
});

describe('A5 credentials for another target', () => {
  test.each([
    ['/x/dig/f.txt', PATH],
    [PATH, '/x/dig/f.txt'],
    ['/', PATH],
    [PATH, `${PATH}?a=1`],
    [`${PATH}?a=1`, PATH],
    [`${PATH}?a=1`, `${PATH}?a=2`],
    ['/%64ig/f.txt', PATH],
    [PATH, '/%64ig/f.txt'],
    ['http://evil.example/dig/f.txt', PATH],
    ['http://localhost/x/dig/f.txt', PATH],
    ['http://localhost@evil.example/dig/f.txt', PATH],
    ['//localhost/dig/f.txt', PATH],
    ['dig/f.txt', PATH],
    ['f.txt', PATH],
    ['*', PATH],
  ])('a digest for %s does not open %s', async (uri, target) => {
    const header = authorization(await server.challenge(), { ...ME, uri });
    expect((await server.ask(target, header)).status).toBe(401);
  });

  test('a digest for an absolute target opens it', async () => {
    const uri = 'http://localhost/dig/f.txt';
    const header = authorization(await server.challenge(), { ...ME, uri });
    expect((await server.ask(uri, header)).status).toBe(200);
  });
});

describe('A6 a downgrade', () => {
  test('to RFC 2069, without qop, is refused', async () => {
    const header = authorization(await server.challenge(), {
      ...ME,
      sent: { qop: undefined, nc: undefined, cnonce: undefined },
    });
    expect((await server.ask(PATH, header)).status).toBe(401);
  });

  test('the example of RFC 2069 is refused', async () => {
    const header =
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
      'uri="/dir/index.html", response="1949323746fe6a43ef61f9606e7febea"';
    expect((await server.ask(PATH, header)).status).toBe(401);
  });

  test('to an algorithm that was not offered, though the user has a hash for it, is refused', async () => {
    const challenge = await server.challenge();
    for (const algorithm of ['MD5', 'SHA-256-sess', 'SHA-512-256'])
      expect((await server.ask(PATH, authorization({ ...challenge, algorithm }, ME))).status).toBe(401);
    const header = authorization(
      { ...challenge, algorithm: 'MD5' },
      { ...ME, sent: { algorithm: undefined } },
    );
    expect((await server.ask(PATH, header)).status).toBe(401);
  });

  test('with the nonce of a stronger challenge is refused', async () => {
    const both = await zone({ authAlgorithm: ['SHA-256', 'MD5'] });
    try {
      const challenge = await both.challenge();
      expect(challenge['algorithm']).toBe('SHA-256');
      const weaker = { ...challenge, algorithm: 'MD5' };
      expect((await both.ask(PATH, authorization(weaker, ME))).status).toBe(401);
      expect((await both.ask(PATH, authorization(challenge, ME))).status).toBe(200);
    } finally {
      await both.close();
    }
  });

  test('to auth-int where it was not offered is refused', async () => {
    const header = authorization(await server.challenge(), { ...ME, qop: 'auth-int' });
    expect((await server.ask(PATH, header)).status).toBe(401);
  });
});

describe('A7 whatever is wrong', () => {
  /** What is sent in answer to a challenge. */
  const wrong: [string, (challenge: Challenge) => string | undefined][] = [
    ['nothing', () => undefined],
    ['an unknown user', (challenge) => authorization(challenge, { ...ME, user: 'nobody' })],
    ['a user called __proto__', (challenge) => authorization(challenge, { ...ME, user: '__proto__' })],
    ['a wrong password', (challenge) => authorization(challenge, { ...ME, password: 'wrong' })],
    ['a wrong realm', (challenge) => authorization({ ...challenge, realm: 'other zone' }, ME)],
    [
      'an unknown algorithm',
      (challenge) => authorization(challenge, { ...ME, sent: { algorithm: 'SHA-1' } }),
    ],
    ['an unknown qop', (challenge) => authorization(challenge, { ...ME, sent: { qop: 'auth-conf' } })],
    ['another method', (challenge) => authorization(challenge, { ...ME, method: 'POST' })],
    ['an empty response', (challenge) => authorization(challenge, { ...ME, sent: { response: '""' } })],
    ['no cnonce', (challenge) => authorization(challenge, { ...ME, sent: { cnonce: undefined } })],
    ['no uri', (challenge) => authorization(challenge, { ...ME, sent: { uri: undefined } })],
    ['the scheme alone', () => 'Digest'],
    ['another scheme', () => 'Basic bWU6c2VjcmV0'],
    ['a scheme nobody knows', () => 'Foo bar="baz"'],
    ['nonsense', () => '\xff=,'],
  ];

  test.each(wrong)('%s is answered the same 401', async (_name, answer) => {
    const challenge = await server.challenge();
    expect(refusal(await server.ask(PATH, answer(challenge)))).toEqual(refusal(await server.ask(PATH)));
  });

  test.each([
    ['an unterminated quote', 'Digest username="me'],
    ['700 parameters', `Digest ${Array.from({ length: 700 }, (_, i) => `p${String(i)}=1`).join()}`],
    ['a user of 4 KiB', `Digest username="${'a'.repeat(4096)}"`],
    ['two of a kind', 'Digest username="a", username="b"'],
  ])('%s is answered 400', async (_name, header) => {
    const { status, text } = await server.ask(PATH, header);
    expect(status).toBe(400);
    expect(text).not.toContain('aaaa');
  });

  test('nothing of all that is logged', () => {
    expect([server.logger.errors, server.logger.warnings]).toEqual([[], []]);
  });

  test('an unknown user takes as long as a known one', async () => {
    const timeOf = await wrongPasswords();
    const known: number[] = [];
    const unknown: number[] = [];
    // In turn, so that a busy machine slows down both.
    for (let i = 0; i < 400; i++) {
      known.push(await timeOf('me'));
      unknown.push(await timeOf('nobody'));
    }
    const median = (times: number[]): number => times.slice(200).sort((a, b) => a - b)[100] ?? NaN;
    const ratio = median(unknown) / median(known);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});

/** What `obol serve` with these credentials makes of a header: the user, or what it throws. */
function served(credentials: { user: string; password: string }, header: string): unknown {
  const asked = request('/', { headers: { Authorization: header } });
  void basicAuth(credentials)(asked, () => null as never);
  return asked.user;
}

function basic(credentials: string | Uint8Array, scheme = 'Basic'): string {
  return `${scheme} ${Buffer.from(credentials).toString('base64')}`;
}

describe('A8 Basic credentials', () => {
  test.each([
    [basic('me:secret'), 'me', 'secret'],
    [basic('me:secret', 'basic'), 'me', 'secret'],
    [basic('me:secret', 'BASIC'), 'me', 'secret'],
    [basic('me:secret', 'bAsIc   '), 'me', 'secret'],
    [`${basic('me:secret')}  `, 'me', 'secret'],
    [basic('colons:a:b::c'), 'colons', 'a:b::c'],
    [basic('empty:'), 'empty', ''],
    [basic('Zoë:pässwörd'), 'Zoë', 'pässwörd'],
    [basic('Zoe\u0308:pässwörd'), 'Zoë', 'pässwörd'],
    [basic('__proto__:secret'), '__proto__', 'secret'],
  ])('%s are of %s', async (header, user, password) => {
    const response = await server.ask('/basic', header);
    expect([response.status, JSON.parse(response.text)]).toEqual([200, { user }]);
    expect(served({ user, password }, header)).toBe(user);
  });

  const bytes = (...parts: (string | number)[]): Buffer =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));

  test.each([
    ['no token', 'Basic'],
    ['no token but blanks', 'Basic   '],
    ['a token without the blank', `Basic${Buffer.from('me:secret').toString('base64')}`],
    ['no base64', 'Basic ####'],
    ['half base64', 'Basic bWU6c2Vjcm'],
    ['base64 and rubbish', 'Basic bWU6c2VjcmV0!'],
    ['base64 with a blank in it', 'Basic bWU6 c2VjcmV0'],
    ['base64 padded too much', 'Basic bWU6c2VjcmV0===='],
    ['base64 with padding in it', 'Basic bWU=OnNlY3JldA=='],
    ['the credentials as they are', 'Basic me:secret'],
    ['two tokens', 'Basic bWU6c2VjcmV0 bWU6c2VjcmV0'],
    ['a list', 'Basic bWU6c2VjcmV0, Basic bWU6c2VjcmV0'],
    ['parameters', 'Basic user="me", password="secret"'],
    ['quotes', 'Basic "bWU6c2VjcmV0"'],
    ['another scheme', basic('me:secret', 'Bearer')],
    ['a scheme that begins alike', basic('me:secret', 'Basics')],
    ['no scheme', 'bWU6c2VjcmV0'],
    ['no colon', basic('mesecret')],
    ['a colon that is encoded', basic('me%3Asecret')],
    ['nothing but a colon', basic(':')],
    ['an empty user', basic(':secret')],
    ['a user that ends where the password does', basic('me:secret:')],
    ['a colon of two bytes', basic(bytes('me', 0xc0, 0xba, 'secret'))],
    ['Latin-1', basic(Buffer.from('Zoë:pässwörd', 'latin1'))],
    ['UTF-8 cut short', basic(bytes('me:secret', 0xc3))],
    ['a surrogate', basic(bytes('me:secret', 0xed, 0xa0, 0x80))],
    ['a byte order mark', basic('\ufeffme:secret')],
    ['UTF-16', basic(Buffer.from('me:secret', 'utf16le'))],
    ['a zero byte', basic('me\0:secret')],
    ['a zero byte behind', basic('me:secret\0')],
    ['a line break', basic('me:secret\n')],
    ['a delete character', basic('me:secret\x7f')],
    ['another user', basic('you:secret')],
    ['the user in capitals', basic('ME:secret')],
    ['1,025 bytes', basic(`me:${'x'.repeat(1022)}`)],
    ['12 KiB', `Basic ${'A'.repeat(12_288)}`],
    ['bytes that are no text', 'Basic \xff\xfe'],
  ])('with %s are none: 401, and nothing else', async (_name, header) => {
    const nothing = await server.ask('/basic');
    expect(nothing.header('www-authenticate')).toBe('Basic realm="zone", charset="UTF-8"');
    expect(refusal(await server.ask('/basic', header))).toEqual(refusal(nothing));
    expect(() => served({ user: 'me', password: 'secret' }, header)).toThrow(
      expect.objectContaining({ status: 401 }),
    );
  });

  test('two headers are none', async () => {
    const client = await RawClient.connect(server.port);
    const fields = [`Authorization: ${basic('me:secret')}`, `authorization: ${basic('me:secret')}`];
    expect((await client.request('GET /basic', fields).response()).status).toBe(401);
    client.destroy();
  });
});

test('W27 a handler that aborts with 401 answers just that, and logs nothing', async () => {
  const { status, text } = await server.ask('/abort');
  expect([status, text.includes('401'), server.logger.errors]).toEqual([401, true, []]);
});

/** Tells how many milliseconds the answer to a wrong password takes, without sockets. */
async function wrongPasswords(): Promise<(user: string) => Promise<number>> {
  const authMap = new PasswordMap();
  for (const realm of ['zone', 'other zone'])
    authMap.set(realm, 'me', hexdigest('me', realm, 'secret', 'SHA-256'));
  const features = [digest({ secretKey: SECRET, authMap, throttle: false })];
  const client = new TestClient(await bootstrap({ controllers: [Zones], features }));
  const challenge = parseChallenge((await client.get(PATH)).headers.get('www-authenticate') ?? '');
  return async (user) => {
    const headers = { Authorization: authorization(challenge, { ...ME, user, password: 'wrong' }) };
    const start = performance.now();
    const { status } = await client.get(PATH, { headers });
    const time = performance.now() - start;
    expect(status).toBe(401);
    return time;
  };
}
